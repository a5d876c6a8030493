//! What a server offers, what follows from that, and where it loses its patience.
use super::{
    common::{chunking, config, lmtp, offering},
    server_session::Session,
};
use bytes::BytesMut;
use smtp_proto::{
    Capabilities, Notify, Security, ServerConfig, Step,
    server::{Ack, Event, Rejection, Server},
};

/// What a server answers to these lines, each by itself, once it has greeted.
fn answers(config: ServerConfig, lines: &[&str]) -> Vec<String> {
    let mut session = Session::new(config);
    session.say("");
    session.said();
    let answer = |line: &&str| {
        session.say(&format!("{line}\r\n"));
        session.said()
    };
    lines.iter().map(answer).collect()
}

const MAIL: &str = "MAIL FROM:<a@example.com>";
const RCPT: &str = "RCPT TO:<b@example.net>";

/// Each extension that the host may offer, with a parameter of MAIL or RCPT that it brings.
const BROUGHT: [(&str, &str); 14] = [
    ("DSN", "MAIL FROM:<a@example.com> RET=HDRS ENVID=QQ314159"),
    ("DSN", "RCPT TO:<b@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.net"),
    ("DELIVERBY 240", "MAIL FROM:<a@example.com> BY=120;R"),
    ("FUTURERELEASE 864000 2030-01-01T00:00:00Z", "MAIL FROM:<a@example.com> HOLDFOR=3600"),
    ("FUTURERELEASE 864000 2030-01-01T00:00:00Z", "MAIL FROM:<a@example.com> HOLDUNTIL=2029-12-24T00:00:00Z"),
    ("MT-PRIORITY MIXER", "MAIL FROM:<a@example.com> MT-PRIORITY=3"),
    ("RRVS", "RCPT TO:<b@example.net> RRVS=2014-04-03T23:01:00Z"),
    ("NO-SOLICITING", "MAIL FROM:<a@example.com> SOLICIT=org.example:ADV"),
    ("MTRK", "MAIL FROM:<a@example.com> MTRK=Z3JvZw"),
    ("CONPERM", "MAIL FROM:<a@example.com> CONPERM"),
    ("CONNEG", "RCPT TO:<b@example.net> CONNEG"),
    ("SUBMITTER", "MAIL FROM:<a@example.com> SUBMITTER=b@example.com"),
    ("BINARYMIME", "MAIL FROM:<a@example.com> BODY=BINARYMIME"),
    ("REQUIRETLS", "MAIL FROM:<a@example.com> REQUIRETLS"),
];

// covers rfc5321 4.1.1.11 mail-parameter-555
// covers rfc5321 4.1.1.11 rcpt-parameter-555
// covers rfc6152 3 binarymime-555
// covers rfc3461 5.1 parameters-taken
#[test]
fn a_parameter_is_taken_where_its_extension_is_offered_and_nowhere_else() {
    for (line, command) in BROUGHT {
        let commands =
            if command.starts_with("MAIL") { vec!["EHLO c", command] } else { vec!["EHLO c", MAIL, command] };
        let offers = [line, "CHUNKING"];
        let with = ServerConfig { security: Security::Tls, ..offering(&offers) };
        let found = answers(with, &commands);
        assert!(found[0].contains(&format!("250-{line}\r\n")), "{found:?}");
        assert!(found.last().unwrap().starts_with("250 "), "{line}: {found:?}");
        let found = answers(ServerConfig { security: Security::Tls, ..config() }, &commands);
        assert!(!found[0].contains(line), "{found:?}");
        assert!(found.last().unwrap().starts_with("555 5.5.4 "), "{line}: {found:?}");
    }
}

// covers rfc8689 2 under-tls
// covers rfc3030 3 needs-chunking
#[test]
fn an_extension_that_needs_something_is_offered_beside_it_alone() {
    let found = answers(offering(&["REQUIRETLS", "BINARYMIME"]), &["EHLO c"]);
    assert!(!found[0].contains("REQUIRETLS") && !found[0].contains("BINARYMIME"), "{found:?}");
    let config =
        ServerConfig { security: Security::Tls, ..offering(&["REQUIRETLS", "BINARYMIME", "CHUNKING"]) };
    let found = answers(config, &["EHLO c"]);
    assert!(found[0].contains("REQUIRETLS") && found[0].contains("BINARYMIME"), "{found:?}");
}

/// Else a client sends what the server takes for nonsense.
#[test]
fn what_the_machine_cannot_do_is_not_offered_whatever_the_host_says() {
    let lines = ["STARTTLS", "AUTH PLAIN", "BURL imap", "ATRN", "CHECKPOINT", "SIZE 5", "X-OWN a b"];
    let found = answers(offering(&lines), &["EHLO c", "BURL imap://x LAST", "ATRN a.example"]);
    let offered: Vec<_> = found[0].lines().map(|line| &line[4..]).collect();
    let expected =
        ["mx.example.net", "PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
    assert_eq!(offered, [&expected[..], &["HELP", "X-OWN a b"]].concat());
    assert_eq!(found[1..], ["502 5.5.1 BURL is not offered\r\n", "502 5.5.1 ATRN is not offered\r\n"]);
}

// covers rfc5321 4.2.4 foreign-502
#[test]
fn a_command_that_is_registered_and_not_spoken_is_not_unknown() {
    let found = answers(config(), &["EHLO c", "send FROM:<a@example.com>", "TURN", "FROB"]);
    let codes: Vec<_> = found[1..].iter().map(|answer| &answer[..3]).collect();
    assert_eq!(codes, ["502", "502", "500"]);
}

/// What was said of notifications is the host's to keep.
// covers rfc3461 5.1 parameters-taken
#[test]
fn what_was_asked_of_notifications_reaches_the_host() {
    let mut server = Server::new(offering(&["DSN"]));
    let said = format!("EHLO c\r\n{MAIL} RET=HDRS ENVID=QQ314159\r\n{RCPT} NOTIFY=SUCCESS\r\n");
    let mut input = BytesMut::from(said.as_bytes());
    let mut told = Vec::new();
    while let Step::Event(event) = server.receive(&mut input).unwrap() {
        match event {
            Event::Connect(ask) => server.accept(ask, ()).unwrap(),
            Event::Hello(ask) => server.accept(ask, ()).unwrap(),
            Event::Mail(ask) => {
                told.push(ask.parameters().envid().unwrap().to_string());
                server.accept(ask, Ack::default()).unwrap();
            }
            Event::Rcpt(ask) => {
                assert_eq!(ask.parameters().notify(), Some(Notify::SUCCESS));
                told.push(ask.to().to_string());
                server.accept(ask, Ack::default()).unwrap();
            }
            _ => {}
        }
    }
    assert_eq!(told, ["QQ314159", "<b@example.net>"]);
}

// covers rfc5321 3.5.1 vrfy-asked
// covers rfc5321 3.5.2 vrfy-250
// covers rfc5321 3.5.1 vrfy-251
#[test]
fn a_host_that_verifies_is_asked() {
    let found =
        answers(offering(&["VRFY"]), &["VRFY Crispin", "VRFY Moved", "VRFY who", "VRFY nobody", "VRFY Joe"]);
    let expected = [
        "250 2.1.5 Mark Crispin <Admin.MRC@foo.com>\r\n",
        "251 2.1.5 Moved <moved@example.org>\r\n",
        "252 2.5.2 cannot verify, but will take mail and try to deliver it\r\n",
        "550 5.1.1 no such mailbox here\r\n",
        "553-5.1.4 ambiguous\r\n553-5.1.4 Joe Smith <jsmith@foo.com>\r\n553 5.1.4 Joe Jones <jjones@foo.com>\r\n",
    ];
    assert_eq!(found, expected);
}

// covers rfc5321 4.1.1.7 expn
// covers rfc5321 3.5.2 expn-250
// covers rfc5321 4.2.4 known-502
#[test]
fn a_host_that_expands_lists_is_asked() {
    let lines = ["EXPN Example-People", "EXPN nobody", "EXPN Secret-List"];
    let expected = [
        "250-2.1.5 Jon Postel <Postel@isi.edu>\r\n\
         250-2.1.5 Fred Fonebone <Fonebone@physics.foo-u.edu>\r\n\
         250 2.1.5 <SollerS@foo.com>\r\n",
        "250 2.0.0 nobody is on that list\r\n",
        "554 5.7.1 refused by policy\r\n",
    ];
    assert_eq!(answers(offering(&["EXPN"]), &lines), expected);
    assert_eq!(answers(config(), &lines)[0], "502 5.5.1 EXPN is not offered\r\n");
}

// covers rfc1985 5.1 etrn
// covers rfc1985 5.1 started-250
// covers rfc1985 5.1 nothing-251
// covers rfc1985 5.1 pending-252
// covers rfc1985 5.1 messages-253
// covers rfc1985 5.1 etrn-502
// covers rfc1985 5 outside-transaction
#[test]
fn a_host_that_starts_queues_is_asked_outside_of_transactions() {
    let nodes = ["sigurd.innosoft.com", "idle.example", "innosoft.com", "mysoft.com", "uu.net", "foo.bar"];
    let lines: Vec<_> = nodes.iter().map(|node| format!("ETRN {node}")).collect();
    let lines =
        [&["ETRN a.example", "EHLO c"], &lines.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
    let lines = [&lines[..], &[MAIL, "ETRN a.example"]].concat();
    let found = answers(offering(&["ETRN"]), &lines);
    let expected = [
        "250 2.0.0 queuing for node sigurd.innosoft.com started\r\n",
        "251 2.0.0 no messages waiting for node idle.example\r\n",
        "252 2.0.0 pending messages for node innosoft.com started\r\n",
        "253 2.0.0 14 pending messages for node mysoft.com started\r\n",
        "458 4.3.0 unable to queue messages\r\n",
        "459 4.7.0 node not allowed\r\n",
    ];
    assert_eq!(found[2..8], expected);
    assert!(found[0].starts_with("503 ") && found[9].starts_with("503 "), "{found:?}");
    assert_eq!(answers(config(), &["EHLO c", "ETRN a.example"])[1], "502 5.5.1 ETRN is not offered\r\n");
}

#[test]
fn a_parameter_of_a_private_extension_bears_its_name() {
    let (mail, rcpt) =
        ("MAIL FROM:<a@example.com> x-own=1 SIZE=5", "RCPT TO:<b@example.net> X-OWN X-OTHER=1");
    let found = answers(offering(&["X-OWN a b"]), &["EHLO c", mail, rcpt, "RCPT TO:<b@example.net> X-OWN"]);
    assert_eq!(found[1], "250 2.1.0 sender ok\r\n");
    assert_eq!(found[2], "555 5.5.4 parameter X-OTHER is not offered\r\n");
    assert_eq!(found[3], "250 2.1.5 recipient ok\r\n");
    assert!(answers(config(), &["EHLO c", mail])[1].starts_with("555 "));
}

#[test]
fn a_proxy_says_for_whom_it_stands_and_the_session_begins_anew() {
    let config = || {
        let mut config = offering(&["XCLIENT NAME ADDR LOGIN", "XFORWARD NAME"]);
        config.authentication = super::common::submission().authentication;
        config
    };
    let said = [
        "XCLIENT NAME=a.example",
        "EHLO c",
        MAIL,
        "XCLIENT NAME=a.example LOGIN=ann",
        MAIL,
        "EHLO c",
        "XFORWARD NAME=b.example",
        MAIL,
        "XFORWARD NAME=b.example",
        "RSET",
        "XCLIENT HELO=c",
        "XCLIENT LOGIN=[UNAVAILABLE]",
        "XCLIENT ADDR=192.0.2.1",
        "EHLO c",
        MAIL,
    ];
    let expected = [
        "503", "250", "530", "220", "503", "250", "250", "250", "503", "250", "501", "554", "220", "250",
        "530",
    ];
    let codes =
        |found: Vec<String>| found.into_iter().map(|answer| answer[..3].to_owned()).collect::<Vec<_>>();
    assert_eq!(codes(answers(config(), &said)), expected);
    let found = answers(ServerConfig { extensions: Capabilities::new(), ..config() }, &said[1..4]);
    assert_eq!(codes(found), ["250", "530", "502"]);
}

#[test]
fn help_names_what_is_offered() {
    let found = answers(offering(&["CHUNKING", "EXPN", "ETRN"]), &["EHLO c", "HELP"]);
    assert!(found[1].ends_with(" QUIT BDAT EXPN ETRN\r\n"), "{found:?}");
}

// covers rfc5321 3.4 will-forward-251
#[test]
fn a_recipient_whose_mail_is_passed_on_hears_where() {
    let found = answers(config(), &["EHLO c", MAIL, "RCPT TO:<Moved@example.net>"]);
    assert_eq!(found[2], "251 2.1.5 user not local; will forward to <moved@example.org>\r\n");
}

// covers rfc9422 4.2 rcptmax-told
// covers rfc9422 4.1 mailmax-told
// covers rfc9422 4.1 mailmax
#[test]
fn limits_are_told_and_kept() {
    let unlimited = answers(offering(&["LIMITS"]), &["EHLO c"]);
    assert!(unlimited[0].contains("250-LIMITS RCPTMAX=3\r\n"), "{unlimited:?}");
    let limited = ServerConfig { max_transactions: 2, ..offering(&["LIMITS NONSENSE=1"]) };
    let found = answers(limited, &["EHLO c", MAIL, "RSET", MAIL, "RSET", MAIL]);
    assert!(found[0].contains("250-LIMITS RCPTMAX=3 MAILMAX=2\r\n"), "{found:?}");
    let expected = "421 4.5.3 mx.example.net enough transactions for one session, closing\r\n";
    assert_eq!(found[5], expected);
}

// covers rfc9422 4.2 no-limit-not-told
#[test]
fn a_limit_that_there_is_not_is_not_told() {
    let none = ServerConfig { max_recipients: 0, ..offering(&["LIMITS"]) };
    let found = answers(none, &["EHLO c", MAIL, RCPT, RCPT, RCPT, RCPT]);
    assert!(!found[0].contains("LIMITS"), "{found:?}");
    assert!(found[1..].iter().all(|answer| answer.starts_with("250 ")), "{found:?}");
}

// covers rfc9422 4.3 rcptdomainmax
// covers rfc9422 4.3 rcptdomainmax-told
// covers rfc9422 4.3 domains-counted
#[test]
fn recipients_of_a_session_are_of_as_many_domains_as_is_told() {
    let limited = ServerConfig { max_domains: 2, ..offering(&["LIMITS"]) };
    let to = |name: &str| format!("RCPT TO:<{name}>");
    let names = ["a@x.example", "Green@w.example", "b@y.example", "c@z.example", "d@X.EXAMPLE"].map(to);
    let said = [&["EHLO c", MAIL][..], &names.each_ref().map(String::as_str)].concat();
    let again = ["RSET", MAIL, names[3].as_str(), names[2].as_str(), "RCPT TO:<postmaster>"];
    let found = answers(limited, &[&said[..], &again].concat());
    assert!(found[0].contains("250-LIMITS RCPTMAX=3 RCPTDOMAINMAX=2\r\n"), "{found:?}");
    let too_many = "452 4.5.3 recipients of too many domains in one session\r\n";
    let starts = ["250 ", "250 ", "550 ", "250 ", too_many, "250 ", "250 ", "250 ", too_many, "250 ", "250 "];
    for (found, start) in found[1..].iter().zip(starts) {
        assert!(found.starts_with(start), "{found:?}");
    }
}

// covers rfc5321 7.8 too-many-idle-commands
#[test]
fn a_client_that_keeps_a_session_busy_with_nothing_is_given_up() {
    let said = ["EHLO c", "NOOP", "RSET", "VRFY x", "HELP", "EHLO c", RCPT, "BDAT 0"];
    let config = ServerConfig { max_idle_commands: 7, ..chunking() };
    let found = answers(config, &said);
    assert!(found[..7].iter().all(|answer| !answer.contains("421")), "{found:?}");
    let expected = "421 4.7.0 mx.example.net too many commands and no mail, closing";
    assert_eq!(found[7].lines().last(), Some(expected));
}

/// Anybody may say XCLIENT and XFORWARD, whether or not the host believes it.
#[test]
fn a_client_that_says_who_it_stands_for_again_and_again_is_given_up() {
    for command in ["XFORWARD NAME=a", "XCLIENT LOGIN=[UNAVAILABLE]", "XCLIENT NAME=a\r\nEHLO c"] {
        let config = offering(&["XFORWARD NAME", "XCLIENT NAME LOGIN"]);
        let config = ServerConfig { max_idle_commands: 5, ..config };
        let found = answers(config, &[&["EHLO c"][..], &[command; 5]].concat());
        assert!(found[..5].iter().all(|answer| !answer.contains("421")), "{command}: {found:?}");
        assert!(found[5].contains("421 4.7.0 "), "{command}: {found:?}");
    }
}

/// A connection that is kept for one message after the other is no idle one.
#[test]
fn a_message_makes_up_for_the_idle_commands_before_it() {
    let message = format!("{MAIL}\r\n{RCPT}\r\nDATA\r\n.\r\nRSET\r\nNOOP");
    let said = [&["EHLO c"][..], &[message.as_str(); 20]].concat();
    let found = answers(ServerConfig { max_idle_commands: 3, ..config() }, &said);
    assert!(found.iter().all(|answer| !answer.contains("421")), "{found:?}");
}

// covers rfc4954 9 failed-logins-counted
#[test]
fn a_host_can_ask_how_often_a_client_was_wrong() {
    let mut session = Session::new(super::common::auth());
    session.say("EHLO c\r\nFROB\r\nAUTH PLAIN dGVzdAB0ZXN0ADQzMjE=\r\n");
    assert_eq!((session.server.errors(), session.server.failed_logins()), (2, 1));
}

/// What happened until the server wants input, and what it said.
fn events(server: &mut Server, input: &mut BytesMut) -> Vec<&'static str> {
    let mut events = Vec::new();
    while let Step::Event(event) = server.receive(input).unwrap() {
        events.push(match event {
            Event::EarlyTalker => "early",
            Event::Connect(ask) => {
                server.accept(ask, ()).unwrap();
                "connect"
            }
            Event::Hello(ask) => {
                server.accept(ask, ()).unwrap();
                "hello"
            }
            _ => "other",
        });
    }
    events
}

// covers rfc5321 4.3.1 early-talker
#[test]
fn a_client_that_does_not_wait_for_the_greeting_is_told_and_heard() {
    // It has said something before the host was asked.
    let mut input = BytesMut::from("EHLO c\r\n");
    assert_eq!(events(&mut Server::new(config()), &mut input), ["early", "connect", "hello"]);

    // While the host thinks, which may say no then.
    let mut server = Server::new(config());
    let mut input = BytesMut::new();
    let Ok(Step::Event(Event::Connect(ask))) = server.receive(&mut input) else {
        panic!("nothing was asked")
    };
    assert!(matches!(server.receive(&mut input), Ok(Step::NeedAnswer)));
    input.extend_from_slice(b"EHLO c\r\n");
    assert!(matches!(server.receive(&mut input), Ok(Step::Event(Event::EarlyTalker))));
    assert!(matches!(server.receive(&mut input), Ok(Step::NeedAnswer)));
    server.reject(ask, Rejection::policy()).unwrap();
    assert_eq!(events(&mut server, &mut input), [""; 0]);

    // While the greeting waits to be written.
    let mut server = Server::new(config());
    let mut input = BytesMut::new();
    assert_eq!(events(&mut server, &mut input), ["connect"]);
    input.extend_from_slice(b"EHLO c\r\n");
    assert_eq!(events(&mut server, &mut input), ["early", "hello"]);
}

#[test]
fn a_client_that_waits_for_the_greeting_is_no_early_talker() {
    for config in [config(), lmtp()] {
        let mut session = Session::new(config);
        session.say("");
        session.said();
        session.say("NOOP\r\n");
        session.say("NOOP\r\n");
        assert!(!session.seen().iter().any(|entry| entry == "EarlyTalker"), "{:?}", session.seen());
    }
}

/// What is wrong with a parameter tells a client whether it may come again without it.
// covers rfc5321 4.1.1.11 mail-parameter-555
// covers rfc5321 4.1.1.11 rcpt-parameter-555
// covers rfc5321 4.3.2 syntax-error-501
#[test]
fn a_bad_value_is_told_from_a_parameter_that_is_not_offered() {
    let offers = ["FUTURERELEASE 864000 2030-01-01T00:00:00Z", "MT-PRIORITY", "DSN", "RRVS"];
    let lines = [
        ("MAIL FROM:<> HOLDFOR=5 HOLDUNTIL=2029-12-24T00:00:00Z", "501 5.5.4 "),
        ("MAIL FROM:<> SIZE=5 size=5", "501 5.5.4 "),
        ("MAIL FROM:<> MT-PRIORITY=10", "501 5.5.4 "),
        ("MAIL FROM:<> RET=ALL", "501 5.5.4 "),
        ("MAIL FROM:<> SIZE", "501 5.5.4 "),
        ("MAIL FROM:<> FROB=1 FROB=2", "501 5.5.4 "),
        ("MAIL FROM:<> FROB=1", "555 5.5.4 "),
        ("MAIL FROM:<> NOTIFY=NEVER", "555 5.5.4 "),
        ("MAIL FROM:<> BY=120;R", "555 5.5.4 "),
        (MAIL, "250 2.1.0 "),
        ("RCPT TO:<b@example.net> NOTIFY=NEVER,SUCCESS", "501 5.5.4 "),
        ("RCPT TO:<b@example.net> RRVS=yesterday", "501 5.5.4 "),
        ("RCPT TO:<b@example.net> SIZE=5", "555 5.5.4 "),
        ("RCPT TO:<b@example.net> CONNEG", "555 5.5.4 "),
        ("RCPT TO:<b@example.net> NOTIFY=NEVER", "250 2.1.5 "),
    ];
    let said: Vec<_> = ["EHLO c"].into_iter().chain(lines.map(|(line, _)| line)).collect();
    let found = answers(offering(&offers), &said);
    for ((line, expected), found) in lines.iter().zip(&found[1..]) {
        assert!(found.starts_with(expected), "{line}: {found}");
    }
}

/// Behind HELO nothing was offered.
// covers rfc5321 3.2 no-parameters-behind-helo
#[test]
fn a_recipient_has_no_parameters_behind_helo() {
    let rcpt = "RCPT TO:<b@example.net> NOTIFY=NEVER";
    for (commands, code) in [
        (&["HELO c", MAIL, rcpt][..], "555 5.5.4 "),
        (&["EHLO c", "HELO c", MAIL, rcpt], "555 5.5.4 "),
        (&["HELO c", "EHLO c", MAIL, rcpt], "250 2.1.5 "),
        (&["HELO c", MAIL, "RCPT TO:<b@example.net>"], "250 2.1.5 "),
    ] {
        let found = answers(offering(&["DSN"]), commands);
        assert!(found.last().unwrap().starts_with(code), "{commands:?}: {found:?}");
    }
}
