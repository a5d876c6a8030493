//! Seeds of a session.
use super::{TARGETS, client::face, commands::units};
use crate::frame::Rules;
use alloc::vec::Vec;
use mail_wire::fuzzing::{seed, tame_seeds};

/// The places of the session targets in [`TARGETS`].
pub(super) const SERVER: usize = 4;
pub(super) const CLIENT: usize = 5;

/// LITERAL+ is offered, all limits are the large ones, and a login is asked for.
const LITERAL_PLUS: [u8; 5] = [1, 0, 0, 0, 1];
const PREAUTH: [u8; 5] = [1, 0, 0, 0, 0];
/// Lenient, inline up to a few octets, many in flight, the large limits, and one command at a time.
const ONE_BY_ONE: [u8; 5] = [0, 0, 0, 0, 0];

/// Inputs for each target of what each side says in a session: a server hears the client, a client that sends the
/// commands of the session hears the server.
pub fn seeds(client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = tame_seeds(TARGETS.len(), client);
    seeds.extend(tame_seeds(TARGETS.len(), server));
    seeds.push(hears_client(client, server));
    seeds.push(hears_server(client, server));
    seeds
}

pub(super) fn hears_client(client: &[u8], server: &[u8]) -> Vec<u8> {
    let dice = if server.starts_with(b"* PREAUTH") { PREAUTH } else { LITERAL_PLUS };
    seed(SERVER, &dice, client)
}

pub(super) fn hears_server(client: &[u8], server: &[u8]) -> Vec<u8> {
    let commands = commands(client);
    let faces: Vec<u8> = commands.iter().map(|(_, face)| *face).collect();
    let count = u8::try_from(faces.len()).unwrap_or(u8::MAX).saturating_sub(4);
    seed(CLIENT, &[&ONE_BY_ONE[..], &[count], &faces].concat(), &own_tags(server, &commands))
}

/// Tags, and the faces of the commands behind them.
fn commands(client: &[u8]) -> Vec<(Vec<u8>, u8)> {
    let units = units(client, Rules::server());
    let commands = units.iter().filter_map(|unit| {
        let mut words = unit.split(|octet| *octet == b' ');
        let (tag, verb) = (words.next()?, words.next()?);
        let verb = if verb.eq_ignore_ascii_case(b"UID") { words.next().unwrap_or_default() } else { verb };
        Some((tag.to_vec(), face(verb)))
    });
    commands.collect()
}

/// The client counts its commands: what a server says to the third one has the tag A3.
fn own_tags(server: &[u8], commands: &[(Vec<u8>, u8)]) -> Vec<u8> {
    let (mut said, mut answered) = (Vec::new(), 0);
    for line in server.split_inclusive(|octet| *octet == b'\n') {
        let tag = line.split(|octet| *octet == b' ').next().unwrap_or_default();
        let at = commands.iter().skip(answered).position(|(known, _)| known == tag);
        match at {
            Some(at) => {
                answered += at + 1;
                said.extend_from_slice(alloc::format!("A{answered}").as_bytes());
                said.extend_from_slice(&line[tag.len()..]);
            }
            None => said.extend_from_slice(line),
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{client, server};
    use mail_wire::fuzzing::Input;
    use test_support::{Script, Who};

    const SCRIPTS: [&str; 3] = ["literals", "typical", "unsolicited"];

    fn seed_of(name: &str, seed: fn(&[u8], &[u8]) -> Vec<u8>) -> Vec<u8> {
        let script = Script::load(&std::format!("imap/{name}.txt"));
        seed(&script.said_by(Who::Client), &script.said_by(Who::Server))
    }

    fn input(seed: &[u8], of: usize) -> Input<'_> {
        let (target, input) = Input::read(seed).unwrap();
        assert_eq!(target, of, "it is for another target");
        input
    }

    #[test]
    fn a_server_that_hears_a_script_comes_to_its_last_command() {
        let last = ["refused unit longer than", "Logout", "Noop("];
        for (name, last) in SCRIPTS.iter().zip(last) {
            let seed = seed_of(name, hears_client);
            let log = server::log(input(&seed, SERVER));
            assert!(log.last().unwrap().starts_with(last), "{name}: {log:#?}");
            assert!(log.len() > 8, "{name}: {log:#?}");
        }
    }

    #[test]
    fn a_client_that_hears_a_script_has_sent_what_is_answered() {
        for name in SCRIPTS {
            let seed = seed_of(name, hears_server);
            let input = input(&seed, CLIENT);
            let ends =
                input.octets.split(|octet| *octet == b'\n').filter(|line| line.starts_with(b"A")).count();
            let log = client::log(input);
            let told = log.iter().filter(|entry| entry.starts_with("Completed")).count();
            assert!(told == ends && told > 3, "{name}, {told} of {ends}: {log:#?}");
        }
    }
}
