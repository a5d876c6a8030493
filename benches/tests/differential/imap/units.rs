//! Units of IMAP that are valid.
use benches::Seed;

const MAILBOXES: &[&str] =
    &["INBOX", "Sent", "\"a b\"", "inbox", "Archive/2020", "\"Entw&APw-rfe\"", "{5}\r\na (b)"];
const STRINGS: &[&str] = &["\"hi\"", "\"\"", "\"a \\\"b\\\" \\\\ c\"", "{3}\r\na\"b", "\"x (y)\"", "{0}\r\n"];
const FLAGS: &[&str] = &[
    "\\Seen",
    "\\Answered",
    "\\Flagged",
    "\\Deleted",
    "\\Draft",
    "$Forwarded",
    "keyword",
    "\\Other",
    "Junk",
];
const SETS: &[&str] = &["1", "1:4", "1,3:5", "*", "2:*", "1:4294967295", "5:3"];
const DATES: &[&str] =
    &["17-Jul-1996 02:44:25 -0700", " 1-Feb-2004 00:00:00 +0000", "31-Dec-1999 23:59:59 +0530"];

/// Commands that are seldom made.
pub(super) const SELDOM_COMMANDS: &[&[u8]] = &[
    b"a1 STORE 1 FLAGS (\\Recent)\r\n",
    b"a1 LOGIN ~{3}\r\njoe x\r\n",
    b"a1 APPEND Sent {5}\r\nhell\0\r\n",
    b"a1 UID COPY 1:4294967295 4294967295\r\n",
    b"a1 APPEND Sent {1}\r\na {1}\r\nb\r\n",
    b"a1 SEARCH LARGER 4294967296\r\n",
    b"a1 SEARCH CHARSET UTF]8 ALL\r\n",
    b"a1 APPEND Sent \" 1-Feb-2004 00:00:00 +9000\" {1}\r\na\r\n",
    b"a1 FETCH 9,3:5 FLAGS\r\n",
    b"a1 FETCH $ FLAGS\r\n",
    b"a1 APPEND Sent \" 1-Feb-2004 00:00:00 +0590\" {1}\r\na\r\n",
    b"a1 AUTHENTICATE PLAIN \r\n",
];

/// Responses that are seldom made, some of them seen at servers.
pub(super) const SELDOM_RESPONSES: &[&[u8]] = &[
    b"* CAPABILITY\r\n",
    b"* LIST () \"/\" ~{1}\r\na\r\n",
    b"* LIST () \"/\" a (CHILDINFO (\"SUBSCRIBED\"))\r\n",
    b"+\r\n",
    b"+idling\r\n",
    b"* ID ()\r\n",
    b"* NO [BADCHARSET (UTF-])] x\r\n",
    b"* 1 FETCH (RFC822.TEXT {0+}\r\n)\r\n",
    b"* OK [HIGHESTMODSEQ 123]\r\n",
    b"* OK [PARSE]\xc3\xa9\r\n",
    b"* OK [PARSE]x\r\n",
    b"a1 OK\r\n",
    b"* OK [X-OTHER 3\xa9] done\r\n",
    b"* STATUS INBOX ()\r\n",
    b"* SEARCH 1 2 3 \r\n",
    b"* ID (\"name\" \"x\" )\r\n",
    b"* 1 FETCH (UID 7 FLAGS (\\Seen)  RFC822.SIZE 10)\r\n",
    b"* FLAGS (\\Answered \\Seen \\*)\r\n",
    b"* OK [PERMANENTFLAGS (\\Seen \\* )] ok\r\n",
    b"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"7BIT\" -1))\r\n",
    b"* 1 FETCH (MODSEQ (-1))\r\n",
    b"* OK [UIDNEXT 0] x\r\n",
    b"* 0 FETCH (FLAGS ())\r\n",
    b"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" (\"c\" NIL) NIL NIL NIL 10))\r\n",
    b"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"7bit\" 10 NIL (\"inline\") \"en\"))\r\n",
    b"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"7bit\" 10 NIL NIL NIL NIL 1 2))\r\n",
    b"* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" NIL NIL NIL \"7bit\" 10 NIL NIL NIL NIL (007)))\r\n",
    b"* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL \"a\" \"b\") (NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))\r\n",
    b"* 1 FETCH (ENVELOPE (NIL NIL () NIL NIL NIL NIL NIL NIL NIL))\r\n",
    b"* 1 FETCH (ENVELOPE (NIL \"\xc3\xa9\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n",
    b"* LIST (\\Noselect) \"/\" NIL\r\n",
    b"* LIST (\\Sent~) \"/\" x\r\n",
    b"* QUOTA \"\" (STORAGE 54  111)\r\n",
    b"* QUOTA x (MESSAGES 1 2)\r\n",
    b"* 1 FETCH (RFC822.SIZE 5000000000)\r\n",
    b"* 1 FETCH (RFC822 ~{3}\r\nabc)\r\n",
    b"* 1 FETCH (BODY[HEADER.FIELDS ()] \"x\")\r\n",
    b"* 1 FETCH (INTERNALDATE NIL)\r\n",
    b"* 1 FETCH (INTERNALDATE \" 1-Feb-2004 00:00:00 +9000\")\r\n",
    b"* 1 FETCH (INTERNALDATE \"4-Jan-2015 16:53:35 +0800\")\r\n",
    b"* 1 FETCH (INTERNALDATE \" 1-Feb-2004 00:00:00 +0590\")\r\n",
    b"* CAPABILITY IMAP4rev1+ IMAP4rev1\r\n",
    b"* CAPABILITY IMAP4rev2 IDLE\r\n",
    b"* CAPABILITY IMAP4rev1 LITERAL + IDLE\r\n",
    b"* VANISHED 1:*\r\n",
    b"* VANISHED 1:4294967295\r\n",
    b"* NOOP\r\n",
];

fn nstring(seed: &mut Seed) -> String {
    if seed.below(3) == 0 { "NIL".into() } else { seed.one(STRINGS).into() }
}

fn list(seed: &mut Seed, of: &[&str]) -> String {
    let items: Vec<&str> = (0..seed.below(4)).map(|_| seed.one(of)).collect();
    format!("({})", items.join(" "))
}

fn several(seed: &mut Seed, of: &[&str]) -> String {
    let items: Vec<&str> = (0..1 + seed.below(3)).map(|_| seed.one(of)).collect();
    items.join(" ")
}

/// A command.
pub(super) fn command(seed: &mut Seed) -> Vec<u8> {
    let (mailbox, set) = (seed.one(MAILBOXES), seed.one(SETS));
    let uid = seed.one(&["", "UID "]);
    let command = match seed.below(24) {
        0 => seed.one(&["NOOP", "CAPABILITY", "LOGOUT", "STARTTLS", "noop"]).into(),
        1 => seed.one(&["CHECK", "CLOSE", "EXPUNGE", "UNSELECT", "IDLE", "NAMESPACE"]).into(),
        2 => format!("LOGIN {} {}", seed.one(&["joe", "\"joe\"", "{3}\r\njoe"]), seed.one(STRINGS)),
        3 => {
            format!("AUTHENTICATE {}", seed.one(&["PLAIN", "login", "PLAIN dGVzdAB0ZXN0AHRlc3Q=", "PLAIN ="]))
        }
        4 | 5 => {
            let verb =
                seed.one(&["SELECT", "EXAMINE", "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE", "select"]);
            format!("{verb} {mailbox}")
        }
        6 => format!("RENAME {mailbox} {}", seed.one(MAILBOXES)),
        7 => format!(
            "{} {} {}",
            seed.one(&["LIST", "LSUB"]),
            seed.one(&["\"\"", "a/"]),
            seed.one(&["*", "\"%\"", "a*", mailbox])
        ),
        8 => format!(
            "STATUS {mailbox} ({})",
            several(seed, &["MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN"])
        ),
        9 | 10 => {
            let date = match seed.below(2) {
                0 => String::new(),
                _ => format!(" \"{}\"", seed.one(DATES)),
            };
            let flags = match seed.below(2) {
                0 => String::new(),
                _ => format!(" {}", list(seed, FLAGS)),
            };
            format!("APPEND {mailbox}{flags}{date} {}", seed.one(&["{5}\r\nhello", "{5+}\r\nhello"]))
        }
        11..=14 => {
            let items = [
                "FLAGS",
                "UID",
                "ENVELOPE",
                "INTERNALDATE",
                "RFC822.SIZE",
                "BODY",
                "BODYSTRUCTURE",
                "BODY[]",
                "BODY.PEEK[]",
                "BODY[TEXT]",
                "BODY[1.2.MIME]",
                "BODY[HEADER.FIELDS (From \"To\")]",
                "BODY.PEEK[1]<0.100>",
                "RFC822",
                "RFC822.HEADER",
                "RFC822.TEXT",
            ];
            let what = match seed.below(4) {
                0 => seed.one(&["ALL", "FAST", "FULL", "fast"]).into(),
                1 => seed.one(&items).into(),
                _ => format!("({})", several(seed, &items)),
            };
            format!("{uid}FETCH {set} {what}")
        }
        15 | 16 => {
            let action = seed.one(&["FLAGS", "+FLAGS", "-FLAGS", "+FLAGS.SILENT", "FLAGS.SILENT"]);
            let flags = match seed.below(3) {
                0 => several(seed, FLAGS),
                _ => list(seed, FLAGS),
            };
            format!("{uid}STORE {set} {action} {flags}")
        }
        17 => format!("{uid}{} {set} {mailbox}", seed.one(&["COPY", "MOVE"])),
        18..=21 => {
            let keys = [
                "ALL",
                "SEEN",
                "UNSEEN",
                "NEW",
                "OLD",
                "RECENT",
                "DELETED",
                "FROM joe",
                "SUBJECT \"a b\"",
                "TEXT {3}\r\nfoo",
                "SINCE 1-Feb-1994",
                "BEFORE \"01-Mar-2001\"",
                "LARGER 1000",
                "SMALLER 5",
                "UID 1:5",
                "2:4",
                "NOT SEEN",
                "OR SEEN (DELETED NEW)",
                "KEYWORD junk",
                "HEADER X-Y z",
                "(SEEN NEW)",
                "NOT (FROM x)",
                "SENTON 1-Jan-2020",
            ];
            let charset = seed.one(&["", "", "CHARSET UTF-8 "]);
            format!("{uid}SEARCH {charset}{}", several(seed, &keys))
        }
        22 => seed
            .one(&[
                "ID NIL",
                "ID (\"name\" \"x\")",
                "ENABLE CONDSTORE",
                "UID EXPUNGE 1:3",
                "COMPRESS DEFLATE",
            ])
            .into(),
        _ => seed.one(&["XOTHER a b", "GETQUOTAROOT INBOX", "SETACL INBOX joe lr"]).into(),
    };
    format!("{} {command}\r\n", seed.one(&["a1", "A142", "x.y", "1"])).into_bytes()
}

fn address(seed: &mut Seed) -> String {
    match seed.below(8) {
        0 => "(NIL NIL \"friends\" NIL)".into(),
        1 => "(NIL NIL NIL NIL)".into(),
        _ => format!("({} NIL \"joe\" \"example.org\")", nstring(seed)),
    }
}

fn addresses(seed: &mut Seed) -> String {
    match seed.below(3) {
        0 => "NIL".into(),
        count => format!("({})", (0..count).map(|_| address(seed)).collect::<String>()),
    }
}

fn envelope(seed: &mut Seed) -> String {
    let mut fields = vec![nstring(seed), nstring(seed)];
    fields.extend((0..6).map(|_| addresses(seed)));
    fields.extend([nstring(seed), nstring(seed)]);
    format!("({})", fields.join(" "))
}

fn parameters(seed: &mut Seed) -> &'static str {
    ["NIL", "(\"charset\" \"utf-8\")", "(\"name\" \"a b\" \"x\" {1}\r\ny)"][seed.below(3) as usize]
}

fn body(seed: &mut Seed, extended: bool, depth: u64) -> String {
    let fields = |seed: &mut Seed| {
        let encoding = seed.one(&["\"7bit\"", "\"BASE64\"", "\"quoted-printable\"", "\"x-enc\""]);
        format!("{} {} {} {encoding} {}", parameters(seed), nstring(seed), nstring(seed), seed.below(100_000))
    };
    let rest = |seed: &mut Seed, first: &str| {
        let disposition = ["NIL", "(\"attachment\" NIL)", "(\"inline\" (\"filename\" \"x.png\"))"];
        let language = ["NIL", "\"en\"", "(\"en\" \"de\")"];
        let mut rest = String::new();
        let parts = [first, seed.one(&disposition), seed.one(&language), "\"http://x\"", "(1 \"x\" NIL)"];
        for part in &parts[..if extended { seed.below(6) as usize } else { 0 }] {
            rest += " ";
            rest += part;
        }
        rest
    };
    match seed.below(if depth > 2 { 2 } else { 4 }) {
        0 => format!("(\"text\" \"plain\" {} {}{})", fields(seed), seed.below(1000), rest(seed, "NIL")),
        1 => format!("(\"image\" \"png\" {}{})", fields(seed), rest(seed, "\"md5\"")),
        2 => {
            let inner = body(seed, extended, depth + 1);
            format!(
                "(\"message\" \"rfc822\" {} {} {inner} 7{})",
                fields(seed),
                envelope(seed),
                rest(seed, "NIL")
            )
        }
        _ => {
            let parts: String = (0..1 + seed.below(2)).map(|_| body(seed, extended, depth + 1)).collect();
            format!("({parts} \"mixed\"{})", rest(seed, "(\"boundary\" \"b\")"))
        }
    }
}

fn item(seed: &mut Seed) -> String {
    match seed.below(12) {
        0 | 1 => format!("UID {}", 1 + seed.below(100_000)),
        2 | 3 => format!("FLAGS {}", list(seed, FLAGS)),
        4 => format!("INTERNALDATE \"{}\"", seed.one(DATES)),
        5 => format!("RFC822.SIZE {}", seed.below(1 << 31)),
        6 => format!("ENVELOPE {}", envelope(seed)),
        7 => format!("BODYSTRUCTURE {}", body(seed, true, 0)),
        8 => format!("BODY {}", body(seed, false, 0)),
        9 => format!("MODSEQ ({})", 1 + seed.below(1 << 40)),
        10 => format!("{} {}", seed.one(&["RFC822", "RFC822.HEADER", "RFC822.TEXT"]), nstring(seed)),
        _ => {
            let section =
                seed.one(&["", "TEXT", "HEADER", "1", "1.2.MIME", "HEADER.FIELDS (FROM)", "2.HEADER"]);
            format!("BODY[{section}]{} {}", seed.one(&["", "", "<0>"]), nstring(seed))
        }
    }
}

/// A response.
pub(super) fn response(seed: &mut Seed) -> Vec<u8> {
    let number = 1 + seed.below(5000);
    let line = match seed.below(24) {
        0..=8 => {
            let items: Vec<String> = (0..1 + seed.below(3)).map(|_| item(seed)).collect();
            format!("* {number} FETCH ({})", items.join(" "))
        }
        9 | 10 => {
            let attributes = list(
                seed,
                &[
                    "\\HasNoChildren",
                    "\\Noselect",
                    "\\Marked",
                    "\\Sent",
                    "\\Trash",
                    "\\X-Other",
                    "\\NoInferiors",
                ],
            );
            let delimiter = seed.one(&["\"/\"", "\".\"", "NIL", "\"\\\\\""]);
            format!(
                "* {} {attributes} {delimiter} {}",
                seed.one(&["LIST", "LIST", "LSUB"]),
                seed.one(MAILBOXES)
            )
        }
        11 => {
            let items =
                ["MESSAGES 3", "RECENT 0", "UIDNEXT 7", "UIDVALIDITY 1", "UNSEEN 2", "HIGHESTMODSEQ 99"];
            format!("* STATUS {} ({})", seed.one(MAILBOXES), several(seed, &items))
        }
        12 => {
            let numbers: String = (0..seed.below(4)).map(|_| format!(" {}", 1 + seed.below(99))).collect();
            format!("* {}{numbers}", seed.one(&["SEARCH", "SEARCH", "SORT"]))
        }
        13 => format!("* {number} {}", seed.one(&["EXISTS", "RECENT", "EXPUNGE"])),
        14 => format!("* FLAGS {}", list(seed, FLAGS)),
        15 => format!(
            "* CAPABILITY IMAP4rev1 {}",
            several(seed, &["IDLE", "AUTH=PLAIN", "LITERAL+", "X-OTHER", "UIDPLUS", "ID"])
        ),
        16..=20 => {
            let code = seed.one(&[
                "",
                "",
                "[ALERT] ",
                "[PARSE] ",
                "[READ-ONLY] ",
                "[READ-WRITE] ",
                "[TRYCREATE] ",
                "[UIDNEXT 7] ",
                "[UIDVALIDITY 3857529045] ",
                "[UNSEEN 12] ",
                "[PERMANENTFLAGS (\\Deleted \\Seen \\*)] ",
                "[HIGHESTMODSEQ 7] ",
                "[CAPABILITY IMAP4rev1 IDLE] ",
                "[APPENDUID 3 7] ",
                "[COPYUID 3 1:2 4,6] ",
                "[BADCHARSET (UTF-8)] ",
                "[X-OTHER a b] ",
                "[UIDNOTSTICKY] ",
                "[CLOSED] ",
                "[NOMODSEQ] ",
            ]);
            let kind = seed.one(&["OK", "NO", "BAD", "ok"]);
            let tag = seed.one(&["*", "a1", "A142"]);
            format!("{tag} {kind} {code}{}", seed.one(&["done", "it is done", "x {5}"]))
        }
        21 => seed.one(&["* BYE see you", "* PREAUTH welcome", "+ idling", "+ dGVzdA==", "+ "]).into(),
        22 => seed
            .one(&[
                "* ENABLED CONDSTORE",
                "* ID (\"name\" \"x\")",
                "* ID NIL",
                "* NAMESPACE ((\"\" \"/\")) NIL NIL",
                "* VANISHED (EARLIER) 1:3",
                "* VANISHED 7",
            ])
            .into(),
        _ => seed
            .one(&[
                "* QUOTA \"\" (STORAGE 10 512)",
                "* QUOTAROOT INBOX \"\"",
                "* XOTHER a (b)",
                "* QUOTA x (MESSAGE 1 2)",
            ])
            .into(),
    };
    (line + "\r\n").into_bytes()
}
