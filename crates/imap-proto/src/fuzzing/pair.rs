//! A client and a server over pipes of any size, whatever their hosts do.
use super::{asker::Asker, client::open, store::Store};
use crate::{
    Bodies, CleartextLogin, ClientConfig, Offer, Reason, ServerConfig, Tag,
    client::Client,
    response::Capability::{Imap4Rev1, LiteralMinus, LiteralPlus, MultiAppend},
    server::{Server, Welcome},
};
use alloc::vec::Vec;
use mail_wire::fuzzing::{Dice, End, Input, Moved, Pipe};

/// When the connection is cut.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Never: the client says LOGOUT.
    None,
    /// After so many turns.
    Cut(u32),
    /// After so many turns the server says BYE.
    Bye(u32),
}

/// Nobody waits for ever, the end of each command is told, and messages come as they are.
pub(super) fn never_sticks(mut input: Input<'_>) {
    let dice = &mut input.dice;
    let offers = dice.among(8);
    let fault = match dice.among(4) {
        0 | 1 => Fault::None,
        2 => Fault::Cut(dice.number() % 300),
        _ => Fault::Bye(dice.number() % 300),
    };
    let mut client = End::new(Client::new(client_config(dice)));
    let mut server = End::new(Server::new(server_config(offers)));
    let mut up = Pipe::new(room(dice));
    let mut down = Pipe::new(room(dice));
    // What is asked for and what is answered comes from the octets: there are more of them.
    let (asked, answered) = input.octets.split_at(input.octets.len() / 2);
    let mut asker = Asker::new(Dice::new(asked), offers & 4 != 0);
    let mut store = Store::new(Dice::new(answered), Welcome::Ok);
    let (mut turns, mut quiet) = (0, 0);
    while !client.is_closed {
        turns += 1;
        assert!(turns < 100_000, "they talk for ever");
        match fault {
            Fault::Cut(at) if at == turns => break,
            Fault::Bye(at) if at == turns => server.machine.close(Reason::Shutdown),
            _ => {}
        }
        let moved = client.read(&mut asker, &mut down, dice.piece())
            | server.write(&mut down, dice.piece())
            | server.read(&mut store, &mut up, dice.piece())
            | client.write(&mut up, dice.piece());
        // A host may think for as long as it has dice.
        quiet = if moved == Moved::Yes { 0 } else { quiet + 1 };
        if quiet > input.octets.len() + 10 {
            break;
        }
        let is_agreed = client.upgrade.is_some() && server.upgrade.is_some();
        if moved == Moved::No && is_agreed && up.is_empty() && down.is_empty() {
            client.upgraded();
            server.upgraded();
            asker.upgraded();
        }
    }
    if !client.is_closed {
        // Either the connection is gone, or the server has hung up behind its BYE.
        let is_over = server.is_closed || matches!(fault, Fault::Cut(_));
        assert!(is_over, "both wait: {asker:#?}\n{store:#?}\n{client:#?}\n{server:#?}");
        client.hang_up(&mut asker);
    }
    assert_eq!(asker.waiting(), Vec::<Tag>::new(), "no end of these was told");
    for (uid, body) in asker.fetched() {
        assert_eq!(store.body(uid), Some(body), "message {uid}");
    }
    if let Fault::None = fault {
        assert!(asker.has_logged_out() && server.is_closed);
    }
}

/// Octets that a pipe holds: many, or a few.
fn room(dice: &mut Dice<'_>) -> usize {
    match dice.among(200) {
        0 => 1 << 20,
        octets => usize::from(octets),
    }
}

fn server_config(offers: u8) -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.max_unsent = 1 << 20;
    // Of a host that gives wrong passwords as its dice fall.
    config.max_failed_logins = 1000;
    config.capabilities = match offers % 3 {
        0 => config.capabilities.with(MultiAppend),
        1 => config.capabilities.with(LiteralPlus).with(MultiAppend),
        _ => config.capabilities.without(LiteralMinus),
    };
    config.capabilities = config.capabilities.with(Imap4Rev1);
    config.starttls = if offers & 4 == 0 { Offer::No } else { Offer::Yes };
    config
}

fn client_config(dice: &mut Dice<'_>) -> ClientConfig {
    ClientConfig {
        max_in_flight: 2 + usize::from(dice.among(4)),
        max_unsent: 50,
        bodies: dice.one_of(&[Bodies::AlwaysStream, Bodies::Inline(20)]),
        ..open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, Upgrade};
    use core::fmt;
    use mail_wire::fuzzing::Host;
    use proptest::{prelude::*, test_runner::RngSeed};
    use std::string::String;

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 400,
            rng_seed: RngSeed::Fixed(2060),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn nobody_waits_for_ever(
            faces in prop::collection::vec(any::<u8>(), 0..300),
            octets in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            never_sticks(Input { dice: Dice::new(&faces), octets: &octets });
        }
    }

    /// A host, and what it was told.
    struct Watched<H> {
        host: H,
        told: Vec<String>,
    }

    impl<H> Watched<H> {
        fn new(host: H) -> Self {
            Self { host, told: Vec::new() }
        }

        fn count(&self, event: &str) -> usize {
            self.told.iter().filter(|told| told.starts_with(event)).count()
        }
    }

    impl<M: Machine<Event: fmt::Debug>, H: Host<M>> Host<M> for Watched<H> {
        fn event(&mut self, machine: &mut M, event: M::Event) -> Option<Upgrade> {
            self.told.push(std::format!("{event:?}"));
            self.host.event(machine, event)
        }

        fn idle(&mut self, machine: &mut M) -> Moved {
            self.host.idle(machine)
        }
    }

    #[test]
    fn the_dice_reach_what_they_are_there_for() {
        // A session with tame hosts does everything once.
        let tame = || Dice::new(&[]);
        let mut asker = Watched::new(Asker::new(tame(), false));
        let mut store = Watched::new(Store::new(tame(), Welcome::Ok));
        let mut client = End::new(Client::new(client_config(&mut tame())));
        let mut server = End::new(Server::new(server_config(1)));
        let (mut up, mut down) = (Pipe::new(1 << 20), Pipe::new(1 << 20));
        while client.read(&mut asker, &mut down, 1 << 20)
            | server.write(&mut down, 1 << 20)
            | server.read(&mut store, &mut up, 1 << 20)
            | client.write(&mut up, 1 << 20)
            == Moved::Yes
        {}
        assert!(asker.host.has_logged_out() && client.is_closed && server.is_closed);
        assert!(asker.host.fetched().count() > 3 && store.count("AppendEnd") > 1);
        assert!(asker.count("Untagged(Expunge") > 0 && asker.count("Idling") > 0);
    }
}
