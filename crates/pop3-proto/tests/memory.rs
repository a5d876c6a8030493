//! What a session costs, measured.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use bytes::{Buf, BytesMut};
use pop3_proto::{
    CleartextLogin, ClientConfig, Command, DropListing, MessageNumber, Name, Password, ScanListing, Security,
    ServerConfig, Step,
    client::{self, Client},
    server::{Event, Server},
};
use std::fmt::Write;
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

const MAX_UNSENT: usize = 4096;

fn flush(server: &mut Server) {
    let octets = server.transmit().remaining();
    server.transmit().advance(octets);
}

fn logged_in(messages: u32) -> Server {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.max_unsent = MAX_UNSENT;
    let mut server = Server::new(config);
    let mut input = BytesMut::from("USER mrose\r\nPASS secret\r\n");
    loop {
        match server.receive(&mut input) {
            Ok(Step::Event(Event::Connect(ask))) => server.accept(ask, ()).unwrap(),
            Ok(Step::Event(Event::Login(ask))) => {
                server.accept(ask, DropListing { messages, octets: 0 }).unwrap();
            }
            Ok(Step::NeedInput { .. }) => break,
            other => panic!("{other:?}"),
        }
    }
    flush(&mut server);
    server
}

#[test]
fn a_listing_of_a_hundred_thousand_messages_takes_no_more_than_its_queue() {
    let mut server = logged_in(100_000);
    let Ok(Step::Event(Event::ListAll(ask))) = server.receive(&mut BytesMut::from("LIST\r\n")) else {
        panic!("no LIST")
    };
    let mut listing = server.accept(ask, ()).unwrap();
    let (used, ()) = heap::measure(|| {
        for message in (1..=100_000).filter_map(MessageNumber::new) {
            while server.entry(&mut listing, &ScanListing { message, octets: 100 }).is_err() {
                flush(&mut server);
            }
        }
    });
    // A queue that grows by doubling, and is counted twice while it does.
    assert!(used.peak <= 3 * MAX_UNSENT, "{used:?}");
    server.finish_listing(listing).unwrap();
}

#[test]
fn a_session_that_idles_holds_a_few_hundred_octets() {
    let (used, server) = heap::measure(|| logged_in(100_000));
    assert!(used.kept <= 512, "{used:?}");
    assert!(size_of::<Server>() <= 768, "{}", size_of::<Server>());
    drop(server);
}

#[test]
fn a_client_that_never_reads_costs_its_queue_and_one_reply() {
    let mut server = logged_in(2);
    let mut input = BytesMut::from(&*"CAPA\r\n".repeat(10_000));
    let (used, ()) = heap::measure(|| {
        while let Ok(Step::NeedFlush | Step::NeedInput { .. }) = server.receive(&mut input) {
            if server.transmit().unsent() > MAX_UNSENT {
                break;
            }
        }
    });
    assert!(used.peak <= 3 * (MAX_UNSENT + 512), "{used:?}");
}

#[test]
fn marks_cost_one_bit_a_message() {
    let mut server = logged_in(100_000);
    let (used, ()) = heap::measure(|| {
        for number in (1..=100_000).step_by(1000) {
            let mut input = BytesMut::from(&*format!("DELE {number}\r\n"));
            let Ok(Step::Event(Event::Dele(ask))) = server.receive(&mut input) else { panic!("no DELE") };
            server.accept(ask, 1).unwrap();
            flush(&mut server);
        }
    });
    assert!(used.kept <= 2 * 100_000 / 8, "{used:?}");
}

/// A client that has logged in, sends `command` and has heard `+OK`.
fn asks(command: Command) -> Client {
    let mut config = ClientConfig::default();
    config.security = Security::Tls;
    let mut client = Client::new(config);
    let (user, pass) = (Name::new("mrose").unwrap(), Password::new(b"secret").unwrap());
    for command in [Command::User(user), Command::Pass(pass), command] {
        client.send(command).unwrap();
    }
    for _ in 0..4 {
        assert!(matches!(client.receive(&mut BytesMut::from("+OK\r\n")), Ok(Step::Event(_))));
        let octets = client.transmit().remaining();
        client.transmit().advance(octets);
    }
    client
}

/// Octets that a driver reads at a time.
const BLOCK: usize = 4096;

#[test]
fn a_listing_of_a_million_unique_ids_takes_a_client_no_more_than_its_read_block() {
    let mut client = asks(Command::Uidl(None));
    let (mut text, mut input, mut told) = (String::with_capacity(2 * BLOCK), BytesMut::new(), 0);
    input.reserve(2 * BLOCK);
    let (used, ()) = heap::measure(|| {
        for number in 1..=1_000_000 {
            write!(text, "{number} id-of-{number}\r\n").unwrap();
            if text.len() < BLOCK && number < 1_000_000 {
                continue;
            }
            input.extend_from_slice(text.as_bytes());
            text.clear();
            while let Step::Event(event) = client.receive(&mut input).unwrap() {
                let client::Event::UniqueIdListing { listing, .. } = event else { panic!("{event:?}") };
                told += 1;
                assert_eq!(listing.message.get(), told);
            }
        }
    });
    assert_eq!(told, 1_000_000);
    assert!(used.peak <= 4 * BLOCK, "{used:?}");
    let end = client.receive(&mut BytesMut::from(".\r\n"));
    assert!(matches!(end, Ok(Step::Event(client::Event::End(_)))), "{end:?}");
}

#[test]
fn a_message_passes_through_a_client_and_is_not_held() {
    let mut client = asks(Command::Retr(MessageNumber::new(1).unwrap()));
    let line = "..a line of a message that is long enough to be one of many\r\n";
    let block = line.repeat(BLOCK / line.len());
    let (mut input, mut octets) = (BytesMut::new(), 0);
    let (used, ()) = heap::measure(|| {
        for _ in 0..(1 << 20) / block.len() {
            input.extend_from_slice(block.as_bytes());
            while let Step::Event(event) = client.receive(&mut input).unwrap() {
                let client::Event::Payload(piece) = event else { panic!("{event:?}") };
                octets += piece.len();
            }
        }
    });
    // A dot was taken from each line.
    let lines = (1 << 20) / block.len() * (BLOCK / line.len());
    assert_eq!(octets, lines * (line.len() - 1));
    assert!(used.peak <= 4 * BLOCK, "{used:?}");
}

#[test]
fn a_client_that_idles_holds_a_few_hundred_octets() {
    let (used, client) = heap::measure(|| asks(Command::Noop));
    assert!(used.kept <= 1536, "{used:?}");
    assert!(size_of::<Client>() <= 1024, "{}", size_of::<Client>());
    drop(client);
}
