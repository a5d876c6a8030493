//! What a session costs, and when it has had enough.
use crate::common::{Driven, Told, open_config, session, untagged};
use bytes::{Buf, BytesMut};
use core::time::Duration;
use imap_proto::{
    Offer, Step, Then,
    server::{Completion, Event, Server, Welcome},
};
use test_support::heap;

#[test]
fn a_flood_of_errors_ends_the_session() {
    let mut config = open_config();
    config.max_errors = 3;
    let log = session(
        &config,
        r"
        S: * OK [CAPABILITY {BEFORE}] IMAP4rev1 server ready
        C: a XYZZY
        S: a BAD unknown command
        C: b SELECT x
        S: b BAD [CLIENTBUG] SELECT: log in first
        C: c NOOP
        S: c OK NOOP completed
        C: GET / HTTP/1.1
        S: GET BAD unknown command
        C: {}
        S: * BAD expected a tag at octet 0, found '{'
        C:
        S: * BAD expected a tag at octet 0, found the end
        S: * BYE too many bad commands
        ",
        || Told::new(&[]),
    );
    assert_eq!(log, ["NOOP", "closed"]);
}

// covers rfc3501 2.2.2 untagged-where-no-tag
#[test]
fn errors_say_where_and_what() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a FETCH 0 FLAGS\r\nb FETCH 1\r\nc STORE 1 FLAGS\r\nd NOOP x\r\ne UID NOOP\r\n\r\nf\r\n");
    assert!(driven.needs_input());
    assert_eq!(
        driven.said(),
        "a BAD expected a number above zero at octet 8, found '0'\r\n\
         b BAD expected a space at octet 9, found the end\r\n\
         c BAD expected a space at octet 15, found the end\r\n\
         d BAD expected the end at octet 6, found ' '\r\n\
         e BAD expected COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE at octet 6, found 'N'\r\n\
         * BAD expected a tag at octet 0, found the end\r\n\
         f BAD expected a space at octet 1, found the end\r\n"
    );
}

// covers rfc2683 3.2.1.5 line-limit
#[test]
fn a_line_that_is_too_long_is_swallowed_to_its_end() {
    let mut config = open_config();
    config.max_login_line = 100;
    config.limits.text = 200;
    for (mut driven, limit) in [(Driven::new(config.clone()), 100), (Driven::logged_in(config.clone()), 200)]
    {
        driven.hear(&format!("a NOOP {} b LOGOUT\r\nc NOOP\r\n", "x".repeat(1000)));
        assert!(matches!(driven.event(), Event::Noop(_)));
        assert_eq!(driven.said(), format!("a BAD text longer than {limit} octets\r\n"));
    }
}

#[test]
fn commands_that_are_not_known_reach_the_host_where_it_wants_them() {
    let mut config = open_config();
    config.others = Offer::Yes;
    let mut driven = Driven::logged_in(config);
    driven.hear("a XPIG-LATIN a {3+}\r\nb c d\r\n");
    let Event::Other(ask) = driven.event() else { panic!() };
    assert_eq!((ask.name(), &ask.arguments()[..]), ("XPIG-LATIN", &b"a {3+}\r\nb c d"[..]));
    let running = driven.server.accept(ask, ()).unwrap();
    driven.server.data(&running, untagged("* XPIG-LATIN ow")).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), "* XPIG-LATIN ow\r\na OK completed\r\n");
}

#[test]
fn a_stranger_has_a_minute_whatever_it_says() {
    let mut driven = Driven::new(open_config());
    let patience = driven.server.patience();
    assert_eq!((patience.limit, patience.then), (Duration::from_secs(60), Then::GiveUp));
    driven.hear("a CAPABILITY\r\nb XYZZY\r\n");
    assert!(driven.needs_input());
    driven.said();
    assert_eq!(driven.server.patience(), patience);

    driven.hear("c LOGIN tim secret\r\n");
    let Event::Login(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    let logged_in = driven.server.patience();
    assert_eq!(logged_in.limit, Duration::from_secs(30 * 60));
    assert_ne!(logged_in.period, patience.period);
}

// covers rfc3501 5.4 any-command-counts
#[test]
fn a_command_that_comes_an_octet_a_minute_is_not_waited_for_for_ever() {
    let mut driven = Driven::in_mailbox(open_config());
    let patience = driven.server.patience();
    for octet in ["a", " ", "N", "O", "O", "P"] {
        driven.hear(octet);
        assert!(driven.needs_input());
        assert_eq!(driven.server.patience(), patience);
    }
    driven.hear("\r\n");
    assert!(matches!(driven.event(), Event::Noop(_)));
    assert_ne!(driven.server.patience().period, patience.period);
}

#[test]
fn a_message_that_comes_an_octet_a_minute_is_not_waited_for_for_ever() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear("a APPEND x {4000+}\r\n");
    let Event::Append(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    let patience = driven.server.patience();
    assert_eq!(patience.limit, Duration::from_secs(5 * 60));
    for _ in 0..1023 {
        driven.hear("x");
        assert!(matches!(driven.event(), Event::Payload(_)));
        assert_eq!(driven.server.patience(), patience);
    }
    driven.hear("x");
    assert!(matches!(driven.event(), Event::Payload(_)));
    assert_ne!(driven.server.patience().period, patience.period);
}

fn idle_session(config: &std::sync::Arc<imap_proto::ServerConfig>) -> Server {
    let mut server = Server::new(config.clone());
    let mut input = BytesMut::from("a LOGIN tim secret\r\nb SELECT INBOX\r\nc IDLE\r\n");
    loop {
        match server.receive(&mut input).unwrap() {
            Step::Event(Event::Connect(ask)) => server.accept(ask, Welcome::Ok).unwrap(),
            Step::Event(Event::Login(ask)) => server.accept(ask, ()).unwrap(),
            Step::Event(Event::Select(ask)) => {
                server.accept(ask, crate::common::selected(None)).unwrap();
            }
            Step::Event(Event::Idle(ask)) => server.accept(ask, ()).unwrap(),
            Step::NeedInput { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    let transmit = server.transmit();
    transmit.advance(transmit.remaining());
    server
}

#[test]
fn a_session_that_idles_holds_less_than_two_kilobytes() {
    let config = std::sync::Arc::new(open_config());
    let (used, server) = heap::measure(|| idle_session(&config));
    let machine = size_of::<Server>();
    assert!(machine <= 640, "{machine}");
    // Room for a kilobyte of output is kept.
    assert!(used.kept <= 1024 + 128, "{used:?}");
    drop(server);
}

#[test]
fn a_stranger_who_never_ends_its_line_costs_its_limit() {
    let mut config = open_config();
    config.max_login_line = 4096;
    let mut driven = Driven::new(config);
    let (used, ()) = heap::measure(|| {
        driven.input = BytesMut::with_capacity(8192);
        for _ in 0..10_000 {
            driven.hear("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{4000+}");
            assert!(driven.needs_input());
        }
    });
    assert!(used.peak <= 2 * 8192, "{used:?}");
}

#[test]
fn a_client_that_never_reads_costs_what_may_wait_and_one_response() {
    let mut config = open_config();
    config.max_unsent = 4096;
    let mut driven = Driven::new(config);
    driven.hear(&"a CAPABILITY\r\n".repeat(10_000));
    let (used, ()) = heap::measure(|| {
        assert!(matches!(driven.step(), Step::NeedFlush));
        assert!(matches!(driven.step(), Step::NeedFlush));
    });
    assert!(driven.server.unsent() <= 4096 + 300);
    assert!(used.peak <= 3 * 4096, "{used:?}");
    let left = driven.input.len();
    driven.said();
    assert!(matches!(driven.step(), Step::NeedFlush));
    assert!(driven.input.len() < left);
}

#[test]
fn a_message_of_64_megabytes_is_never_held() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear("a APPEND x {67108864}\r\n");
    let Event::Append(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    driven.said();
    let block = "x".repeat(16 << 10);
    let (used, octets) = heap::measure(|| {
        let mut octets = 0;
        while octets < 64 << 20 {
            driven.hear(&block);
            let Event::Payload(piece) = driven.event() else { panic!() };
            octets += piece.len();
        }
        octets
    });
    assert_eq!(octets, 64 << 20);
    assert!(used.peak <= 64 << 10, "{used:?}");
    driven.hear("\r\n");
    assert!(matches!(driven.event(), Event::AppendEnd(_)));
}

#[test]
fn a_command_of_many_literals_costs_its_limit() {
    let mut config = open_config();
    config.limits.unit = 32 << 10;
    let mut driven = Driven::in_mailbox(config);
    let (used, ()) = heap::measure(|| {
        driven.input = BytesMut::with_capacity(40 << 10);
        driven.hear("a SEARCH");
        for _ in 0..100 {
            driven.hear(" SUBJECT {4000+}\r\n");
            driven.hear(&"x".repeat(4000));
            assert!(driven.needs_input());
        }
        driven.hear("\r\n");
        assert!(driven.needs_input());
    });
    assert!(used.peak <= 2 * (40 << 10), "{used:?}");
    assert_eq!(driven.said(), "a NO [TOOBIG] text and literals longer than 32768 octets\r\n");
}

#[test]
fn a_search_for_thousands_of_keys_costs_what_its_text_allows() {
    for key in ["1", "ALL", "(1)", "(1 1)", "((1))", "(((((((((1)))))))))", "(1 1 1 1 1)", "NOT 1", "OR 1 1"]
    {
        let text = 64_000;
        let command = format!("a SEARCH{}\r\n", format!(" {key}").repeat(text / (key.len() + 1)));
        let mut driven = Driven::in_mailbox(open_config());
        driven.hear(&command);
        let (used, event) = heap::measure(|| driven.event());
        assert!(matches!(event, Event::Search(_)));
        assert!(used.kept <= 24 * text as isize, "{key}: {used:?}");
        assert!(used.peak <= 32 * text, "{key}: {used:?}");
    }
}

#[test]
fn what_was_tolerated_is_told_with_its_command_alone() {
    let mut config = open_config();
    config.leniency = imap_proto::Leniency::LENIENT;
    let mut driven = Driven::logged_in(config);
    driven.hear("a NOOP \r\nb NOOP\r\n");
    let Event::Noop(ask) = driven.event() else { panic!() };
    let kinds: Vec<_> = driven.server.deviations().iter().map(|deviation| deviation.kind).collect();
    assert_eq!(kinds, [imap_proto::DeviationKind::TrailingSpaces]);
    let running = driven.server.accept(ask, ()).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert!(matches!(driven.event(), Event::Noop(_)));
    assert!(driven.server.deviations().is_empty());
}

#[test]
fn refusals_that_are_swallowed_count_too() {
    let mut config = open_config();
    config.max_errors = 2;
    config.max_failed_logins = 1;
    let mut driven = Driven::logged_in(config.clone());
    driven.hear("a CREATE {5000+}\r\n");
    driven.hear(&"x".repeat(5000));
    driven.hear("\r\nb CREATE {5000}\r\n");
    assert!(matches!(driven.step(), Step::Closed));
    assert!(driven.said().ends_with("* BYE too many bad commands\r\n"));

    let mut driven = Driven::new(config);
    driven.hear("a AUTHENTICATE PLAIN\r\nx {3+}\r\nabc\r\n");
    let Event::Authenticate(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, imap_proto::server::AuthAnswer::Challenge(Vec::new())).unwrap();
    assert!(matches!(driven.event(), Event::AuthCancelled));
    assert!(matches!(driven.step(), Step::Closed));
    assert_eq!(driven.said(), "+ \r\na BAD expected base64\r\n* BYE too many failed logins\r\n");
}

#[test]
fn what_is_said_where_no_command_may_stand_counts_as_an_error() {
    for said in [
        "a IDLE\r\nb NOOP\r\n",
        "a IDLE\r\nb CREATE {3+}\r\nabc\r\n",
        "a APPEND x {3+}\r\nabc junk\r\n",
        "a APPEND x {3+}\r\nabc {99999999999}\r\n",
    ] {
        let mut config = open_config();
        config.max_errors = 1;
        let mut driven = Driven::logged_in(config);
        driven.hear(said);
        loop {
            match driven.step() {
                Step::Event(Event::Idle(ask)) => driven.server.accept(ask, ()).unwrap(),
                Step::Event(Event::Append(ask)) => driven.server.accept(ask, ()).unwrap(),
                Step::Event(_) => {}
                other => break assert!(matches!(other, Step::Closed), "{said}: {other:?}"),
            }
        }
        assert!(driven.said().ends_with("* BYE too many bad commands\r\n"), "{said}");
    }
}

#[test]
fn a_strangers_literals_count_as_a_strangers_line_does() {
    let mut config = open_config();
    config.max_login_line = 100;
    let mut driven = Driven::new(config);
    let sixty = "x".repeat(60);
    driven.hear(&format!("a LOGIN {{60+}}\r\n{sixty} {{60+}}\r\n{sixty}\r\nb LOGIN tim {{101}}\r\n"));
    assert!(driven.needs_input());
    assert_eq!(
        driven.said(),
        "a NO [TOOBIG] text and literals longer than 100 octets\r\n\
         b NO [TOOBIG] literal of 101 octets where 100 are allowed\r\n"
    );
}

#[test]
fn a_client_that_takes_what_it_asked_for_is_alive_but_a_stranger_only_has_its_minute() {
    let mut driven = Driven::new(open_config());
    let patience = driven.server.patience();
    driven.hear(&"a CAPABILITY\r\n".repeat(50));
    assert!(driven.needs_input());
    driven.said();
    assert_eq!(driven.server.patience(), patience);

    let mut driven = Driven::logged_in(open_config());
    driven.hear(&"a CAPABILITY\r\n".repeat(50));
    assert!(driven.needs_input());
    let patience = driven.server.patience();
    driven.server.transmit().advance(1100);
    assert_ne!(driven.server.patience().period, patience.period);
}
