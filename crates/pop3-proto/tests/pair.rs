//! A client and a server in memory, in any pieces.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#[path = "common/told.rs"]
mod told;

use bytes::Bytes;
use pop3_proto::{
    Charset, CleartextLogin, ClientConfig, Command, Digest, DropListing, Language, LanguageRange,
    LanguageTag, Mechanism, Mechanisms, MessageNumber, Name, Offer, Secret, ServerConfig, Timestamp,
    TlsPolicy, UniqueId, UniqueIdListing,
    client::{self, Client, SendRefusal},
    sasl::Response,
    server::{AuthAnswer, Event, Rejection, Server},
};
use std::collections::VecDeque;
use test_support::{Host, Log, Pair, Pieces, Who, host};
use told::told;

const MESSAGE: &[u8] = b"Subject: x\r\n\r\n.\r\n..\r\nend\r\n";
/// Octets that mean nothing to anybody here, among them ends of lines and of messages.
const ROUNDS: [&[u8]; 4] = [b"\0\xff\r\n.\r\n", b"", b"*\r\nQUIT\r\n", b"\x80="];

/// Asks for one thing after the other, as early as the client takes it.
struct Asks {
    commands: VecDeque<Command>,
    responses: VecDeque<&'static [u8]>,
}

impl Asks {
    fn go_on(&mut self, client: &mut Client) {
        while let Some(command) = self.commands.pop_front() {
            if let Err(error) = client.send(command) {
                assert_eq!(error.refusal, SendRefusal::Busy, "{:?}", error.command);
                self.commands.push_front(*error.command);
                return;
            }
        }
    }
}

impl Host<Client> for Asks {
    fn event(&mut self, client: &mut Client, event: client::Event, log: &mut Log) {
        match event {
            client::Event::Payload(piece) => return log.payload(&piece),
            client::Event::Upgrade { upgrade, .. } => return log.upgrade(upgrade),
            client::Event::Challenge { ref challenge, .. } => {
                log.note(told(&event));
                let octets = self.responses.pop_front().unwrap();
                assert!(ROUNDS.contains(&challenge.as_bytes()));
                return client.respond(&Response::Data(Secret::copy_from(octets))).unwrap();
            }
            event => log.note(told(&event)),
        }
        self.go_on(client);
    }

    fn upgraded(&mut self, client: &mut Client, _: &mut Log) {
        self.go_on(client);
    }
}

/// Answers what a server asks; its maildrop has two messages.
fn answers() -> impl Host<Server> {
    let all = DropListing { messages: 2, octets: 2 * MESSAGE.len() as u64 };
    let mut rounds: VecDeque<&[u8]> = [ROUNDS[1], ROUNDS[2]].into();
    host(move |server: &mut Server, event: Event, log: &mut Log| match event {
        Event::Connect(ask) => server.accept(ask, ()).unwrap(),
        Event::StartTls(ask) => log.upgrade(server.accept(ask, ()).unwrap()),
        Event::Auth(ask) => {
            assert_eq!(ask.initial.as_ref().map(Secret::as_bytes), Some(ROUNDS[0]));
            server.accept(ask, AuthAnswer::Challenge(rounds.pop_front().unwrap().to_vec())).unwrap();
        }
        Event::AuthResponse(ask) => {
            log.note(format!("response {}", ask.octets.as_bytes().escape_ascii()));
            let answer = rounds.pop_front().map(|octets| AuthAnswer::Challenge(octets.to_vec()));
            server.accept(ask, answer.unwrap_or(AuthAnswer::Success(all))).unwrap();
        }
        Event::Apop(ask) if ask.digest == Digest::from_octets([0xc4; 16]) => server.accept(ask, all).unwrap(),
        Event::Apop(ask) => server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
        Event::UidlAll(ask) => {
            let mut listing = server.accept(ask, ()).unwrap();
            for message in (1..=2).filter_map(MessageNumber::new) {
                let id = UniqueId::new(format!("id-{message}")).unwrap();
                server.entry(&mut listing, &UniqueIdListing { message, id }).unwrap();
            }
            server.finish_listing(listing).unwrap();
        }
        Event::Retr(ask) => {
            let mut upload = server.accept(ask, MESSAGE.len() as u64).unwrap();
            server.write(&mut upload, Bytes::from_static(MESSAGE)).unwrap();
            server.finish(upload).unwrap();
        }
        Event::Dele(ask) => server.accept(ask, MESSAGE.len() as u64).unwrap(),
        Event::Language(tag) => log.note(format!("language {tag}")),
        Event::Quit(ask) => {
            log.note(format!("remove {:?}", ask.deleted.iter().collect::<Vec<_>>()));
            server.accept(ask, ()).unwrap();
        }
        other => panic!("{other:?}"),
    })
}

/// What both wrote down, the same in any pieces.
fn paired(client: &ClientConfig, server: &ServerConfig, commands: &[Command]) -> [Vec<String>; 2] {
    let mut logs: Option<[Vec<String>; 2]> = None;
    for pieces in [Pieces::Whole, Pieces::Every(1), Pieces::Every(3), Pieces::Seeded(7), Pieces::Seeded(39)] {
        let mut pair = Pair::new(Client::new(client.clone()), Server::new(server.clone())).pieces(pieces);
        let mut asks = Asks { commands: commands.to_vec().into(), responses: [ROUNDS[3], ROUNDS[1]].into() };
        pair.pump(&mut asks, &mut answers());
        assert!(pair.is_over(Who::Client) && pair.is_over(Who::Server), "{}", pair.transcript());
        let told = [pair.client_log.entries(), pair.server_log.entries()];
        assert_eq!(logs.get_or_insert_with(|| told.clone()), &told, "{pieces:?}\n{}", pair.transcript());
    }
    logs.unwrap()
}

fn message(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

#[test]
fn a_mechanism_that_neither_knows_goes_through_both_and_the_rest_is_pipelined() {
    let mechanism = Mechanism::new("X-ROUNDS").unwrap();
    let mut server = ServerConfig::default();
    server.stls = Offer::Yes;
    server.mechanisms = Mechanisms::new([mechanism]).unwrap();
    let initial = Some(Secret::copy_from(ROUNDS[0]));
    let [client, server] = paired(
        &ClientConfig::default(),
        &server,
        &[
            Command::Capa,
            Command::Stls,
            Command::Capa,
            Command::Auth { mechanism, initial },
            Command::Uidl(None),
            Command::Retr(message(2)),
            Command::Dele(message(2)),
            Command::Retr(message(2)),
            Command::Dele(message(1)),
            Command::Quit,
        ],
    );
    assert_eq!(
        client,
        [
            "greeting Ok",
            "Ok capability list follows",
            "upgraded",
            "Ok capability list follows",
            "challenge ",
            r"challenge *\r\nQUIT\r\n",
            "Ok maildrop has 2 messages (52 octets)",
            "begin",
            "uidl 1 id-1",
            "uidl 2 id-2",
            "end",
            "begin",
            r#"payload "Subject: x\r\n\r\n.\r\n..\r\nend\r\n""#,
            "end",
            "Ok message 2 deleted",
            "Err message 2 already deleted",
            "Ok message 1 deleted",
            "Ok goodbye",
            "closed",
        ]
    );
    assert_eq!(server, ["upgraded", r"response \x80=", "response ", "remove [1, 2]", "closed"]);
}

#[test]
fn apop_utf8_and_lang_are_the_same_to_both() {
    let mut client = ClientConfig::default();
    (client.tls, client.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
    // What stands behind a login that fails would rest on it.
    client.max_in_flight = 1;
    let language = |tag| Language::new(LanguageTag::new(tag).unwrap(), None).unwrap();
    let mut server = ServerConfig::default();
    server.cleartext = CleartextLogin::Allow;
    server.timestamp = Some(Timestamp::new("<1@x>").unwrap());
    server.utf8 = Some(Charset::Utf8);
    server.languages = vec![language("en"), language("de")];
    let apop = |octet, name: &'static str| Command::Apop {
        name: Name::new(name).unwrap(),
        digest: Digest::from_octets([octet; 16]),
    };
    let german = LanguageRange::Tag(LanguageTag::new("DE").unwrap());
    let hello = Asks { commands: VecDeque::new(), responses: VecDeque::new() };
    let mut pair = Pair::new(Client::new(client.clone()), Server::new(server.clone()));
    pair.pump(&mut { hello }, &mut answers());
    assert_eq!(pair.client.timestamp().map(Timestamp::as_str), Some("<1@x>"));
    let [client, server] = paired(
        &client,
        &server,
        &[
            Command::Capa,
            Command::Utf8,
            Command::Lang(None),
            apop(0, "mrose"),
            Command::Lang(Some(german)),
            apop(0xc4, "mrose"),
            Command::Dele(message(1)),
            Command::Quit,
        ],
    );
    assert_eq!(
        client[1..],
        [
            "Ok capability list follows",
            "Ok UTF8 enabled",
            "begin",
            "language en ",
            "language de ",
            "end",
            "Err authentication failed",
            "language de ",
            "Ok 2 52",
            "Ok ",
            "Ok ",
            "closed"
        ]
    );
    assert_eq!(server, ["language de", "remove [1]", "closed"]);
}
