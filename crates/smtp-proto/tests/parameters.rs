//! The parameters of MAIL and RCPT, as the RFCs that brought them have them.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use proptest::prelude::*;
use smtp_proto::{
    ByMode, Bytes, Command, CommandError, DateTime, DeliverBy, Deviations, ForwardPath, Hold, Leniency, Mail,
    Mailbox, Notify, Priority, Rcpt, Ret, ReversePath, Submitter, Tracking, Unsupported, ValidSince,
};

fn parsed(line: &str) -> Result<Command, CommandError> {
    Command::parse(Bytes::copy_from_slice(line.as_bytes()), Leniency::STRICT, &mut Deviations::new())
}

fn mail(parameters: &str) -> Mail {
    let line = format!("MAIL FROM:<a@example.org> {parameters}");
    let Ok(Command::Mail(mail)) = parsed(&line) else { panic!("{:?}", parsed(&line)) };
    assert_eq!(encoded(&Command::Mail(mail.clone())), line + "\r\n");
    mail
}

fn rcpt(parameters: &str) -> Rcpt {
    let line = format!("RCPT TO:<b@example.org> {parameters}");
    let Ok(Command::Rcpt(rcpt)) = parsed(&line) else { panic!("{:?}", parsed(&line)) };
    assert_eq!(encoded(&Command::Rcpt(rcpt.clone())), line + "\r\n");
    rcpt
}

fn encoded(command: &Command) -> String {
    let mut line = Vec::new();
    command.encode(&mut line);
    String::from_utf8(line).unwrap()
}

fn to() -> Rcpt {
    Rcpt::new(Mailbox::new("b@example.org").unwrap())
}

fn from() -> Mail {
    Mail::new(Mailbox::new("a@example.org").unwrap())
}

/// What was expected, and at which octet of the parameters. All are told 501 5.5.4.
fn refused(line: &str, parameters: &str) -> (usize, &'static str) {
    let error = parsed(&format!("{line}{parameters}")).expect_err(parameters);
    assert_eq!(
        (error.code().to_string(), error.enhanced().to_string()),
        ("501".into(), "5.5.4".into()),
        "{parameters}"
    );
    (error.error.offset - line.len(), error.error.expected)
}

fn mail_refused(parameters: &str) -> (usize, &'static str) {
    refused("MAIL FROM:<> ", parameters)
}

fn rcpt_refused(parameters: &str) -> (usize, &'static str) {
    refused("RCPT TO:<b@example.org> ", parameters)
}

#[test]
fn what_a_sender_asks_of_notifications_is_told() {
    let read = mail("RET=HDRS ENVID=QQ314159");
    assert_eq!(read.parameters().ret(), Some(Ret::Headers));
    assert_eq!(read.parameters().envid().unwrap(), "QQ314159");
    assert_eq!(read, from().with_ret(Ret::Headers).with_envid("QQ314159").unwrap());
    assert_eq!(mail("ret=full").parameters().ret(), Some(Ret::Full));
    assert_eq!(mail("ENVID=a+2Bb+20c").parameters().envid().unwrap(), "a+b c");

    let read = rcpt("NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Carol@Ivory.EDU");
    assert_eq!(read.parameters().notify(), Some(Notify::SUCCESS.and(Notify::FAILURE)));
    let original = read.parameters().orcpt().unwrap();
    assert_eq!((original.address_type(), original.address().as_bytes()), ("rfc822", &b"Carol@Ivory.EDU"[..]));
    let made = to().with_notify(Notify::FAILURE.and(Notify::SUCCESS)).with_orcpt("rfc822", "Carol@Ivory.EDU");
    assert_eq!(read, made.unwrap());
    assert_eq!(rcpt("NOTIFY=never").parameters().notify(), Some(Notify::NEVER));
    assert_eq!(rcpt("NOTIFY=DELAY,delay").parameters().notify(), Some(Notify::DELAY));
    let original = rcpt("ORCPT=rfc822;George@Tax-+20ME+20.GOV");
    assert_eq!(original.parameters().orcpt().unwrap().address(), "George@Tax- ME .GOV");
    assert_eq!(to().with_orcpt("rfc822", "George@Tax- ME .GOV").unwrap(), original);
}

// covers rfc3461 4.1 never-alone
// covers rfc3461 4.2 orcpt-500
// covers rfc3461 4.2 printable
// covers rfc3461 4.3 ret-values
// covers rfc3461 4.4 envid-100
#[test]
fn what_is_no_request_for_notifications_is_refused() {
    assert_eq!(mail_refused("RET=BODY"), (4, "FULL or HDRS"));
    assert_eq!(mail_refused("RET=FULLER"), (4, "FULL or HDRS"));
    assert_eq!(mail_refused("RET"), (3, "'='"));
    assert_eq!(mail_refused("RET=FULL RET=FULL"), (9, "each parameter only once"));
    assert_eq!(mail_refused("ENVID="), (6, "xtext"));
    assert_eq!(mail_refused("ENVID=a+0D+0AQUIT"), (7, "printable ASCII"));
    assert_eq!(mail_refused("ENVID=a+7F"), (7, "printable ASCII"));
    assert_eq!(mail_refused("ENVID=a+C3+A9"), (7, "printable ASCII"));
    assert_eq!(mail_refused("ENVID=a+4"), (7, "two hexadecimal digits"));
    assert_eq!(mail_refused("ENVID=a+4G"), (7, "two hexadecimal digits"));
    assert_eq!(mail_refused("ENVID=a=b"), (7, "a space"));
    assert_eq!(mail_refused(&format!("ENVID={}", "x".repeat(101))), (6, "at most 100 octets"));
    mail(&format!("ENVID={}", "x".repeat(100)));
    assert!(from().with_envid(&"x".repeat(101)).is_err());
    assert!(from().with_envid("").is_err());
    assert_eq!(rcpt_refused("NOTIFY=NEVER,SUCCESS"), (12, "a space"));
    assert_eq!(rcpt_refused("NOTIFY=SUCCESS,NEVER"), (15, "SUCCESS, FAILURE or DELAY"));
    assert_eq!(rcpt_refused("NOTIFY=SUCCESS,"), (15, "SUCCESS, FAILURE or DELAY"));
    assert_eq!(rcpt_refused("NOTIFY=OFTEN"), (7, "NEVER, SUCCESS, FAILURE or DELAY"));
    assert_eq!(rcpt_refused("NOTIFY=NEVER NOTIFY=NEVER"), (13, "each parameter only once"));
    assert_eq!(rcpt_refused("ORCPT=carol"), (11, "';'"));
    assert_eq!(rcpt_refused("ORCPT=;carol"), (6, "an address type"));
    assert_eq!(rcpt_refused("ORCPT=rfc822;"), (13, "xtext"));
    assert_eq!(rcpt_refused("ORCPT=rfc822;a+0A"), (14, "printable ASCII"));
    assert_eq!(rcpt_refused("ORCPT=rfc822;\u{e9}"), (13, "xtext"));
    assert_eq!(rcpt_refused(&format!("ORCPT=rfc822;{}", "x".repeat(494))), (6, "at most 500 octets"));
    rcpt(&format!("ORCPT=rfc822;{}", "x".repeat(493)));
}

// covers rfc6533 3 utf-8-address
#[test]
fn an_original_recipient_may_be_utf_8_in_two_ways() {
    for text in ["ORCPT=utf-8;\\x{3B1}@\\x{10348}.example", "ORCPT=UTF-8;\u{3b1}@\u{10348}.example"] {
        let read = rcpt(text);
        assert_eq!(read.parameters().orcpt().unwrap().address(), "\u{3b1}@\u{10348}.example");
    }
    let made = to().with_orcpt("utf-8", "\u{3b1}+=\\ \u{e9}@example").unwrap();
    assert_eq!(
        encoded(&Command::Rcpt(made.clone())),
        "RCPT TO:<b@example.org> ORCPT=utf-8;\\x{3B1}\\x{2B}\\x{3D}\\x{5C}\\x{20}\\x{E9}@example\r\n"
    );
    assert_eq!(made.parameters().orcpt().unwrap().address(), "\u{3b1}+=\\ \u{e9}@example");
    for (value, at, expected) in [
        ("", 0, "an address of type utf-8"),
        ("a+2B", 1, "an address of type utf-8"),
        ("\\x{0D}", 0, "a character that is not plain ASCII"),
        ("\\x{0A}", 0, "a character that is not plain ASCII"),
        ("\\x{00}", 0, "a character that is not plain ASCII"),
        ("\\x{41}", 0, "a character that is not plain ASCII"),
        ("\\x{0041}", 0, "a character that is not plain ASCII"),
        ("\\x{D800}", 0, "a character that is not plain ASCII"),
        ("\\x{110000}", 0, "a character that is not plain ASCII"),
        ("\\x{3B1", 7 - 1, "'}'"),
        ("\\y", 0, "\"\\x{\" and 2 to 6 hexadecimal digits"),
    ] {
        assert_eq!(rcpt_refused(&format!("ORCPT=utf-8;{value}")), (12 + at, expected), "{value}");
    }
}

// covers rfc6710 7 priority-values
#[test]
fn when_a_message_is_to_be_delivered_is_told() {
    let by = mail("BY=120;R").parameters().by();
    assert_eq!(by, DeliverBy::new(120, ByMode::Return).ok());
    let by = mail("BY=-5;NT").parameters().by().unwrap();
    assert_eq!((by.seconds(), by.mode(), by.is_traced()), (-5, ByMode::Notify, true));
    assert_eq!(encoded(&Command::Mail(from().with_by(by))), "MAIL FROM:<a@example.org> BY=-5;NT\r\n");
    assert_eq!(mail("BY=+999999999;r").parameters().by().unwrap().seconds(), 999_999_999);
    assert!(DeliverBy::new(0, ByMode::Return).is_err());
    assert!(DeliverBy::new(i32::MIN, ByMode::Notify).is_err());
    assert_eq!(mail_refused("BY=0;R"), (3, "a time above 0, or N"));
    assert_eq!(mail_refused("BY=1000000000;N"), (3, "a number of 1 to 9 digits"));
    assert_eq!(mail_refused("BY=1;X"), (5, "N or R"));
    assert_eq!(mail_refused("BY=1;NX"), (6, "a space"));

    for number in -9..=9 {
        let priority = Priority::new(number).unwrap();
        let read = mail(&format!("MT-PRIORITY={number}"));
        assert_eq!(read.parameters().priority(), Some(priority));
        assert_eq!(from().with_priority(priority), read);
    }
    assert_eq!((Priority::new(10), Priority::new(-10)), (None, None));
    assert_eq!(mail_refused("MT-PRIORITY=10"), (13, "a space"));
    assert_eq!(mail_refused("MT-PRIORITY=-0"), (12, "a number from -9 to 9"));
    assert_eq!(mail_refused("MT-PRIORITY=+1"), (12, "a number from -9 to 9"));

    let until = DateTime::new("2005-02-22T21:32:51Z").unwrap();
    assert_eq!(mail("HOLDFOR=86400").parameters().hold(), Some(Hold::For(86_400)));
    assert_eq!(mail("HOLDUNTIL=2005-02-22T21:32:51Z").parameters().hold(), Some(Hold::Until(until)));
    let held = from().with_hold(Hold::For(1)).unwrap().with_hold(Hold::Until(until)).unwrap();
    assert_eq!(encoded(&Command::Mail(held)), "MAIL FROM:<a@example.org> HOLDUNTIL=2005-02-22T21:32:51Z\r\n");
    assert!(from().with_hold(Hold::For(1_000_000_000)).is_err());
    assert!(from().with_hold(Hold::For(0)).is_err());
    assert_eq!(mail_refused("HOLDFOR=0"), (8, "a number above 0"));
    assert!(from().with_hold(Hold::Until(DateTime::new("2005-02-22T21:32:51+01:00").unwrap())).is_err());
    let both = "HOLDFOR=1 HOLDUNTIL=2005-02-22T21:32:51Z";
    assert_eq!(mail_refused(both), (10, "HOLDFOR or HOLDUNTIL, not both"));
    assert_eq!(mail_refused("HOLDFOR=1 HOLDFOR=1"), (10, "each parameter only once"));
    assert_eq!(mail_refused("HOLDUNTIL=2005-02-30T21:32:51Z"), (18, "a date and time that there is"));

    let read = rcpt("RRVS=2014-04-03T23:01:00Z;C").parameters().rrvs().unwrap().since.unix_seconds();
    assert_eq!(read, 1_396_566_060);
    let since = DateTime::new("2014-04-03T23:01:00.5-01:30").unwrap();
    assert_eq!(since.unix_seconds(), 1_396_566_060 + 5400);
    for unsupported in [None, Some(Unsupported::Continue), Some(Unsupported::Reject)] {
        let made = to().with_rrvs(ValidSince { since, unsupported });
        assert_eq!(made.parameters().rrvs(), Some(ValidSince { since, unsupported }));
        assert_eq!(parsed(encoded(&Command::Rcpt(made.clone())).trim_end()), Ok(Command::Rcpt(made)));
    }
    assert_eq!(rcpt_refused("RRVS=2014-04-03T23:01:00Z;X"), (26, "C or R"));
    assert_eq!(rcpt_refused("RRVS=2014-04-03 23:01:00Z"), (15, "'T'"));
    assert_eq!(DateTime::new("1970-01-01T00:00:00Z").unwrap().unix_seconds(), 0);
    assert_eq!(DateTime::new("0000-01-01T00:00:00Z").unwrap().unix_seconds(), -62_167_219_200);
}

#[test]
fn parameters_of_rarer_extensions_are_told() {
    let read = mail("SOLICIT=org.example:ADV:ADLT,net.example SUBMITTER=b+2Bc@example.org");
    let words: Vec<_> = read.parameters().solicit().collect();
    assert_eq!(words, ["org.example:ADV:ADLT", "net.example"]);
    assert_eq!(read.parameters().submitter(), Mailbox::new("b+c@example.org").ok());
    assert_eq!(mail_refused("SOLICIT=a,,b"), (10, "a solicitation class keyword"));
    assert_eq!(mail_refused("SUBMITTER=<>"), (10, "a mailbox as xtext"));

    let tracking = Tracking { certifier: "fGHWk+8Xa", timeout: Some(86_400) };
    let read = mail("MTRK=fGHWk+8Xa:86400");
    assert_eq!(read.parameters().mtrk(), Some(tracking));
    assert_eq!(from().with_mtrk(tracking).unwrap(), read);
    assert!(from().with_mtrk(Tracking { certifier: "a b", timeout: None }).is_err());
    assert_eq!(mail_refused("MTRK=:1"), (5, "base64 without padding"));

    let transid = "<12345@claremont.edu>";
    assert_eq!(mail(&format!("TRANSID={transid}")).parameters().transid(), Some(transid));
    assert_eq!(mail_refused("TRANSID=<a@b"), (12, "'>'"));
    assert_eq!(mail_refused(&format!("TRANSID=<a@{}>", "b".repeat(77))), (8, "at most 80 octets"));

    let read = mail("REQUIRETLS CONPERM");
    assert!(read.parameters().requiretls() && read.parameters().conperm());
    assert_eq!(from().with_requiretls().with_conperm(), read);
    assert!(!from().parameters().requiretls() && !from().parameters().conperm());
    assert!(rcpt("CONNEG").parameters().conneg() && to().with_conneg().parameters().conneg());
    for line in ["REQUIRETLS=1", "CONPERM=1"] {
        assert_eq!(mail_refused(line), (line.len() - 2, "a space"));
    }
    assert_eq!(rcpt_refused("CONNEG=1"), (6, "a space"));
}

proptest! {
    #[test]
    fn any_string_in_a_parameter_stays_in_its_line(text in "\\PC*|[\\x00-\\x7f]*", kind in "rfc822|utf-8|x=|[!-~]*") {
        let mailbox = Mailbox::new(&text).map(|it| from().with_auth(&Submitter::Mailbox(it)));
        let mails = [from().with_envid(&text), from().with_solicit(&text), from().with_transid(&text), mailbox];
        let rcpt = Rcpt::new(ForwardPath::Postmaster).with_orcpt(&kind, &text);
        for command in mails.into_iter().flatten().map(Command::Mail).chain(rcpt.into_iter().map(Command::Rcpt)) {
            let line = encoded(&command);
            prop_assert!(!line.trim_end_matches("\r\n").contains(['\r', '\n', '\0']), "{}", line);
            prop_assert_eq!(parsed(line.trim_end_matches("\r\n")), Ok(command));
        }
        let plain = text.bytes().all(|octet| matches!(octet, b' '..=b'~'));
        if plain && (1..=33).contains(&text.len()) {
            prop_assert_eq!(from().with_envid(&text).unwrap().parameters().envid().unwrap(), text.as_str());
        }
        prop_assert!(plain || Mail::new(ReversePath::Null).with_envid(&text).is_err());
    }
}
