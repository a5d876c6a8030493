//! Command lines that are refused, word by word.
use smtp_proto::{Code, Command, CommandError, Deviations, Fault, Leniency};

fn parse(line: &[u8], leniency: Leniency) -> Result<Command, CommandError> {
    Command::parse(bytes::Bytes::copy_from_slice(line), leniency, &mut Deviations::new())
}

// covers rfc5321 4.1.1.4 data-no-argument
// covers rfc5321 4.1.1.5 rset-no-argument
// covers rfc5321 4.1.1.10 quit-no-argument
// covers rfc3207 4 no-parameters
// covers rfc5321 4.1.2 bad-sender-501
// covers rfc5321 4.1.2 bad-recipient-501
// covers rfc4954 4 initial-not-base64
// covers rfc5321 4.1.2 path-in-brackets
// covers rfc5321 4.1.2 esmtp-keyword
// covers rfc5321 4.1.2 esmtp-value
// covers rfc6531 3.4 smtputf8-no-value
// covers rfc6152 2 body-values
// covers rfc1870 3 size-20-digits
// covers rfc4954 8 auth-mailbox
// covers rfc6531 3.3 utf8-parameter
// covers rfc3030 2 chunk-size
// covers rfc3030 2 end-marker
// covers rfc1985 5 fully-qualified
// covers rfc2645 5.2.1 two-labels
#[test]
fn a_refusal_says_where_and_what_and_which_codes_to_answer() {
    for (line, message, codes) in [
        (&b""[..], "bad command: expected a command at octet 0, found the end", (500, "5.5.2")),
        (b" NOOP", "bad command: expected a command at octet 0, found ' '", (500, "5.5.2")),
        (b"\x16\x03\x01\x02", "bad command: expected a command at octet 0, found '\\x16'", (500, "5.5.2")),
        (b"GET\t/", "bad command: expected a space at octet 3, found '\\t'", (500, "5.5.2")),
        (b"XFOO \xff", "bad command: expected UTF-8 at octet 5, found '\\xff'", (500, "5.5.2")),
        (b"DATA now", "bad argument: expected the end at octet 4, found ' '", (501, "5.5.4")),
        (b"QUIT x", "bad argument: expected the end at octet 4, found ' '", (501, "5.5.4")),
        (b"STARTTLS x", "bad argument: expected the end at octet 8, found ' '", (501, "5.5.4")),
        (b"RSET x", "bad argument: expected the end at octet 4, found ' '", (501, "5.5.4")),
        (b"VRFY", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"NOOP \x07", "bad argument: expected an argument at octet 5, found '\\x07'", (501, "5.5.4")),
        (b"MAIL", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"MAIL a@b", "bad argument: expected \"FROM:\" at octet 5, found 'a'", (501, "5.5.4")),
        (b"MAIL TO:<a@b>", "bad argument: expected \"FROM:\" at octet 5, found 'T'", (501, "5.5.4")),
        (b"MAIL FROM:", "bad sender address: expected '<' at octet 10, found the end", (501, "5.1.7")),
        (b"MAIL FROM:<a>", "bad sender address: expected '@' at octet 12, found '>'", (501, "5.1.7")),
        (b"MAIL FROM:<a@b", "bad sender address: expected '>' at octet 14, found the end", (501, "5.1.7")),
        (
            b"MAIL FROM:<Postmaster>",
            "bad sender address: expected '@' at octet 21, found '>'",
            (501, "5.1.7"),
        ),
        (b"RCPT TO:<>", "bad recipient address: expected a local part at octet 9, found '>'", (501, "5.1.3")),
        (b"RCPT TO:<a@b c>", "bad recipient address: expected '>' at octet 12, found ' '", (501, "5.1.3")),
        (
            b"RCPT TO:<a\xff@b>",
            "bad recipient address: expected UTF-8 at octet 10, found '\\xff'",
            (501, "5.1.3"),
        ),
        (b"MAIL FROM:<a@b>SIZE=1", "bad argument: expected a space at octet 15, found 'S'", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> =1", "bad argument: expected a keyword at octet 16, found '='", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> X=", "bad argument: expected a value at octet 18, found the end", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> X=1=2", "bad argument: expected a space at octet 19, found '='", (501, "5.5.4")),
        (b"MAIL FROM:<a@b> SIZE", "bad argument: expected '=' at octet 20, found the end", (501, "5.5.4")),
        (
            b"MAIL FROM:<a@b> SIZE=18446744073709551616",
            "bad argument: expected a number below 2^64 at octet 21, found '1'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SIZE=184467440737095516151",
            "bad argument: expected a number of at most 20 digits at octet 21, found '1'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SIZE=-1",
            "bad argument: expected a number at octet 21, found '-'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SIZE=1 X=2 size=3",
            "bad argument: expected each parameter only once at octet 27, found 's'",
            (501, "5.5.4"),
        ),
        (
            b"RCPT TO:<a@b> X-Foo x-fOO=2",
            "bad argument: expected each parameter only once at octet 20, found 'x'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> BODY=9BIT",
            "bad argument: expected 7BIT, 8BITMIME or BINARYMIME at octet 21, found '9'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> SMTPUTF8=yes",
            "bad argument: expected a space at octet 24, found '='",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> AUTH=jane",
            "bad argument: expected a mailbox as xtext, or \"<>\" at octet 21, found 'j'",
            (501, "5.5.4"),
        ),
        (
            b"MAIL FROM:<a@b> X=\xff",
            "bad argument: expected UTF-8 at octet 18, found '\\xff'",
            (501, "5.5.4"),
        ),
        (b"AUTH", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"AUTH PL/IN", "bad argument: expected a space at octet 7, found '/'", (501, "5.5.4")),
        (
            b"AUTH ABCDEFGHIJKLMNOPQRSTU",
            "bad argument: expected a mechanism of 1 to 20 letters, digits, '-' and '_' at octet 5, found 'A'",
            (501, "5.5.4"),
        ),
        (b"AUTH PLAIN YQ", "bad initial response: expected base64 at octet 11, found 'Y'", (501, "5.5.2")),
        (
            b"AUTH PLAIN YQ== x",
            "bad initial response: expected the end at octet 15, found ' '",
            (501, "5.5.2"),
        ),
        (b"BDAT", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"BDAT LAST", "bad argument: expected a number at octet 5, found 'L'", (501, "5.5.4")),
        (b"BDAT -1", "bad argument: expected a number at octet 5, found '-'", (501, "5.5.4")),
        (b"BDAT 0x10", "bad argument: expected a space at octet 6, found 'x'", (501, "5.5.4")),
        (b"BDAT 10LAST", "bad argument: expected a space at octet 7, found 'L'", (501, "5.5.4")),
        (b"BDAT 10 LAS", "bad argument: expected LAST at octet 8, found 'L'", (501, "5.5.4")),
        (b"BDAT 10 LAST 1", "bad argument: expected the end at octet 12, found ' '", (501, "5.5.4")),
        (b"BDAT 10 LASTLY", "bad argument: expected the end at octet 12, found 'L'", (501, "5.5.4")),
        (b"ETRN", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"ETRN @", "bad argument: expected a domain at octet 6, found the end", (501, "5.5.4")),
        (b"ETRN @[192.0.2.1]", "bad argument: expected a domain at octet 6, found '['", (501, "5.5.4")),
        (b"ETRN #", "bad argument: expected the name of a queue at octet 6, found the end", (501, "5.5.4")),
        (b"ETRN #a b", "bad argument: expected the end at octet 7, found ' '", (501, "5.5.4")),
        (b"ETRN a.example b", "bad argument: expected the end at octet 14, found ' '", (501, "5.5.4")),
        (b"ETRN &a", "bad argument: expected a domain at octet 5, found '&'", (501, "5.5.4")),
        (
            b"ETRN \xc3\xa9.example",
            "bad argument: expected a domain in ASCII at octet 5, found '\\xc3'",
            (501, "5.5.4"),
        ),
        (b"ATRN example", "bad argument: expected '.' at octet 12, found the end", (501, "5.5.4")),
        (b"ATRN a.example,", "bad argument: expected a domain at octet 15, found the end", (501, "5.5.4")),
        (
            b"ATRN a.example, b.example",
            "bad argument: expected a domain at octet 15, found ' '",
            (501, "5.5.4"),
        ),
        (b"ATRN [192.0.2.1]", "bad argument: expected a domain at octet 5, found '['", (501, "5.5.4")),
        (
            b"ATRN \xc3\xa9.example",
            "bad argument: expected a domain in ASCII at octet 5, found '\\xc3'",
            (501, "5.5.4"),
        ),
        (b"BURL", "bad argument: expected a space at octet 4, found the end", (501, "5.5.4")),
        (b"BURL LAST", "bad argument: expected ':' at octet 9, found the end", (501, "5.5.4")),
        (b"BURL //a/b", "bad argument: expected a URL at octet 5, found '/'", (501, "5.5.4")),
        (
            b"BURL imap:",
            "bad argument: expected what the URL names at octet 10, found the end",
            (501, "5.5.4"),
        ),
        (b"BURL imap://a#b", "bad argument: expected a space at octet 13, found '#'", (501, "5.5.4")),
        (b"BURL imap://a b", "bad argument: expected LAST at octet 14, found 'b'", (501, "5.5.4")),
        (b"XCLIENT", "bad argument: expected a space at octet 7, found the end", (501, "5.5.4")),
        (b"XCLIENT NAME", "bad argument: expected '=' at octet 12, found the end", (501, "5.5.4")),
        (b"XCLIENT NAME=", "bad argument: expected a value at octet 13, found the end", (501, "5.5.4")),
        (b"XCLIENT NAME=a+0", "bad argument: expected xtext at octet 13, found 'a'", (501, "5.5.4")),
        (b"XCLIENT NAME=a+0D+0AQUIT", "bad argument: expected xtext at octet 13, found 'a'", (501, "5.5.4")),
        (b"XCLIENT NAME=+FF", "bad argument: expected UTF-8 at octet 13, found '+'", (501, "5.5.4")),
        (
            b"XCLIENT ADDR=[192.0.2.1]",
            "bad argument: expected an IPv4 address, or \"IPV6:\" and an IPv6 address at octet 13, found '['",
            (501, "5.5.4"),
        ),
        (
            b"XCLIENT ADDR=2001:db8::1",
            "bad argument: expected an IPv4 address, or \"IPV6:\" and an IPv6 address at octet 13, found '2'",
            (501, "5.5.4"),
        ),
        (
            b"XCLIENT DESTADDR=[TEMPUNAVAIL]",
            "bad argument: expected an IPv4 address, or \"IPV6:\" and an IPv6 address at octet 17, found '['",
            (501, "5.5.4"),
        ),
        (b"XCLIENT PORT=65536", "bad argument: expected a port at octet 13, found '6'", (501, "5.5.4")),
        (b"XCLIENT DESTPORT=+2B1", "bad argument: expected a port at octet 17, found '+'", (501, "5.5.4")),
        (
            b"XFORWARD SOURCE=HERE",
            "bad argument: expected LOCAL or REMOTE at octet 16, found 'H'",
            (501, "5.5.4"),
        ),
        (
            b"XFORWARD NAME=a name=b",
            "bad argument: expected each attribute only once at octet 16, found 'n'",
            (501, "5.5.4"),
        ),
        (b"XFORWARD NAME=a,ADDR=b", "bad argument: expected a space at octet 20, found '='", (501, "5.5.4")),
        (b"EHLO my host\x01", "bad argument: expected the end at octet 7, found ' '", (501, "5.5.4")),
    ] {
        let error = parse(line, Leniency::STRICT).unwrap_err();
        assert_eq!(error.to_string(), message, "{}", line.escape_ascii());
        assert_eq!((error.code().as_u16(), error.enhanced().to_string().as_str()), codes, "{message}");
    }
}

#[test]
fn a_verb_behind_nuls_is_no_command_that_a_filter_in_front_has_not_seen() {
    for line in [&b"\0DATA"[..], b"\0\0QUIT", b"\0STARTTLS", b"\0\0\0RSET", b"\0NOOP", b"\0HELP "] {
        let error = parse(line, Leniency::LENIENT).unwrap_err();
        assert_eq!((error.fault, error.error.offset), (Fault::Verb, 0), "{}", line.escape_ascii());
    }
}

// covers rfc3030 2 chunk-size
#[test]
fn a_number_that_overflows_is_refused_by_lenient_connections_too() {
    for line in [
        &b"MAIL FROM:<a@b> SIZE=184467440737095516151"[..],
        b"MAIL FROM:<a@b> SIZE=18446744073709551616",
        b"BDAT 18446744073709551616",
        b"BDAT 99999999999999999999999 LAST",
    ] {
        let error = parse(line, Leniency::LENIENT).unwrap_err();
        assert_eq!((error.fault, error.code()), (Fault::Argument, Code::BAD_ARGUMENT));
    }
    let command = parse(b"MAIL FROM:<a@b> SIZE=18446744073709551615", Leniency::STRICT).unwrap();
    assert!(matches!(command, Command::Mail(mail) if mail.parameters().size() == Some(u64::MAX)));
}
