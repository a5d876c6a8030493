//! The transition table. It does not know whose side it is on: a server asks it what may be answered, a client
//! what may be said.
use core::fmt;

/// Where a session stands ([RFC 1939 §3](https://www.rfc-editor.org/rfc/rfc1939#section-3)).
///
/// ```text
///  Greeting ──+OK──► Authorization ◄──────────── upgraded ───────────── Upgrading
///     │ -ERR          │  ▲   │  │ └─ STLS +OK ──────────────────────────────▲
///     ▼               │  │   │  └─ AUTH + ───► Exchange ◄─┐ response +
///   Closed            │  │   │                 │  │ └─────┘
///                USER │  │   ├── AUTH +OK ──┐  │  └─ response -ERR ─► Authorization
///                 +OK ▼  │   └── APOP +OK ──┤  │ response +OK
///                   Named ┘ PASS -ERR       │  │
///                     │ PASS +OK            ▼  ▼
///                     └───────────────► Transaction ──QUIT──► Update ──reply──► Closed
/// ```
///
/// What stands in Authorization stands in Named too, and AUTH there forgets the name. QUIT before the login
/// leads to Closed. A connection that is lost leads to Closed from anywhere, past Update: nothing is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum State {
    /// The server has not greeted yet.
    #[default]
    Greeting,
    /// Nobody has logged in.
    Authorization,
    /// USER has named a maildrop: PASS is due.
    Named,
    /// A SASL exchange is under way.
    Exchange,
    /// STLS has been agreed on; not an octet may be said before the transport is upgraded.
    Upgrading,
    /// The client has logged in, and the maildrop is its own.
    Transaction,
    /// QUIT has been said after a login: what is marked is being removed.
    Update,
    /// The session is over.
    Closed,
}

/// What moves a session: the commands, and what is none but moves it all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Greet,
    User,
    Pass,
    Apop,
    Capa,
    Stls,
    /// The transport has been upgraded.
    Upgraded,
    Auth,
    AuthList,
    /// A response to a challenge.
    Respond,
    Stat,
    List,
    Uidl,
    Retr,
    Top,
    Dele,
    Noop,
    Rset,
    Quit,
    Utf8,
    Lang,
}

/// What has become of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is said, and not answered.
    Said,
    /// `+OK`
    Ok,
    /// `-ERR`
    Err,
    /// `+ `: a challenge.
    Challenge,
}

/// A verb may not stand in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{verb} may not stand in the state {state}")]
pub(crate) struct BadSequence {
    verb: Verb,
    state: State,
}

impl State {
    /// The state after `verb` with this outcome.
    #[expect(clippy::match_same_arms, reason = "a table has a row for each thing that may happen")]
    pub(crate) fn after(self, verb: Verb, outcome: Outcome) -> Result<Self, BadSequence> {
        use {Outcome as O, State::*, Verb::*};
        Ok(match (self, verb, outcome) {
            (Greeting, Greet, O::Said) => Greeting,
            // rule rfc1939 4 greeting-opens: a session is in AUTHORIZATION once the server has greeted
            (Greeting, Greet, O::Ok) => Authorization,
            (Greeting, Greet, O::Err) => Closed,

            // rule rfc2449 5 capa-before-login: CAPA may stand before the login
            (Authorization | Named, Capa | AuthList, O::Said | O::Ok | O::Err) => self,
            // rule rfc1939 7 user-before-login: USER may stand in AUTHORIZATION
            (Authorization | Named, User, O::Said) => self,
            // rule rfc1939 7 user-then-pass: behind a USER that succeeded PASS is due
            (Authorization | Named, User, O::Ok) => Named,
            (Authorization | Named, User, O::Err) => Authorization,
            // rule rfc1939 7 pass-behind-user: PASS may stand behind a USER that succeeded
            (Named, Pass, O::Said) => Named,
            // rule rfc1939 4 login-opens-maildrop: a login that succeeds leads to TRANSACTION
            (Named, Pass, O::Ok) => Transaction,
            // rule rfc1939 7 failed-pass-begins-anew: behind a PASS that failed USER is due again
            (Named, Pass, O::Err) => Authorization,
            // rule rfc1939 7 apop-before-login: APOP may stand in AUTHORIZATION
            (Authorization | Named, Apop, O::Said) => self,
            // rule rfc1939 7 apop-opens-maildrop: APOP with the right digest leads to TRANSACTION
            (Authorization | Named, Apop, O::Ok) => Transaction,
            // rule rfc1939 7 failed-apop-stays: behind an APOP that failed the session stands where it stood
            (Authorization | Named, Apop, O::Err) => self,
            // rule rfc6856 2 utf8-before-login: UTF8 may stand in AUTHORIZATION, and nowhere else
            (Authorization | Named, Utf8, O::Said | O::Ok | O::Err) => self,
            // rule rfc6856 3.1 lang-in-both: LANG may stand in AUTHORIZATION and in TRANSACTION
            (Authorization | Named | Transaction, Lang, O::Said | O::Ok | O::Err) => self,
            // rule rfc2595 4 stls-before-login: STLS may stand in AUTHORIZATION
            (Authorization | Named, Stls, O::Said | O::Err) => self,
            // rule rfc2595 4 tls-behind-ok: behind the reply to STLS nothing but TLS follows
            (Authorization | Named, Stls, O::Ok) => Upgrading,
            // rule rfc2595 4 authorization-behind-tls: behind the upgrade the session is in AUTHORIZATION anew
            (Upgrading, Upgraded, O::Ok) => Authorization,
            // rule rfc5034 4 auth-before-login: AUTH may stand in AUTHORIZATION
            (Authorization | Named, Auth, O::Said) => Authorization,
            // rule rfc5034 4 failed-auth-begins-anew: an exchange that fails leads back to AUTHORIZATION
            (Authorization, Auth, O::Err) | (Exchange, Respond, O::Err) => Authorization,
            // rule rfc5034 4 response-to-challenge: a response may stand behind a challenge
            (Exchange, Respond, O::Said) => Exchange,
            // rule rfc5034 4 challenges-repeat: a challenge may follow AUTH, and a response
            (Authorization, Auth, O::Challenge) | (Exchange, Respond, O::Challenge) => Exchange,
            // rule rfc5034 4 auth-opens-maildrop: an exchange that succeeds leads to TRANSACTION
            (Authorization, Auth, O::Ok) | (Exchange, Respond, O::Ok) => Transaction,
            // rule rfc1939 4 quit-before-login: QUIT may stand in AUTHORIZATION
            (Authorization | Named, Quit, O::Said) => self,
            // rule rfc1939 4 quit-ends: QUIT before the login ends the session
            (Authorization | Named, Quit, O::Ok | O::Err) => Closed,

            // rule rfc1939 5 transaction-commands: STAT, LIST, RETR, DELE, NOOP and RSET may stand in TRANSACTION
            (
                Transaction,
                Capa | Stat | List | Uidl | Retr | Top | Dele | Noop | Rset,
                O::Said | O::Ok | O::Err,
            ) => Transaction,
            // rule rfc1939 6 quit-enters-update: QUIT in TRANSACTION leads to UPDATE
            (Transaction, Quit, O::Said) => Update,
            // rule rfc1939 6 update-ends: the reply to QUIT ends the session, whether all was removed or not
            (Update, Quit, O::Ok | O::Err) => Closed,

            (state, verb, _) => return Err(BadSequence { verb, state }),
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "before the greeting",
            Self::Authorization | Self::Named | Self::Exchange | Self::Upgrading => "AUTHORIZATION",
            Self::Transaction => "TRANSACTION",
            Self::Update => "UPDATE",
            Self::Closed => "closed",
        })
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greet => "the greeting",
            Self::User => "USER",
            Self::Pass => "PASS",
            Self::Apop => "APOP",
            Self::Capa => "CAPA",
            Self::Stls => "STLS",
            Self::Upgraded => "an upgrade",
            Self::Auth | Self::AuthList => "AUTH",
            Self::Respond => "a SASL response",
            Self::Stat => "STAT",
            Self::List => "LIST",
            Self::Uidl => "UIDL",
            Self::Retr => "RETR",
            Self::Top => "TOP",
            Self::Dele => "DELE",
            Self::Noop => "NOOP",
            Self::Rset => "RSET",
            Self::Quit => "QUIT",
            Self::Utf8 => "UTF8",
            Self::Lang => "LANG",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome as O, State::*, Verb::*, *};
    use std::{string::ToString, vec::Vec};

    const STATES: [State; 8] =
        [Greeting, Authorization, Named, Exchange, Upgrading, Transaction, Update, Closed];
    const VERBS: [Verb; 21] = [
        Greet, User, Pass, Apop, Capa, Stls, Upgraded, Auth, AuthList, Respond, Stat, List, Uidl, Retr, Top,
        Dele, Noop, Rset, Quit, Utf8, Lang,
    ];

    /// What may be said, and in which states, as the RFCs' command summaries say it.
    fn may_be_said(state: State, verb: Verb) -> bool {
        match verb {
            Greet => state == Greeting,
            User | Apop | Stls | Auth | AuthList | Utf8 => matches!(state, Authorization | Named),
            Pass => state == Named,
            Respond => state == Exchange,
            Capa | Lang | Quit => matches!(state, Authorization | Named | Transaction),
            Stat | List | Uidl | Retr | Top | Dele | Noop | Rset => state == Transaction,
            Upgraded => false,
        }
    }

    // covers rfc2449 5 capa-before-login
    // covers rfc1939 7 user-before-login
    // covers rfc1939 7 pass-behind-user
    // covers rfc2595 4 stls-before-login
    // covers rfc5034 4 auth-before-login
    // covers rfc5034 4 response-to-challenge
    // covers rfc1939 4 quit-before-login
    // covers rfc1939 5 transaction-commands
    // covers rfc1939 6 quit-enters-update
    // covers rfc1939 7 apop-before-login
    // covers rfc6856 2 utf8-before-login
    // covers rfc6856 3.1 lang-in-both
    #[test]
    fn each_verb_may_be_said_where_the_rfcs_say_and_nowhere_else() {
        for state in STATES {
            for verb in VERBS {
                let after = state.after(verb, O::Said);
                assert_eq!(after.is_ok(), may_be_said(state, verb), "{verb} in {state:?}");
            }
        }
    }

    // covers rfc1939 4 greeting-opens
    // covers rfc1939 7 user-then-pass
    // covers rfc1939 4 login-opens-maildrop
    // covers rfc1939 7 failed-pass-begins-anew
    // covers rfc2595 4 tls-behind-ok
    // covers rfc2595 4 authorization-behind-tls
    // covers rfc5034 4 failed-auth-begins-anew
    // covers rfc5034 4 challenges-repeat
    // covers rfc5034 4 auth-opens-maildrop
    // covers rfc1939 4 quit-ends
    // covers rfc1939 6 update-ends
    // covers rfc1939 7 apop-opens-maildrop
    // covers rfc1939 7 failed-apop-stays
    #[test]
    fn each_pair_of_state_and_verb_leads_where_the_diagram_says() {
        for state in STATES {
            for verb in VERBS {
                let Ok(said) = state.after(verb, O::Said) else { continue };
                let reached: Vec<Option<State>> = [O::Ok, O::Err, O::Challenge]
                    .iter()
                    .map(|outcome| said.after(verb, *outcome).ok())
                    .collect();
                let expected = match verb {
                    Greet => [Some(Authorization), Some(Closed), None],
                    User => [Some(Named), Some(Authorization), None],
                    Pass => [Some(Transaction), Some(Authorization), None],
                    Apop => [Some(Transaction), Some(state), None],
                    Stls => [Some(Upgrading), Some(state), None],
                    Auth | Respond => [Some(Transaction), Some(Authorization), Some(Exchange)],
                    Quit => [Some(Closed), Some(Closed), None],
                    _ => [Some(state), Some(state), None],
                };
                assert_eq!(reached, expected, "{verb} in {state:?}");
            }
        }
        assert_eq!(Upgrading.after(Upgraded, O::Ok), Ok(Authorization));
    }

    #[test]
    fn an_answer_moves_nothing_but_the_verb_it_answers() {
        for state in STATES {
            for verb in VERBS {
                for outcome in [O::Ok, O::Err, O::Challenge] {
                    let answered = state.after(verb, outcome).is_ok();
                    let due = STATES.iter().any(|before| before.after(verb, O::Said) == Ok(state))
                        || (state, verb) == (Upgrading, Upgraded);
                    assert!(!answered || due, "{verb} {outcome:?} in {state:?}");
                }
            }
        }
    }

    // covers rfc1939 6 quit-enters-update
    #[test]
    fn only_quit_after_a_login_leads_to_update() {
        for state in STATES {
            for verb in VERBS {
                for outcome in [O::Said, O::Ok, O::Err, O::Challenge] {
                    let update = state.after(verb, outcome) == Ok(Update);
                    assert_eq!(update, (state, verb, outcome) == (Transaction, Quit, O::Said));
                }
            }
        }
    }

    #[test]
    fn a_refusal_names_verb_and_state() {
        let error = Authorization.after(Retr, O::Said).unwrap_err();
        assert_eq!(error.to_string(), "RETR may not stand in the state AUTHORIZATION");
    }
}
