//! Lists of parameters: what may stand in one together, and how many.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use smtp_proto::{
    Body, Command, CommandError, Deviations, ForwardPath, Leniency, Mail, Mailbox, Rcpt, Ret, ReversePath,
    Submitter,
};

fn parse(line: &'static [u8]) -> Result<Command, CommandError> {
    Command::parse(Bytes::from_static(line), Leniency::STRICT, &mut Deviations::new())
}

fn encoded(command: &Command) -> String {
    let mut wire = Vec::new();
    command.encode(&mut wire);
    String::from_utf8(wire).unwrap()
}

fn mailbox(text: &str) -> Mailbox {
    Mailbox::new(text).unwrap()
}

// covers rfc4954 5 auth-unknown
#[test]
fn parameters_are_typed_and_unknown_ones_kept() {
    let line = b"MAIL FROM:<a@b> SIZE=00012 X-Thing=\xc3\xa9;2 body=7bit AUTH=e+3Dmc2@example.com RET=HDRS SMTPUTF8 FLAG";
    let command = parse(line).unwrap();
    let Command::Mail(mail) = command else { panic!("{command:?}") };
    let parameters = mail.parameters();
    assert_eq!(
        (parameters.size(), parameters.body(), parameters.smtputf8()),
        (Some(12), Some(Body::SevenBit), true)
    );
    assert_eq!(parameters.auth(), Some(Submitter::Mailbox(mailbox("e=mc2@example.com"))));
    assert_eq!(parameters.ret(), Some(Ret::Headers));
    let unknown: Vec<_> = parameters.unknown().collect();
    assert_eq!(unknown, [("X-Thing", Some("é;2")), ("FLAG", None)]);
    assert_eq!(parameters.iter().count(), 7);

    let command = parse(b"MAIL FROM:<a@b> AUTH=<>").unwrap();
    assert!(matches!(command, Command::Mail(mail) if mail.parameters().auth() == Some(Submitter::Unknown)));
}

// covers rfc4954 8 xtext-written
#[test]
fn setting_a_parameter_twice_leaves_it_once() {
    let mail = Mail::new(mailbox("a@b")).with_size(1).with_body(Body::SevenBit).with_size(2);
    let mail = mail.with_auth(&Submitter::Mailbox(mailbox("e=mc2+x@example.com")));
    assert_eq!(
        encoded(&Command::Mail(mail)),
        "MAIL FROM:<a@b> BODY=7BIT SIZE=2 AUTH=e+3Dmc2+2Bx@example.com\r\n"
    );
}

// covers rfc5321 4.1.1.3 rcpt-parameters-written
#[test]
fn a_parameter_cannot_bring_another_one_in() {
    for (keyword, value) in [
        ("X", Some("1 SIZE=2")),
        ("X", Some("1\r\nQUIT")),
        ("X=1", None),
        ("X Y", None),
        ("", None),
        ("X", Some("")),
        ("X", Some("a=b")),
        ("SIZE", Some("ten")),
        ("BODY", None),
    ] {
        let mail = Mail::new(ReversePath::Null);
        assert!(mail.with(keyword, value).is_err(), "{keyword:?} {value:?}");
    }
    let rcpt = Rcpt::new(ForwardPath::Postmaster);
    let rcpt = rcpt.with("NOTIFY", Some("NEVER")).unwrap();
    assert!(rcpt.clone().with("notify", Some("DELAY")).is_err());
    assert_eq!(encoded(&Command::Rcpt(rcpt)), "RCPT TO:<Postmaster> NOTIFY=NEVER\r\n");
}

#[test]
fn parameters_are_limited_in_number() {
    let line = |count: usize| {
        let parameters: String = (0..count).map(|n| format!(" X{n}")).collect();
        Bytes::from(format!("MAIL FROM:<> SIZE=1 BODY=7BIT{parameters}"))
    };
    let parse = |count| Command::parse(line(count), Leniency::LENIENT, &mut Deviations::new());
    assert!(parse(32).is_ok());
    assert!(parse(33).unwrap_err().to_string().contains("at most 32 unknown parameters"));
}
