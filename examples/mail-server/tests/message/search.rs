//! SEARCH.
use crate::common::crlf;
use imap_proto::{Command, Deviations, Dialect, Encoding, Flags, Search};
use mail_server::message::{
    Facts, InvalidSearch, Needs, Query, Recency, SearchText, Setting, Summary, Verdict,
};

/// The SEARCH with these arguments.
fn search(arguments: &str) -> Search {
    let dialect = Dialect::default().with_encoding(Encoding::Utf8);
    let unit = format!("a SEARCH {arguments}").into_bytes().into();
    match Command::parse(&unit, &dialect, &mut Deviations::new()).unwrap() {
        (_, Command::Search(search)) => *search,
        (_, other) => panic!("{other:?}"),
    }
}

const SETTING: Setting = Setting { last_number: 9, last_uid: 90, now: 1_000_000_000 };

fn query(arguments: &str) -> Query {
    Query::new(&search(arguments), SETTING).unwrap()
}

/// Message 5 of 9, taken in late on 9 September 2001 in a zone where it was the 8th.
fn facts(flags: &Flags) -> Facts<'_> {
    let internal_date = " 8-Sep-2001 21:46:40 -0400".parse().unwrap();
    Facts { number: 5, uid: 50, flags, recency: Recency::Old, internal_date, size: 1000 }
}

/// Does a message of these octets match, and the same from what was kept of it?
fn finds(message: &[u8], arguments: &str) -> bool {
    let (summary, text) = Summary::of(message);
    let text = SearchText::decode(&text.encode()).unwrap();
    query(arguments).matches(&facts(&Flags::NONE), Some(&summary), Some(&text))
}

#[test]
fn what_is_at_hand_decides_without_reading() {
    let flags: Flags =
        [imap_proto::Flag::Seen, imap_proto::Flag::Keyword(imap_proto::Keyword::new("$Work").unwrap())]
            .into_iter()
            .collect();
    for (arguments, matches) in [
        ("ALL", true),
        ("SEEN", true),
        ("UNSEEN", false),
        ("ANSWERED", false),
        ("UNANSWERED", true),
        ("DELETED", false),
        ("UNDELETED", true),
        ("DRAFT", false),
        ("UNDRAFT", true),
        ("FLAGGED", false),
        ("UNFLAGGED", true),
        ("NEW", false),
        ("OLD", true),
        ("RECENT", false),
        ("KEYWORD $work", true),
        ("UNKEYWORD $work", false),
        ("KEYWORD other", false),
        ("NOT SEEN", false),
        ("OR SEEN DELETED", true),
        ("OR ANSWERED DELETED", false),
        ("SEEN DELETED", false),
        ("(SEEN UNDELETED)", true),
        ("LARGER 999", true),
        ("LARGER 1000", false),
        ("SMALLER 1001", true),
        ("SMALLER 1000", false),
        ("5", true),
        ("1:4", false),
        ("*", false),
        ("5:*", true),
        ("UID 50", true),
        ("UID 5", false),
        ("UID *:90", false),
        ("ON 8-Sep-2001", true),
        ("ON 9-Sep-2001", false),
        ("BEFORE 8-Sep-2001", false),
        ("BEFORE 9-Sep-2001", true),
        ("SINCE 8-Sep-2001", true),
        ("SINCE 9-Sep-2001", false),
        ("YOUNGER 1", true),
        ("OLDER 1", false),
    ] {
        let query = query(arguments);
        let verdict = query.check(&facts(&flags), None, None);
        assert_eq!(verdict, if matches { Verdict::Matches } else { Verdict::Fails }, "{arguments}");
        assert_eq!(query.needs(), Needs::Nothing, "{arguments}");
    }
}

#[test]
fn a_body_is_read_only_where_flags_do_not_decide() {
    let query = query("BODY x SENTON 1-Jan-2000 UNSEEN");
    assert_eq!(query.needs(), Needs::Text);
    let seen = Flags::from_iter([imap_proto::Flag::Seen]);
    assert_eq!(query.check(&facts(&seen), None, None), Verdict::Fails);
    assert_eq!(query.check(&facts(&Flags::NONE), None, None), Verdict::Needs(Needs::Summary));
    let (summary, _) = Summary::of(b"Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n\r\nx");
    assert_eq!(query.check(&facts(&Flags::NONE), Some(&summary), None), Verdict::Fails);
    let (summary, text) = Summary::of(b"Date: Sat, 1 Jan 2000 23:52:25 -0800\r\n\r\nx");
    assert_eq!(query.check(&facts(&Flags::NONE), Some(&summary), None), Verdict::Needs(Needs::Text));
    assert!(query.matches(&facts(&Flags::NONE), Some(&summary), Some(&text)));
    let either = self::query("OR BODY x SEEN");
    assert_eq!(either.check(&facts(&seen), None, None), Verdict::Matches);
}

#[test]
fn fields_are_searched_decoded() {
    let message = crlf(
        "From: \"Doe, Jane\" <jane@example.org>\nTo: =?utf-8?q?J=C3=B6rg?= =?utf-8?q?_X?= <j@x>\nCc: one@x\nCc: two@x\n\
         Subject: =?iso-8859-1?q?GR=DC=DFE?=\n from\n home\nX-Empty:\nDate: Mon, 7 Feb 1994 21:52:25 -0800\n\nHello\n",
    );
    for (arguments, matches) in [
        ("FROM \"doe, jane\"", true),
        ("FROM jane@EXAMPLE", true),
        ("FROM joe", false),
        ("TO j@x", true),
        ("CHARSET UTF-8 TO \"JÖRG x\"", true),
        ("CC two", true),
        ("CC three", false),
        ("BCC \"\"", false),
        ("CC \"\"", true),
        ("CHARSET UTF-8 SUBJECT \"grüße from home\"", true),
        ("CHARSET UTF-8 SUBJECT \"GRÜSSE\"", true),
        ("HEADER x-empty \"\"", true),
        ("HEADER X-None \"\"", false),
        ("HEADER Subject home", true),
        ("SENTON 7-Feb-1994", true),
        ("SENTBEFORE 8-Feb-1994", true),
        ("SENTBEFORE 7-Feb-1994", false),
        ("SENTSINCE 7-Feb-1994", true),
        ("SENTSINCE 8-Feb-1994", false),
        ("BODY jane", false),
        ("TEXT jane", true),
        ("TEXT hello", true),
        ("TEXT \"x-empty: \"", true),
    ] {
        assert_eq!(finds(&message, arguments), matches, "{arguments}");
    }
    assert!(!finds(b"Subject: no date\r\n\r\n", "SENTBEFORE 1-Jan-2030"));
    // Of two Date fields the one counts that the envelope shows.
    let twice = "Date: Mon, 7 Feb 1994 21:52:25 -0800\nDate: Tue, 8 Feb 1994 21:52:25 -0800\n\n";
    assert!(finds(&crlf(twice), "SENTON 8-Feb-1994") && !finds(&crlf(twice), "SENTON 7-Feb-1994"));
}

#[test]
fn bodies_are_searched_decoded_and_attachments_are_not() {
    let message = crlf(
        "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: quoted-printable\n\nsoft=\n break and tw=C3=BC\n--b\n\
         Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nPHA+ZvxyIEphbmU8L3A+\n--b\n\
         Content-Type: application/octet-stream; name=secret.bin\n\nbinary\n--b\nContent-Type: message/rfc822\n\n\
         Subject: forwarded\n\ninner text\n--b--\nepilogue\n",
    );
    for (arguments, matches) in [
        ("BODY \"soft break\"", true),
        ("CHARSET UTF-8 BODY \"TWÜ\"", true),
        ("CHARSET utf-8 BODY \"für jane\"", true),
        ("BODY \"<p>\"", false),
        ("BODY binary", false),
        ("BODY secret.bin", false),
        ("TEXT secret.bin", true),
        ("BODY \"subject: forwarded\"", true),
        ("BODY \"inner text\"", true),
        ("BODY preamble", false),
        ("BODY epilogue", false),
        ("BODY \"\"", true),
        ("SUBJECT forwarded", false),
    ] {
        assert_eq!(finds(&message, arguments), matches, "{arguments}");
    }
}

#[test]
fn a_string_that_is_no_text_of_its_charset_is_found_nowhere() {
    assert!(!finds("Subject: grüße\r\n\r\n".as_bytes(), "SUBJECT \"grüße\""));
    assert!(finds("Subject: grüße\r\n\r\n".as_bytes(), "NOT SUBJECT \"grüße\""));
    assert!(finds("Subject: grüße\r\n\r\n".as_bytes(), "CHARSET UTF-8 SUBJECT \"grüße\""));
    let asked = Query::new(&search("CHARSET KOI8-R SUBJECT x"), SETTING);
    assert_eq!(asked.unwrap_err(), InvalidSearch::BadCharset);
}

#[test]
fn a_large_text_is_searched_up_to_a_mebibyte() {
    let message = format!("Subject: x\r\n\r\nfirst\r\n{}last\r\n", "word\r\n".repeat(1 << 18));
    assert!(finds(message.as_bytes(), "BODY first"));
    assert!(!finds(message.as_bytes(), "BODY last"));
    assert!(SearchText::decode(&Summary::of(message.as_bytes()).1.encode()).is_ok());
}
