//! Messages in chunks that are full of commands.
use super::receiver::{Receiver, server_config};
use crate::{
    Protocol, Step,
    server::{Event, Server},
};
use alloc::{format, string::String, vec::Vec};
use bytes::{Buf, BytesMut};
use mail_wire::fuzzing::{Dice, Host, Input};

/// What stands in chunks, and may be told of as payload alone.
const EVIL: [&str; 6] = [
    "\r\n.\r\nMAIL FROM:<evil@x.example>\r\n",
    "MAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@x.example>\r\nDATA\r\n",
    "\r\nRSET\r\nBDAT 5 LAST\r\nVRFY evil\r\n",
    "QUIT\r\n",
    "EXPN evil\n",
    "\r\nEHLO evil\r\n",
];
const COMMANDS: [&str; 9] = [
    "EHLO c\r\n",
    "MAIL FROM:<a@b.example>\r\n",
    "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n",
    "RCPT TO:<c@d.example>\r\n",
    "RCPT TO:<c@d.example>\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY x\r\n",
    "HELO c\r\n",
];

/// Else mail is forged: whatever a server answers to a chunk, each command and each chunk gets one reply, and none of
/// its octets is a command.
pub(super) fn never_commands(mut input: Input<'_>) {
    let mut server = Server::new(server_config(Protocol::Smtp));
    let (said, commands) = stream(input.octets);
    let pieces = input.dice.pieces(&said);
    let mut host = Receiver::new(input.dice);
    let (mut wire, mut heard) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        wire.extend_from_slice(piece);
        if !hear(&mut server, &mut host, &mut wire, &mut heard) {
            return;
        }
    }
    let heard = String::from_utf8_lossy(&heard);
    let replies = heard.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).count();
    assert_eq!(replies, 1 + commands, "{heard}");
}

/// What a client says, by these faces, and how many replies that asks for.
fn stream(faces: &[u8]) -> (Vec<u8>, usize) {
    let mut dice = Dice::new(faces);
    let (mut said, mut commands) = (Vec::from(b"EHLO c\r\n"), 1);
    while !dice.is_empty() && commands < 60 {
        commands += 1;
        if dice.once_in(2) {
            said.extend_from_slice(dice.one_of(&COMMANDS).as_bytes());
            continue;
        }
        let chunk = (0..dice.among(5)).map(|_| dice.one_of(&EVIL)).collect::<Vec<_>>().concat();
        let last = if dice.once_in(3) { " LAST" } else { "" };
        said.extend_from_slice(format!("BDAT {}{last}\r\n{chunk}", chunk.len()).as_bytes());
    }
    (said, commands)
}

/// Lets the server hear what there is. Is it still there?
fn hear(server: &mut Server, host: &mut Receiver<'_>, wire: &mut BytesMut, heard: &mut Vec<u8>) -> bool {
    loop {
        let step = server.receive(wire);
        let transmit = server.transmit();
        heard.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
        match step {
            Ok(Step::Event(event)) => {
                let is_payload = matches!(event, Event::Payload(_));
                assert!(is_payload || !format!("{event:?}").contains("evil"), "{event:?}");
                host.event(server, event);
            }
            Ok(Step::NeedInput { .. }) => return true,
            // The host has said 421, or refused the connection.
            Ok(Step::Closed) => return false,
            other => panic!("{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::cases;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(cases(1500))]

        #[test]
        fn what_stands_in_a_chunk_is_never_a_command(
            octets in prop::collection::vec(any::<u8>(), 0..120),
            faces in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            never_commands(Input { dice: Dice::new(&faces), octets: &octets });
        }
    }
}
