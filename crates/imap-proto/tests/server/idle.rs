//! IDLE: told at once, ended by DONE and nothing else.
use crate::common::{Driven, open_config, untagged};
use crate::rfc::in_mailbox;
use core::time::Duration;
use imap_proto::{
    ProtocolError, Reason, State, Unit,
    server::{Event, TellError},
};

fn idling() -> Driven {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("A002 IDLE\r\n");
    let Event::Idle(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    assert!(driven.needs_input());
    assert_eq!(driven.said(), "+ idling\r\n");
    driven
}

// covers rfc2177 3 commands-again
#[test]
fn the_session_of_rfc_2177() {
    let mut driven = idling();
    driven.server.tell(untagged("* 4 EXISTS")).unwrap();
    assert_eq!(driven.said(), "* 4 EXISTS\r\n");
    driven.server.tell(untagged("* 2 EXPUNGE")).unwrap();
    driven.server.tell(untagged("* 3 EXISTS")).unwrap();
    assert_eq!(driven.said(), "* 2 EXPUNGE\r\n* 3 EXISTS\r\n");
    driven.hear("done\r\n");
    assert!(matches!(driven.event(), Event::IdleEnded));
    assert_eq!(driven.said(), "A002 OK IDLE completed\r\n");
    assert!(matches!(driven.server.tell(untagged("* 2 EXPUNGE")), Err(TellError::Forbidden { .. })));
}

// covers rfc2177 3 done-is-answered
// covers rfc2177 3 waits-for-done
#[test]
fn a_client_that_says_anything_but_done_has_ended_its_idle_and_nothing_else() {
    let log = in_mailbox(
        r"
        C: a IDLE
        S: + idling
        C: b DELETE INBOX
        S: a BAD expected DONE
        C: c IDLE
        S: + idling
        C: d DELETE {5}
        S: c BAD expected DONE
        C: e IDLE
        S: + idling
        C: f DELETE {5+}
        C: INBOX
        S: e BAD expected DONE
        C: g IDLE
        S: + idling
        C: \0
        S: g BAD expected DONE
        C: h IDLE
        C: DONE
        C: i NOOP
        S: + idling
        S: h OK IDLE completed
        S: i OK NOOP completed
        ",
        &[],
    );
    let ended = ["idle", "idle ended"];
    assert_eq!(log[1..], [&ended[..], &ended, &ended, &ended, &ended, &["NOOP"]].concat());
}

// covers rfc3501 5.4 thirty-minutes
#[test]
fn a_client_that_idles_has_half_an_hour() {
    let mut config = open_config();
    config.idle_timeout = Duration::from_secs(1);
    let mut driven = Driven::logged_in(config);
    driven.hear("a IDLE\r\n");
    let Event::Idle(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    assert_eq!(driven.server.patience().limit, Duration::from_secs(30 * 60));
    driven.server.close(Reason::Timeout);
    assert_eq!(driven.said(), "+ idling\r\n* BYE waited for too long\r\n");
}

// covers rfc2177 4 idle-states
#[test]
fn idle_without_a_mailbox_and_a_connection_that_is_cut_in_it() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear("a IDLE\r\n");
    let Event::Idle(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    assert_eq!(driven.server.state(), State::Idling(None));
    assert!(matches!(driven.server.tell(untagged("* 4 EXISTS")), Err(TellError::OutOfPlace { .. })));
    assert!(driven.needs_input());
    let cut = ProtocolError::Cut { inside: Unit::Line };
    assert_eq!(driven.server.receive_eof(&driven.input), Err(cut));
}

// covers rfc2177 3 asks-for-done
// covers rfc2177 3 nothing-but-done
#[test]
fn a_command_behind_done_may_name_messages_by_the_numbers_it_knows() {
    let mut driven = idling();
    driven.hear("D");
    assert!(driven.needs_input());
    assert!(matches!(driven.server.tell(untagged("* 2 EXPUNGE")), Err(TellError::Forbidden { .. })));
}
