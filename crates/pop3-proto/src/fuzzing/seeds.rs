//! Seeds of a session.
use super::{TARGETS, asked::faces};
use alloc::vec::Vec;
use mail_wire::fuzzing::{seed, tame_seeds};

/// The places of the session targets in [`TARGETS`].
pub(super) const SERVER: usize = 3;
pub(super) const CLIENT: usize = 5;
pub(super) const PAIR: usize = 6;

/// Inputs for each target of what each side says in a session: a server hears the client, a client that sends the
/// commands of the session hears the server, and a client sends them to a server.
pub fn seeds(client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = tame_seeds(TARGETS.len(), client);
    seeds.extend(tame_seeds(TARGETS.len(), server));
    seeds.push(hears_client(client));
    seeds.push(hears_server(client, server));
    seeds.push(pair(client));
    seeds
}

/// All is tolerated, and lines may be long. There is no TLS: what stands behind STLS is said in clear.
pub(super) fn hears_client(client: &[u8]) -> Vec<u8> {
    let lines = client.split_inclusive(|octet| *octet == b'\n');
    let said = lines.filter(|line| !line.trim_ascii_end().eq_ignore_ascii_case(b"STLS"));
    seed(SERVER, &[0, 1, 0], &said.flatten().copied().collect::<Vec<_>>())
}

/// All is tolerated, one command is sent after the other, and QUIT at last.
pub(super) fn hears_server(client: &[u8], server: &[u8]) -> Vec<u8> {
    let stls = faces(b"STLS");
    let lines = client.split(|octet| *octet == b'\n');
    let commands: Vec<_> = lines.map(faces).filter(|faces| *faces != stls).flatten().collect();
    let count = u8::try_from(commands.len()).unwrap_or(u8::MAX).saturating_sub(1);
    seed(CLIENT, &[&[0, 1, 0, 0, 0, 1, count][..], &commands.concat()].concat(), server)
}

/// The limits are large, nothing is cut, and the server agrees to everything.
pub(super) fn pair(client: &[u8]) -> Vec<u8> {
    let mut asked = Vec::new();
    for line in client.split(|octet| *octet == b'\n') {
        match faces(line) {
            Some(faces) => asked.extend([&[0], faces].concat()),
            None if line.starts_with(b"QUIT") => asked.push(39),
            None => {}
        }
    }
    seed(PAIR, &[], &asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{client, pair as pairs, server};
    use mail_wire::fuzzing::Input;
    use test_support::{Script, Who};

    #[test]
    fn a_server_that_hears_a_script_comes_to_its_quit() {
        for (name, last) in [("refusals", "remove []"), ("typical", "remove [2]")] {
            let script = Script::load(&std::format!("pop3/{name}.txt"));
            let seed = hears_client(&script.said_by(Who::Client));
            let (target, input) = Input::read(&seed).unwrap();
            assert_eq!(target, SERVER, "it is for another target");
            let log = server::log(input);
            assert!(log.len() > 6 && log[log.len() - 3..][..2] == [last, "closed"], "{name}: {log:#?}");
        }
    }

    #[test]
    fn a_client_that_hears_a_script_comes_to_its_end() {
        let script = Script::load("pop3/session.txt");
        let seed = hears_server(&script.said_by(Who::Client), &script.said_by(Who::Server));
        let (target, input) = Input::read(&seed).unwrap();
        assert_eq!(target, CLIENT, "it is for another target");
        let log = client::log(input);
        assert_eq!(log.last().unwrap(), "clean: true", "{log:#?}");
        let said = log.iter().rfind(|entry| entry.starts_with("says "));
        assert_eq!(said.unwrap(), "says QUIT\\r\\n", "{log:#?}");
    }

    #[test]
    fn a_pair_that_speaks_a_script_comes_to_its_quit() {
        let script = Script::load("pop3/pipelined.txt");
        let seed = pair(&script.said_by(Who::Client));
        let (target, input) = Input::read(&seed).unwrap();
        assert_eq!(target, PAIR, "it is for another target");
        let log = pairs::session(input);
        assert!(log.contains(&"remove [1]".into()), "{log:#?}");
    }
}
