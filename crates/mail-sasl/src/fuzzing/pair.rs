//! A client and a server, who know the same secret.
use super::{channel, kind, mechanism};
use crate::{
    Accounts, Client, Credentials, Hash, Identity, Policy, Protocol, ScramKeys, Secret, Server, ServerConfig,
    Step, kind::Kind, prepare,
};
use mail_wire::fuzzing::{Dice, Input};

/// One account, with a password and a token.
struct House {
    name: String,
    password: Secret,
    token: Secret,
}

impl Accounts for House {
    fn password(&self, name: &str, password: &Secret) -> Option<String> {
        (name == self.name && *password == self.password).then(|| name.to_owned())
    }

    fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
        let keys = || ScramKeys::from_password(hash, &self.password, b"some salt", 4_096).unwrap();
        (name == self.name).then(keys)
    }

    fn token(&self, name: Option<&str>, token: &Secret) -> Option<String> {
        (name == Some(&*self.name) && *token == self.token).then(|| self.name.clone())
    }
}

/// What an exchange came to on both sides, and whether somebody changed a message on its way.
struct Outcome {
    logged_in: Option<Identity>,
    believed: bool,
    changed: bool,
}

/// A name and a password, as somebody typed them, and an exchange with the house that has them prepared.
fn converse(
    dice: &mut Dice<'_>,
    kind: Kind,
    [name, secret]: [&str; 2],
    mut between: impl FnMut(usize, &[u8]) -> Vec<u8>,
) -> Option<(House, Outcome)> {
    let by_token = matches!(kind, Kind::OAuthBearer | Kind::XOAuth2);
    let typed = Secret::copy_from(secret.as_bytes());
    let credentials = if by_token {
        Credentials::token(name, typed.clone())
    } else {
        Credentials::password(name, typed.clone())
    };
    let house = House {
        name: if by_token { name.to_owned() } else { prepare::name(name).ok()? },
        password: prepare::password(secret.as_bytes()).ok()?,
        token: typed,
    };
    let mut client =
        Client::select(&[mechanism(kind)], credentials.ok()?, &Policy::default(), &channel()).ok()?;
    let config = ServerConfig::new(Secret::copy_from(b"of this server")).mechanisms(&[mechanism(kind)]);
    let mut server = Server::begin(mechanism(kind), &config, &channel()).unwrap();
    let (mut at, mut changed) = (0, false);
    let mut carry = |message: &[u8]| {
        let carried = between(at, message);
        at += 1;
        changed |= carried != message;
        carried
    };
    let protocol = dice.one_of(&[Protocol::ImapSaslIr, Protocol::Imap, Protocol::Smtp, Protocol::Pop3]);
    let mut response = client.initial(protocol).map(|initial| carry(initial.as_bytes()));
    for _ in 0..6 {
        match server.step(response.as_deref(), &house) {
            Step::Challenge(challenge) => match client.step(&carry(challenge.as_bytes())) {
                Ok(answer) => response = Some(carry(answer.as_bytes())),
                Err(_) => return Some((house, Outcome { logged_in: None, believed: false, changed })),
            },
            end => {
                let logged_in = if let Step::Done(identity) = end { Some(identity) } else { None };
                return Some((house, Outcome { logged_in, believed: client.finish().is_ok(), changed }));
            }
        }
    }
    panic!("the exchange has no end");
}

/// A mechanism that knows a secret.
fn secret_kind(dice: &mut Dice<'_>) -> Kind {
    match kind(dice) {
        Kind::External | Kind::Anonymous => Kind::Plain,
        kind => kind,
    }
}

/// Whatever a name and a password are, who has them logs in, and is who it says.
pub(super) fn agrees(Input { mut dice, octets }: Input<'_>) {
    let kind = secret_kind(&mut dice);
    let text = String::from_utf8_lossy(octets);
    let Some((name, secret)) = text.split_once('\n') else { return };
    let Some((house, outcome)) = converse(&mut dice, kind, [name, secret], |_, message| message.to_vec())
    else {
        return;
    };
    let identity = outcome.logged_in.unwrap_or_else(|| panic!("{name:?} does not log in by {kind:?}"));
    assert_eq!([identity.authentication, identity.authorization], [house.name.as_str(), house.name.as_str()]);
    assert!(outcome.believed);
}

/// An octet that is changed on its way logs nobody in who is bound, and nobody by another name.
pub(super) fn changed(Input { mut dice, octets }: Input<'_>) {
    let kind = secret_kind(&mut dice);
    let (target, at, octet) = (usize::from(dice.among(5)), dice.number() as usize, dice.among(255));
    let mut pieces = octets.splitn(2, |octet| *octet == b'\n');
    // What is put in place of a message, where there is something.
    let instead = pieces.nth(1).filter(|rest| !rest.is_empty());
    let harmed = converse(&mut dice, kind, ["ann", "pencil"], |number, message| {
        let mut message = message.to_vec();
        if number == target {
            match instead {
                Some(instead) => instead.clone_into(&mut message),
                None if message.is_empty() => message.push(octet),
                None => {
                    let places = message.len();
                    message.iter_mut().skip(at % places).take(1).for_each(|place| *place = octet);
                }
            }
        }
        message
    });
    let Some((house, outcome)) = harmed else { return };
    if let Some(identity) = outcome.logged_in {
        assert_eq!([&identity.authentication, &identity.authorization], [&house.name, &house.name]);
        assert!(!matches!(kind, Kind::Scram { .. }) || !outcome.changed, "{kind:?} was changed");
    }
}
