//! Seeds of a session.
use super::{TARGETS, sender::faces};
use alloc::vec::Vec;
use mail_wire::fuzzing::{seed, tame_seeds};

/// The places of the session targets in [`TARGETS`].
pub(super) const SERVER: usize = 3;
pub(super) const CLIENT: usize = 4;
pub(super) const PAIR: usize = 5;

/// Inputs for each target of what each side says in a session: a server hears the client, a client that sends the
/// commands of the session hears the server, and a client sends them to a server.
pub fn seeds(client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = tame_seeds(TARGETS.len(), client);
    seeds.extend(tame_seeds(TARGETS.len(), server));
    seeds.push(hears_client(client, server));
    seeds.push(hears_server(client, server));
    seeds.push(pair(client, server));
    seeds
}

/// SMTP or LMTP, as the dice say it.
fn protocol(client: &[u8]) -> u8 {
    u8::from(client.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"LHLO")))
}

/// Much is held unsent, and all is tolerated. There is no TLS: what stands behind STARTTLS is said in clear.
pub(super) fn hears_client(client: &[u8], _: &[u8]) -> Vec<u8> {
    let said = without(client, |_, line| line.eq_ignore_ascii_case(b"STARTTLS"));
    seed(SERVER, &[0, 0, protocol(client)], &said)
}

/// All is tolerated, one command is sent after the other, and QUIT at last.
pub(super) fn hears_server(client: &[u8], server: &[u8]) -> Vec<u8> {
    let starttls = faces(b"STARTTLS");
    let commands: Vec<_> = lines(client).map(faces).filter(|faces| *faces != starttls).flatten().collect();
    let count = u8::try_from(commands.len()).unwrap_or(u8::MAX).saturating_sub(1);
    // Behind the greeting, only STARTTLS is answered by 220, and this client does not send it.
    let said = without(server, |at, line| at > 0 && line.starts_with(b"220"));
    seed(CLIENT, &[&[protocol(client), 0, 0, 0, 1, count][..], &commands.concat()].concat(), &said)
}

/// The pipes and the limits are large, nothing is cut, and the server agrees to everything.
pub(super) fn pair(client: &[u8], _: &[u8]) -> Vec<u8> {
    // Of the twelve chunks of the messages each is two octets.
    let mut asked = [2, 0, 2].repeat(12);
    for line in lines(client) {
        match faces(line) {
            // What stands behind DATA is dropped as long as its reply has not come.
            Some(faces) if line.eq_ignore_ascii_case(b"DATA") => {
                asked.extend([&[0], faces, &[14; 8]].concat());
            }
            Some(faces) => asked.extend([&[0], faces].concat()),
            None if line.eq_ignore_ascii_case(b"QUIT") => asked.extend([15, 7]),
            None => {}
        }
    }
    seed(PAIR, &[protocol(client)], &asked)
}

fn lines(said: &[u8]) -> impl Iterator<Item = &[u8]> {
    said.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii_end)
}

/// What is said, but for some of its lines.
fn without(said: &[u8], is_dropped: impl Fn(usize, &[u8]) -> bool) -> Vec<u8> {
    let lines = said.split_inclusive(|octet| *octet == b'\n').enumerate();
    let kept = lines.filter(|(at, line)| !is_dropped(*at, line.trim_ascii_end()));
    kept.flat_map(|(_, line)| line).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{
        client, delivery, server,
        tests::{OF_SERVERS, SCRIPTS},
    };
    use mail_wire::fuzzing::Input;
    use test_support::{Script, Who};

    fn seed_of(name: &str, seed: fn(&[u8], &[u8]) -> Vec<u8>) -> Vec<u8> {
        let script = Script::load(&std::format!("smtp/{name}.txt"));
        seed(&script.said_by(Who::Client), &script.said_by(Who::Server))
    }

    fn input(seed: &[u8], of: usize) -> Input<'_> {
        let (target, input) = Input::read(seed).unwrap();
        assert_eq!(target, of, "it is for another target");
        input
    }

    #[test]
    fn a_server_that_hears_a_script_comes_to_its_quit() {
        for name in SCRIPTS.into_iter().chain(OF_SERVERS) {
            let seed = seed_of(name, hears_client);
            let log = server::log(input(&seed, SERVER));
            assert!(log.last().unwrap() == "Quit" && log.len() > 3, "{name}: {log:#?}");
        }
    }

    #[test]
    fn a_client_that_hears_a_script_has_sent_what_is_answered() {
        // This one is of what no client sends.
        for name in SCRIPTS.iter().filter(|name| **name != "refusals") {
            let seed = seed_of(name, hears_server);
            let log = client::log(input(&seed, CLIENT));
            let said = log.iter().rfind(|entry| entry.starts_with("says "));
            assert!(said.unwrap().ends_with("QUIT\\r\\n"), "{name}: {log:#?}");
            assert!(!log.iter().any(|entry| entry.starts_with("Unsolicited")), "{name}: {log:#?}");
        }
    }

    #[test]
    fn a_pair_delivers_the_messages_of_a_script() {
        for name in SCRIPTS {
            let seed = seed_of(name, pair);
            let (delivered, is_over) = delivery::delivered(input(&seed, PAIR));
            let has_message = ["helo", "lmtp", "pipelining", "smtputf8", "typical"].contains(&name);
            assert_eq!((delivered, is_over), (usize::from(has_message), true), "{name}");
        }
    }
}
