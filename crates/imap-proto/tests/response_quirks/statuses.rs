//! Conditions, their codes and their text.
use crate::{mean_the_same, parse, strict};
use imap_proto::{
    DeviationKind::*,
    Leniency, Wire,
    response::{Code, Response, Untagged},
};

#[test]
fn statuses() {
    mean_the_same(&[
        (b"+\r\n", "expected a space at octet 1, found '\\r'", &[MissingText], b"+ \r\n"),
        (b"+idling\r\n", "expected a space at octet 1, found 'i'", &[MissingSpace], b"+ idling\r\n"),
        (
            b"* OK [HIGHESTMODSEQ 123]\r\n",
            "expected a space at octet 24, found '\\r'",
            &[MissingText],
            b"* OK [HIGHESTMODSEQ 123] \r\n",
        ),
        (b"a1 OK\r\n", "expected a space at octet 5, found '\\r'", &[MissingText], b"a1 OK \r\n"),
        (
            b"a1 OK[READ-WRITE] done\r\n",
            "expected a space at octet 5, found '['",
            &[MissingSpace],
            b"a1 OK [READ-WRITE] done\r\n",
        ),
        (
            b"* OK [READ-WRITE]done\r\n",
            "expected a space at octet 17, found 'd'",
            &[MissingSpace],
            b"* OK [READ-WRITE] done\r\n",
        ),
        (
            b"* OK [PERMANENTFLAGS (\\Seen \\* )] ok\r\n",
            "expected a flag at octet 31, found ')'",
            &[ExtraSpaces],
            b"* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n",
        ),
        (
            b"[COPYUID 124 10 233]\r\n",
            "expected OK, NO or BAD at octet 9, found '1'",
            &[MissingStatus, MissingText],
            b"* OK [COPYUID 124 10 233] \r\n",
        ),
        (
            b"* 23 EXISTS  \r\n",
            "expected the end at octet 11, found ' '",
            &[TrailingSpaces],
            b"* 23 EXISTS\r\n",
        ),
        (b"* -1 EXISTS\r\n", "expected a number at octet 2, found '-'", &[NegativeNumber], b"* 0 EXISTS\r\n"),
    ]);
}

#[test]
fn what_is_not_there_is_nothing() {
    mean_the_same(&[
        (
            b"* 1 FETCH (ENVELOPE NIL UID 7)",
            "expected an opening parenthesis at octet 20, found 'N'",
            &[MissingEnvelope],
            b"* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) UID 7)",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 NIL \
              (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) 1 NIL (\"inline\" NIL)))",
            "expected an opening parenthesis at octet 66, found 'N'",
            &[MissingEnvelope],
            b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 \
              (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) \
              (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) 1 NIL (\"inline\" NIL)))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)() \"mixed\"))",
            "expected a string at octet 66, found ')'",
            &[EmptyList],
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) \"mixed\"))",
        ),
        (
            b"* 1 FETCH (INTERNALDATE \"04-Jan-2015 16:53:35\")",
            "expected a space at octet 45, found '\\\"'",
            &[MissingField],
            b"* 1 FETCH (INTERNALDATE \"04-Jan-2015 16:53:35 +0000\")",
        ),
    ]);
}

#[test]
fn odd_codes_are_kept() {
    let unit = b"a1 OK [Error=\"Foo: bar\" Proxy=X:1993:SSL Service=Imap4] AUTHENTICATE completed.\r\n";
    assert_eq!(strict(unit).unwrap_err(), "expected a space or a closing bracket at octet 13, found '\\\"'");
    let (found, deviations) = parse(unit, Leniency::LENIENT);
    let Ok(Response::Tagged(done)) = found else { panic!("{found:?}") };
    let status = done.status;
    let Some(Code::Other(code)) = status.code() else { panic!("{status:?}") };
    assert_eq!(code.name(), "");
    assert_eq!(code.arguments().unwrap(), "Error=\"Foo: bar\" Proxy=X:1993:SSL Service=Imap4");
    assert_eq!(status.text(), "AUTHENTICATE completed.");
    assert_eq!(deviations, [OddCode]);

    let unit = b"* OK [UIDNEXT soon] wait";
    assert_eq!(strict(unit).unwrap_err(), "expected a number at octet 14, found 's'");
    let (found, deviations) = parse(unit, Leniency::LENIENT);
    let Ok(Response::Untagged(Untagged::Status(status))) = found else { panic!("{found:?}") };
    assert!(matches!(status.code(), Some(Code::Other(code)) if code.name() == "UIDNEXT"));
    assert_eq!(deviations, [OddCode]);
}

#[test]
fn an_odd_code_is_not_written_as_one_that_is_known() {
    let only_odd_codes = Leniency::STRICT.with(OddCode);
    for (unit, leniency, written) in [
        (&b"* OK [CAPABILITY* X] hi\r\n"[..], Leniency::LENIENT, &b"* OK [ CAPABILITY* X] hi\r\n"[..]),
        (b"* OK [UIDNEXT\"5] hi\r\n", Leniency::LENIENT, b"* OK [ UIDNEXT\"5] hi\r\n"),
        (b"* OK [UIDNEXT  5] hi\r\n", only_odd_codes, b"* OK [ UIDNEXT  5] hi\r\n"),
        (b"* OK [ALERT ] hi\r\n", only_odd_codes, b"* OK [ ALERT ] hi\r\n"),
        (b"* OK [ ALERT] hi\r\n", Leniency::LENIENT, b"* OK [ ALERT] hi\r\n"),
        (b"* OK [][ALERT] hi\r\n", Leniency::LENIENT, b"* OK [] [ALERT] hi\r\n"),
    ] {
        let (found, deviations) = parse(unit, leniency);
        assert!(deviations.contains(&OddCode), "{deviations:?}: {}", unit.escape_ascii());
        let found = found.unwrap();
        let mut octets = Vec::new();
        found.encode(&Wire::new(), &mut octets);
        assert_eq!(octets.escape_ascii().to_string(), written.escape_ascii().to_string());
        assert_eq!(parse(&octets, leniency).0, Ok(found));
    }
}

#[test]
fn a_text_that_closes_a_list_of_flags_does_not_become_flags_when_it_is_written() {
    let read = |unit: &[u8]| match parse(unit, Leniency::LENIENT) {
        (Ok(Response::Untagged(Untagged::Status(status))), kinds) => (status, kinds),
        other => panic!("{other:?}"),
    };
    let (status, kinds) = read(b"* OK [PERMANENTFLAGS (]\\Deleted \\*)] x\r\n");
    assert!(matches!(status.code(), Some(Code::Other(_))), "{status:?}");
    assert_eq!(status.text(), "\\Deleted \\*)] x");
    assert_eq!(kinds, [BracketInFlag, OddCode, MissingSpace]);
    let mut octets = Vec::new();
    Response::Untagged(Untagged::Status(status.clone())).encode(&Wire::new(), &mut octets);
    assert_eq!(octets.escape_ascii().to_string(), r"* OK [ PERMANENTFLAGS (] \\Deleted \\*)] x\r\n");
    assert_eq!(read(&octets).0, status);

    let (status, kinds) = read(b"* OK [PERMANENTFLAGS (\\Seen OIB-Seen-[Google Mail]/Alle \\*)] x\r\n");
    let Some(Code::PermanentFlags(flags)) = status.code() else { panic!("{status:?}") };
    assert_eq!(flags.to_string(), "(\\Seen OIB-Seen-[Google Mail]/Alle \\*)");
    assert_eq!(kinds, [BracketInFlag]);
}
