use super::{Access::*, Outcome as O, State::*, Verb::*, *};
use std::{string::ToString, vec::Vec};

const STATES: [State; 12] = [
    Greeting,
    NotAuthenticated,
    Authenticating,
    Upgrading,
    Authenticated,
    Selected(ReadWrite),
    Selected(ReadOnly),
    Idling(None),
    Idling(Some(ReadWrite)),
    Idling(Some(ReadOnly)),
    LoggingOut,
    Closed,
];
const VERBS: [Verb; 36] = [
    Greet,
    Capability,
    Noop,
    Id,
    Logout,
    StartTls,
    Upgraded,
    Authenticate,
    Respond,
    Login,
    Compress,
    Enable,
    Select,
    Examine,
    Create,
    Delete,
    Rename,
    Subscribe,
    Unsubscribe,
    List,
    Lsub,
    Namespace,
    Status,
    Append,
    Idle,
    Done,
    Check,
    Close,
    Unselect,
    Expunge,
    Search,
    Fetch,
    Store,
    Copy,
    Move,
    Other,
];
const ANSWERS: [Outcome; 7] =
    [O::Continue, O::Ok, O::Opened(ReadWrite), O::Opened(ReadOnly), O::PreAuth, O::No, O::Bad];

/// What may be said, and in which states, as the RFCs sort the commands.
fn may_be_said(state: State, verb: Verb) -> bool {
    match verb {
        Greet => state == Greeting,
        Capability | Noop | Id | Logout | Compress | Other => {
            matches!(state, NotAuthenticated | Authenticated | Selected(_))
        }
        StartTls | Authenticate | Login => state == NotAuthenticated,
        Upgraded => false,
        Respond => state == Authenticating,
        Enable => state == Authenticated,
        Select | Examine | Create | Delete | Rename | Subscribe | Unsubscribe | List | Lsub | Namespace
        | Status | Append | Idle => matches!(state, Authenticated | Selected(_)),
        Done => matches!(state, Idling(_)),
        Check | Close | Unselect | Search | Fetch | Copy => matches!(state, Selected(_)),
        Expunge | Store | Move => state == Selected(ReadWrite),
    }
}

// covers rfc3501 6.3 authenticated-commands
// covers rfc3501 6.1 any-state
// covers rfc3501 6.2 before-login
// covers rfc3501 6.4 selected-commands
#[test]
fn each_verb_may_be_said_where_the_rfcs_say_and_nowhere_else() {
    for state in STATES {
        for verb in VERBS {
            assert_eq!(state.permits(verb).is_ok(), may_be_said(state, verb), "{verb} in {state:?}");
        }
    }
}

// covers rfc3501 6.4.2 close-deselects
// covers rfc3691 2 unselect-deselects
// covers rfc3501 7.1.1 greeting-ok
#[test]
fn each_pair_of_state_and_verb_leads_where_the_diagram_says() {
    for state in STATES {
        for verb in VERBS {
            let Ok(said) = state.after(verb, O::Said) else { continue };
            let reached: Vec<Option<State>> =
                ANSWERS.iter().map(|answer| said.after(verb, *answer).ok()).collect();
            let same = Some(state);
            let [plus, ok, opened, examined, preauth, no, bad] = match verb {
                Greet => [None, Some(NotAuthenticated), None, None, Some(Authenticated), None, None],
                Logout => [None, Some(Closed), None, None, None, Some(Closed), None],
                StartTls => [None, Some(Upgrading), None, None, None, same, same],
                Login => [None, Some(Authenticated), None, None, None, same, same],
                Authenticate => [Some(Authenticating), Some(Authenticated), None, None, None, same, same],
                Respond => {
                    let out = Some(NotAuthenticated);
                    [same, Some(Authenticated), None, None, None, out, out]
                }
                Select | Examine => {
                    let none = Some(Authenticated);
                    [None, None, Some(Selected(ReadWrite)), Some(Selected(ReadOnly)), None, none, none]
                }
                Close | Unselect => [None, Some(Authenticated), None, None, None, same, same],
                Idle => [Some(Idling(state.selected())), same, None, None, None, same, same],
                Done => {
                    let back = Some(state.selected().map_or(Authenticated, Selected));
                    [None, back, None, None, None, back, back]
                }
                _ => [None, same, None, None, None, same, same],
            };
            assert_eq!(reached, [plus, ok, opened, examined, preauth, no, bad], "{verb} in {state:?}");
        }
    }
    assert_eq!(Upgrading.after(Upgraded, O::Ok), Ok(NotAuthenticated));
}

#[test]
fn an_answer_moves_nothing_but_the_verb_it_answers() {
    for state in STATES {
        for verb in VERBS {
            for answer in ANSWERS {
                let answered = state.after(verb, answer).is_ok();
                // A mailbox may turn read-only, and another be selected, while a client's commands are in flight.
                let due = STATES.iter().any(|before| before.after(verb, O::Said) == Ok(state))
                    || (state, verb) == (Upgrading, Upgraded)
                    || matches!((state, verb), (Selected(_), Select | Examine | Expunge | Store | Move));
                assert!(!answered || due, "{verb} {answer:?} in {state:?}");
            }
        }
    }
}

// covers rfc3501 7.1.5 bye-closes
#[test]
fn bye_ends_a_session_wherever_it_stands() {
    for state in STATES {
        for verb in VERBS {
            assert_eq!(state.after(verb, O::Bye), Ok(Closed));
        }
    }
}

// covers rfc3501 6.3.1 deselects-first
#[test]
fn a_mailbox_that_was_selected_is_closed_by_a_select_that_fails() {
    for before in [Selected(ReadWrite), Selected(ReadOnly)] {
        // The server has closed it when it answers, the client when it hears.
        assert_eq!(before.after(Select, O::No), Ok(Authenticated));
        assert_eq!(before.after(Select, O::Bad), Ok(before));
    }
}

#[test]
fn a_refusal_says_what_is_missing() {
    for (state, verb, text) in [
        (NotAuthenticated, Select, "log in first"),
        (Authenticated, Login, "already logged in"),
        (Authenticated, Fetch, "no mailbox is selected"),
        (Selected(ReadWrite), Enable, "a mailbox is selected"),
        (Selected(ReadOnly), Store, "the mailbox is read-only"),
        (Idling(None), Noop, "out of sequence"),
        (Closed, Noop, "out of sequence"),
    ] {
        assert_eq!(state.permits(verb).unwrap_err().to_string(), text);
    }
}
