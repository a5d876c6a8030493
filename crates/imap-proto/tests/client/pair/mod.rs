//! The client against the server, in memory: whatever is asked, whatever the hosts decide and however it is cut, nobody
//! waits for ever, every command has one end, and no octet of a message is lost.
mod asker;
mod dice;
mod pipe;
mod store;

use asker::Asker;
use dice::{Dice, dice};
use imap_proto::{client::Client, server::Server, *};
use pipe::{End, Pipe};
use proptest::{prelude::*, test_runner::RngSeed};
use store::Store;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(2060),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// When the connection is cut.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Never: the client says LOGOUT.
    None,
    /// After so many turns.
    Cut(usize),
    /// After so many turns the server says BYE.
    Bye(usize),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        2 => Just(Fault::None),
        1 => (0_usize..300).prop_map(Fault::Cut),
        1 => (0_usize..300).prop_map(Fault::Bye),
    ]
}

fn server_config(offers: u8) -> ServerConfig {
    use response::Capability::{Imap4Rev1, LiteralMinus, LiteralPlus, MultiAppend};
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.max_unsent = 1 << 20;
    config.capabilities = match offers % 3 {
        0 => config.capabilities.with(MultiAppend),
        1 => config.capabilities.with(LiteralPlus).with(MultiAppend),
        _ => config.capabilities.without(LiteralMinus),
    };
    config.capabilities = config.capabilities.with(Imap4Rev1);
    config.starttls = if offers & 4 == 0 { Offer::No } else { Offer::Yes };
    config
}

fn client_config(streams: bool, max_in_flight: usize) -> ClientConfig {
    let mut config = crate::common::open();
    config.max_in_flight = max_in_flight;
    config.max_unsent = 50;
    config.bodies = if streams { Bodies::AlwaysStream } else { Bodies::Inline(20) };
    config
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn nobody_waits_for_ever(
        on_client in dice(),
        on_server in dice(),
        mut on_wire in dice(),
        offers in 0_u8..8,
        streams in any::<bool>(),
        max_in_flight in 2_usize..6,
        rooms in (1_usize..200, 1_usize..200),
        fault in fault(),
    ) {
        let mut asker = Asker::new(on_client, offers & 4 != 0);
        let mut store = Store::new(on_server);
        let mut client = End::new(Client::new(client_config(streams, max_in_flight)));
        let mut server = End::new(Server::new(server_config(offers)));
        let (mut up, mut down) = (Pipe::new(rooms.0), Pipe::new(rooms.1));
        let (mut turns, mut quiet) = (0, 0);
        loop {
            turns += 1;
            prop_assert!(turns < 100_000, "they talk for ever");
            match fault {
                Fault::Cut(at) if at == turns => break,
                Fault::Bye(at) if at == turns => server.machine.close(Reason::Shutdown),
                _ => {}
            }
            let moved = client.read(&mut asker, &mut down, on_wire.piece())
                | server.write(&mut down, on_wire.piece())
                | server.read(&mut store, &mut up, on_wire.piece())
                | client.write(&mut up, on_wire.piece());
            if client.is_closed {
                break;
            }
            // A host may think for a while.
            quiet = if moved { 0 } else { quiet + 1 };
            if quiet > 1000 {
                break;
            }
            if !moved && client.upgrade.is_some() && server.upgrade.is_some() && up.is_empty() && down.is_empty() {
                client.upgraded();
                server.upgraded();
                asker.upgraded();
            }
        }
        if !client.is_closed {
            // Either the connection is gone, or the server has hung up behind its BYE.
            let is_over = server.is_closed || matches!(fault, Fault::Cut(_));
            prop_assert!(is_over, "both wait: {asker:#?}\n{store:#?}\n{client:#?}\n{server:#?}");
            client.hang_up(&mut asker);
        }
        prop_assert_eq!(asker.waiting(), Vec::<Tag>::new(), "no end of these was told");
        for (uid, body) in asker.fetched() {
            prop_assert_eq!(store.body(uid), Some(body), "message {}", uid);
        }
        if let Fault::None = fault {
            prop_assert!(asker.has_logged_out() && server.is_closed);
        }
    }
}

#[test]
fn the_dice_reach_what_they_are_there_for() {
    // A session with tame hosts does everything once.
    let mut asker = Asker::new(Dice::tame(), false);
    let mut store = Store::new(Dice::tame());
    let mut client = End::new(Client::new(client_config(true, 3)));
    let mut server = End::new(Server::new(server_config(1)));
    let (mut up, mut down) = (Pipe::new(1 << 20), Pipe::new(1 << 20));
    while client.read(&mut asker, &mut down, 1 << 20)
        | server.write(&mut down, 1 << 20)
        | server.read(&mut store, &mut up, 1 << 20)
        | client.write(&mut up, 1 << 20)
    {}
    assert!(asker.has_logged_out() && client.is_closed && server.is_closed);
    assert!(asker.fetched().count() > 3 && store.appended() > 1 && store.expunged() > 0 && store.idled() > 0);
}
