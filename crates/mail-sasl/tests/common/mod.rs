//! Accounts, and a client and a server that talk in memory.
#![allow(dead_code, reason = "each test file takes what it needs")]
pub(crate) mod scram;

use mail_sasl::{
    Accounts, Channel, ChannelBinding, Client, ClientError, Credentials, Hash, Mechanism, Policy, Protocol,
    ScramKeys, Secret, Server, ServerConfig, Step,
};
use std::sync::LazyLock;

pub(crate) const TOKEN: &str = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
pub(crate) const SCRAM: [&str; 4] =
    ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"];
pub(crate) const ALL: [&str; 10] = [
    "EXTERNAL",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
    "OAUTHBEARER",
    "XOAUTH2",
    "PLAIN",
    "LOGIN",
    "ANONYMOUS",
];

/// `ann` and `a,n=n` with the password `pencil`; `ann` may act as `list`.
pub(crate) struct House;

pub(crate) fn keys(hash: Hash) -> ScramKeys {
    static KEYS: LazyLock<[ScramKeys; 2]> = LazyLock::new(|| {
        [Hash::Sha1, Hash::Sha256].map(|hash| {
            ScramKeys::from_password(hash, &Secret::copy_from(b"pencil"), b"sixteen octets !", 4_096).unwrap()
        })
    });
    KEYS.iter().find(|keys| keys.hash() == hash).unwrap().clone()
}

fn is_known(name: &str) -> bool {
    ["ann", "a,n=n"].contains(&name)
}

impl Accounts for House {
    fn password(&self, name: &str, password: &Secret) -> Option<String> {
        (is_known(name) && password.as_bytes() == b"pencil").then(|| name.to_owned())
    }

    fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
        is_known(name).then(|| keys(hash))
    }

    fn token(&self, name: Option<&str>, token: &Secret) -> Option<String> {
        (token.as_bytes() == TOKEN.as_bytes())
            .then(|| name.filter(|name| is_known(name)).map(str::to_owned))?
    }

    fn external(&self, authorization: Option<&str>) -> Option<String> {
        (authorization.is_none_or(|name| name == "ann")).then(|| "ann".to_owned())
    }

    fn anonymous(&self, trace: &str) -> Option<String> {
        (trace == "sirhc").then(|| "guest".to_owned())
    }

    fn act_as(&self, name: &str, other: &str) -> Option<String> {
        (name == "ann" && other == "list").then(|| other.to_owned())
    }
}

pub(crate) fn mechanism(name: &str) -> Mechanism {
    Mechanism::new(name).unwrap()
}

pub(crate) fn mechanisms(names: &[&str]) -> Vec<Mechanism> {
    names.iter().map(|name| mechanism(name)).collect()
}

pub(crate) fn config(names: &[&str]) -> ServerConfig {
    ServerConfig::new(Secret::copy_from(b"of this server")).mechanisms(&mechanisms(names))
}

pub(crate) fn exporter(octet: u8) -> ChannelBinding {
    ChannelBinding::tls_exporter(&[octet; 32])
}

/// TLS, and a binding.
pub(crate) fn bound() -> Channel {
    Channel::tls().binding(exporter(7))
}

/// What goes by that mechanism.
pub(crate) fn credentials(name: &str, password: &str, mechanism: &str) -> Credentials {
    match mechanism {
        "OAUTHBEARER" | "XOAUTH2" => {
            Credentials::token(name, Secret::copy_from(password.as_bytes())).unwrap()
        }
        "EXTERNAL" => Credentials::external(),
        "ANONYMOUS" => Credentials::anonymous("sirhc").unwrap(),
        _ => Credentials::password(name, Secret::copy_from(password.as_bytes())).unwrap(),
    }
}

/// What is right for `ann`.
pub(crate) fn right(mechanism: &str) -> Credentials {
    let secret = if ["OAUTHBEARER", "XOAUTH2"].contains(&mechanism) { TOKEN } else { "pencil" };
    credentials("ann", secret, mechanism)
}

pub(crate) fn client(offered: &[&str], credentials: Credentials, channel: &Channel) -> Client {
    Client::select(&mechanisms(offered), credentials, &Policy::default(), channel).unwrap()
}

/// Both sides of one connection with the same binding.
pub(crate) fn server(name: &str) -> Server {
    Server::begin(mechanism(name), &config(&[name]), &bound()).unwrap()
}

/// Who says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// What comes of an exchange: how the server ends, and whether the client believes it.
pub(crate) type Outcome = (Option<Step>, Result<(), ClientError>);

/// Runs an exchange, each message through the hands of somebody between.
pub(crate) fn converse(
    client: Client,
    server: &mut Server,
    protocol: Protocol,
    between: impl FnMut(From, &[u8]) -> Vec<u8>,
) -> Outcome {
    converse_with(client, server, protocol, &House, between)
}

pub(crate) fn converse_with(
    mut client: Client,
    server: &mut Server,
    protocol: Protocol,
    accounts: &dyn Accounts,
    mut between: impl FnMut(From, &[u8]) -> Vec<u8>,
) -> Outcome {
    let mut response = client.initial(protocol).map(|initial| between(From::Client, initial.as_bytes()));
    for _ in 0..8 {
        match server.step(response.as_deref(), accounts) {
            Step::Challenge(challenge) => match client.step(&between(From::Server, challenge.as_bytes())) {
                Ok(answer) => response = Some(between(From::Client, answer.as_bytes())),
                Err(error) => return (None, Err(error)),
            },
            end => {
                let believed = client.finish();
                return (Some(end), believed);
            }
        }
    }
    panic!("the exchange has no end");
}

/// Nobody stands between.
pub(crate) fn untouched(_: From, message: &[u8]) -> Vec<u8> {
    message.to_vec()
}
