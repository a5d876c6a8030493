//! One side alone, told anything at all.
use super::{channel, kind, mechanism};
use crate::{
    Accounts, Client, Credentials, Hash, Policy, Protocol, ScramKeys, Secret, Server, ServerConfig, Step,
    kind::Kind,
};
use mail_wire::fuzzing::Input;

/// Messages, a line each.
fn messages(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    octets.split(|octet| *octet == b'\n').take(8)
}

/// An account that no secret opens, and names that nobody has.
struct Shut(ServerConfig);

impl Accounts for Shut {
    fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
        (name == "user").then(|| self.0.keys_of_nobody(hash, "another"))
    }
}

/// Whatever a client says, nobody logs in where no secret is right, and an exchange has an end.
pub(super) fn server(Input { mut dice, octets }: Input<'_>) {
    let kind = kind(&mut dice);
    let config =
        ServerConfig::new(Secret::copy_from(b"of this server")).mechanisms(&Kind::ALL.map(mechanism));
    let mut server = Server::begin(mechanism(kind), &config, &channel()).unwrap();
    let shut = Shut(config);
    if dice.once_in(4) {
        server.step(None, &shut);
    }
    let mut challenges = 0;
    for message in messages(octets) {
        match server.step(Some(message), &shut) {
            Step::Challenge(_) => challenges += 1,
            Step::Done(identity) => panic!("{identity:?} has logged in"),
            Step::Failed(_) => break,
        }
    }
    assert!(challenges <= 2, "{challenges} challenges");
}

/// Whatever a server says, a client of SCRAM does not believe it, and no client shows its password but by a mechanism
/// that does.
pub(super) fn client(Input { mut dice, octets }: Input<'_>) {
    let kind = kind(&mut dice);
    let secret = || Secret::copy_from(b"tanstaaf");
    let credentials = match kind {
        Kind::External => Credentials::external(),
        Kind::Anonymous => Credentials::anonymous("sirhc").unwrap(),
        Kind::OAuthBearer | Kind::XOAuth2 => Credentials::token("user", secret()).unwrap(),
        Kind::Scram { .. } | Kind::Plain | Kind::Login => Credentials::password("user", secret()).unwrap(),
    };
    let mut client = Client::select(&[mechanism(kind)], credentials, &Policy::default(), &channel()).unwrap();
    let protocol = dice.one_of(&[Protocol::Smtp, Protocol::Pop3, Protocol::Imap, Protocol::ImapSaslIr]);
    let mut said = Vec::from_iter(client.initial(protocol));
    for challenge in messages(octets) {
        match client.step(challenge) {
            Ok(response) => said.push(response),
            Err(_) => break,
        }
    }
    assert!(said.len() <= 3, "{} responses", said.len());
    if !kind.shows_secret() {
        let shows = |said: &Secret| said.as_bytes().windows(8).any(|octets| octets == b"tanstaaf");
        assert!(!said.iter().any(shows), "{kind:?} shows the password");
    }
    assert!(client.finish().is_err() || !matches!(kind, Kind::Scram { .. }));
}
