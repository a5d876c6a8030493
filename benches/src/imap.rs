//! What an IMAP server and an IMAP client say.
use crate::{Seed, Units};
use bytes::Bytes;

/// `FETCH (UID FLAGS MODSEQ)` of 10,000 messages: what a client reads that looks for changes.
pub fn flags() -> Units {
    let mut seed = Seed::new(1);
    let mut uid = 100_000;
    Units::new((1..=10_000).map(|number| {
        uid += 1 + seed.below(5);
        let flags =
            seed.one(&["\\Seen", "\\Seen", "\\Seen \\Answered", "", "\\Seen $Forwarded", "\\Flagged \\Seen"]);
        let mod_seq = 7_000_000_000 + seed.below(1_000_000_000);
        format!("* {number} FETCH (UID {uid} FLAGS ({flags}) MODSEQ ({mod_seq}))\r\n")
    }))
}

/// `FETCH (UID ENVELOPE INTERNALDATE RFC822.SIZE)` of 200 messages, about 580 octets each: what fills a list.
pub fn envelopes() -> Units {
    let mut seed = Seed::new(2);
    Units::new((1..=200).map(|number| {
        let mut person = || {
            let (name, host) = (seed.word(5), seed.word(8));
            format!("(\"{} {name}\" NIL \"{name}\" \"cac.{host}.edu\")", seed.word(5))
        };
        let (from, to, cc, another) = (person(), person(), person(), person());
        let (id, parent) = (seed.below(100_000_000), seed.below(100_000_000));
        let date = format!("{} Jul 1996 02:23:{:02} -0700 (PDT)", 10 + seed.below(20), seed.below(60));
        let subject = format!("{} mtg summary and {} of the meeting", seed.word(10), seed.word(7));
        format!(
            "* {number} FETCH (UID {} ENVELOPE (\"Wed, {date}\" \"{subject}\" ({from}) ({from}) ({from}) ({to}) \
             ({cc}{another}) NIL \"<B{parent:08}-0100000@cac.washington.edu>\" \
             \"<B{id:08}-0100000@cac.washington.edu>\") INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
             RFC822.SIZE {})\r\n",
            4_000_000 + number,
            1000 + seed.below(9000),
        )
    }))
}

/// `FETCH (BODYSTRUCTURE)` of 200 messages with an alternative, a picture and a document, about 700 octets each.
pub fn structures() -> Units {
    let mut seed = Seed::new(3);
    Units::new((1..=200).map(|number| {
        let (name, size) = (seed.word(6), 1000 + seed.below(100_000));
        format!(
            "* {number} FETCH (BODYSTRUCTURE (((\"text\" \"plain\" (\"charset\" \"utf-8\" \"format\" \"flowed\") NIL NIL \
             \"quoted-printable\" 1152 23 NIL NIL NIL NIL)(\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \
             \"quoted-printable\" 4554 73 NIL NIL NIL NIL) \"alternative\" (\"boundary\" \"----=_Part_{:06}_7890\") \
             NIL NIL NIL)(\"image\" \"png\" (\"name\" \"{name}.png\") \"<{name}@example.org>\" NIL \"base64\" {size} NIL \
             (\"inline\" (\"filename\" \"{name}.png\")) NIL NIL)(\"application\" \"pdf\" (\"name\" \"report.pdf\") NIL \
             \"the report\" \"base64\" 145540 NIL (\"attachment\" (\"filename\" \"report.pdf\" \"size\" \"106000\")) \
             NIL NIL) \"mixed\" (\"boundary\" \"----=_Part_{:07}_321\") NIL NIL NIL))\r\n",
            seed.below(1_000_000),
            seed.below(10_000_000),
        )
    }))
}

/// `LIST` of 1,000 mailboxes.
pub fn mailboxes() -> Units {
    let mut seed = Seed::new(4);
    Units::new((0..1000).map(|number| {
        let year = 2000 + seed.below(25);
        format!("* LIST (\\HasNoChildren) \"/\" \"Archive/{year}/Folder {number}\"\r\n")
    }))
}

/// `SEARCH` that finds 64,000 messages, on one line.
pub fn search() -> Units {
    let mut seed = Seed::new(5);
    let mut uid = 100_000;
    let mut line = String::from("* SEARCH");
    for _ in 0..64_000 {
        uid += 1 + seed.below(13);
        line += &format!(" {uid}");
    }
    Units::new([line + "\r\n"])
}

/// What a server says around a SELECT.
pub fn statuses() -> Units {
    Units::new(
        [
            "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n",
            "A142 OK [READ-WRITE] SELECT completed\r\n",
            "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited\r\n",
            "* OK [UIDNEXT 4392] Predicted next UID\r\n",
            "* CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS AUTH=PLAIN AUTH=LOGIN \
             NAMESPACE UIDPLUS\r\n",
        ]
        .map(String::from),
    )
}

/// `EXISTS`, 1,000 times.
pub fn exists() -> Units {
    let mut seed = Seed::new(6);
    Units::new((0..1000).map(|_| format!("* {} EXISTS\r\n", 1 + seed.below(10_000))))
}

/// Commands as clients mix them.
pub fn commands() -> Units {
    Units::new(
        [
            "a001 NOOP\r\n",
            "a002 LOGIN joe password\r\n",
            "a003 SELECT INBOX\r\n",
            "a004 UID FETCH 1:* (UID FLAGS)\r\n",
            "a005 FETCH 1:50 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE \
             BODY.PEEK[HEADER.FIELDS (References In-Reply-To)])\r\n",
            "a006 UID STORE 17,19:25 +FLAGS.SILENT (\\Deleted \\Seen)\r\n",
            "a007 UID SEARCH UNSEEN SINCE 1-Feb-1994 FROM \"Smith\"\r\n",
            "a008 LIST \"\" \"*\"\r\n",
            "a009 STATUS \"Sent Items\" (MESSAGES UNSEEN UIDNEXT)\r\n",
            "a010 UID COPY 1:9 Trash\r\n",
        ]
        .map(String::from),
    )
}

/// Octets of a message: printable, in lines.
pub fn body(octets: usize) -> Vec<u8> {
    let line = b"The quick brown fox jumps over the lazy dog, and the dog does not mind at all.\r\n";
    line.iter().copied().cycle().take(octets).collect()
}

/// A FETCH with one literal of so many octets.
pub fn literal(octets: usize) -> Bytes {
    let mut unit = format!("* 12 FETCH (UID 4827 BODY[] {{{octets}}}\r\n").into_bytes();
    unit.extend(body(octets));
    unit.extend_from_slice(b" FLAGS (\\Seen))\r\n");
    unit.into()
}

/// A FETCH with 200 literals of 5,000 octets.
pub fn literals() -> Bytes {
    let mut unit = b"* 12 FETCH (UID 4827".to_vec();
    for part in 1..=200 {
        unit.extend(format!(" BODY[{part}] {{5000}}\r\n").into_bytes());
        unit.extend(body(5000));
    }
    unit.extend_from_slice(b")\r\n");
    unit.into()
}

/// An APPEND with a message of so many octets.
pub fn append(octets: usize) -> Bytes {
    let mut unit =
        format!("a1 APPEND Sent (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {{{octets}+}}\r\n").into_bytes();
    unit.extend(body(octets));
    unit.extend_from_slice(b"\r\n");
    unit.into()
}
