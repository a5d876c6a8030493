//! Whatever a client says and however it is cut, the session comes to the same, and removes what was marked alone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use common::{Outcome, Session};
use pop3_proto::{CleartextLogin, Leniency, Mechanism, Mechanisms, ServerConfig};
use proptest::prelude::*;

/// Lines that mean something here or there, and octets that mean nothing anywhere.
fn said() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "USER mrose\r\n",
        "PASS tan staaf\r\n",
        "PASS wrong\r\n",
        "AUTH PLAIN\r\n",
        "AUTH PLAIN AG1yb3NlAHRhbiBzdGFhZg==\r\n",
        "AG1yb3NlAHRhbiBzdGFhZg==\r\n",
        "AUTH LOGIN\r\n",
        "AUTH\r\n",
        "*\r\n",
        "CAPA\r\n",
        "STAT\r\n",
        "STAT \r\n",
        "LIST\r\n",
        "LIST 1\r\n",
        "UIDL\r\n",
        "UIDL  2\r\n",
        "RETR 1\r\n",
        "RETR 3\r\n",
        "TOP 2 1\r\n",
        "DELE 1\r\n",
        "DELE 2\r\n",
        "NOOP\r\n",
        "RSET\r\n",
        "QUIT\r\n",
        "BOGUS\r\n",
        "\r\n",
        "\n",
        "\r",
        "\0",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]);
    // Half of the sessions log in first: most commands want that.
    let login = prop_oneof![Just(&b""[..]), Just(&b"USER mrose\r\nPASS tan staaf\r\n"[..])];
    (login, prop::collection::vec(line, 0..24))
        .prop_map(|(login, lines)| [login.to_vec(), lines.concat().into_bytes()].concat())
}

fn session(max_unsent: usize) -> Session {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.mechanisms = Mechanisms::new([Mechanism::PLAIN, Mechanism::LOGIN]).unwrap();
    config.leniency = Leniency::LENIENT;
    config.max_line = 32;
    config.max_auth_line = 64;
    config.max_unsent = max_unsent;
    let mut session = Session::new(config);
    session.proceed();
    session
}

fn run(mut session: Session, pieces: &[&[u8]]) -> Outcome {
    for piece in pieces {
        session.say(piece);
    }
    session.outcome
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn cuts_and_queues_change_nothing(
        said in said(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        max_unsent in 1_usize..200,
    ) {
        let whole = run(session(1 << 16), &[&said]);
        let bytes: Vec<&[u8]> = said.chunks(1).collect();
        prop_assert_eq!(&run(session(1 << 16), &bytes), &whole);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(said.len() + 1)).collect();
        cuts.sort_unstable();
        let (mut pieces, mut from) = (Vec::new(), 0);
        for cut in cuts.into_iter().chain([said.len()]) {
            pieces.push(&said[from..cut]);
            from = cut;
        }
        prop_assert_eq!(&run(session(max_unsent), &pieces), &whole);
    }

    #[test]
    fn what_is_removed_was_marked_since_the_last_reset(said in said()) {
        let outcome = run(session(1 << 16), &[&said]);
        let mut marked = Vec::new();
        for entry in &outcome.log {
            match entry.split_once(' ') {
                Some(("dele", number)) => marked.push(number.parse::<u32>().unwrap()),
                Some(("remove", numbers)) => {
                    marked.sort_unstable();
                    prop_assert_eq!(numbers, format!("{marked:?}"));
                }
                None if entry == "reset" => marked.clear(),
                _ => {}
            }
        }
    }
}
