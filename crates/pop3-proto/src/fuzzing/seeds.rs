//! Seeds of a session.
use super::TARGETS;
use alloc::vec::Vec;
use mail_wire::fuzzing::{seed, tame_seeds};

/// The place of the session target in [`TARGETS`].
pub(super) const SERVER: usize = 3;

/// Inputs for each target of what each side says in a session. There is no client yet that would hear the server.
pub fn seeds(client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = tame_seeds(TARGETS.len(), client);
    seeds.extend(tame_seeds(TARGETS.len(), server));
    seeds.push(hears_client(client));
    seeds
}

/// All is tolerated, and lines may be long. There is no TLS: what stands behind STLS is said in clear.
pub(super) fn hears_client(client: &[u8]) -> Vec<u8> {
    let lines = client.split_inclusive(|octet| *octet == b'\n');
    let said = lines.filter(|line| !line.trim_ascii_end().eq_ignore_ascii_case(b"STLS"));
    seed(SERVER, &[0, 1, 0], &said.flatten().copied().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::server;
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
}
