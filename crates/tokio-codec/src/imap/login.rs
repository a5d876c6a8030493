//! Who asks.
use super::{Error, Session, connect::know_offers, running::begin};
use imap_proto::{
    Authenticate, Command, InvalidString, Login, Mechanism, Secret,
    client::Event,
    response::{Capabilities, Capability, StatusKind},
    sasl::Response,
};

/// How a name and a password are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// AUTHENTICATE PLAIN with an initial response.
    Plain,
    /// AUTHENTICATE PLAIN with a challenge.
    PlainLater,
    /// LOGIN.
    Login,
}

/// Logs in, and knows what the server offers then.
///
/// By AUTHENTICATE PLAIN where that takes one round trip, since it takes any UTF-8; else by LOGIN; where the server has
/// disabled that, by AUTHENTICATE PLAIN with a challenge. Never in clear, unless the session's
/// [`cleartext`](imap_proto::ClientConfig::cleartext) allows it.
///
/// # Errors
/// [`Error::Refused`]: the server does not take this name and this password, and the session goes on.
/// [`Error::Credentials`]: one of them holds NUL, and nothing was said.
pub async fn login(session: &mut Session, name: &str, password: &str) -> Result<(), Error> {
    for said in [name, password] {
        if let Some(offset) = said.bytes().position(|octet| octet == 0) {
            return Err(InvalidString { offset }.into());
        }
    }
    let way = session.machine().capabilities().map_or(Way::Login, way);
    let secret = || Secret::from(format!("\0{name}\0{password}").into_bytes());
    let plain = |initial| Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial });
    let command = match way {
        Way::Plain => plain(Some(secret())),
        Way::PlainLater => plain(None),
        Way::Login => Command::Login(Login::new(name, password)?),
    };
    let mut running = begin(session, command)?;
    while let Some(event) = running.next().await? {
        // A challenge that is not empty asks for more than PLAIN has to say.
        if let Event::Challenge { challenge, .. } = event {
            let response =
                if challenge.as_bytes().is_empty() { Response::Data(secret()) } else { Response::Cancel };
            // It was just asked for.
            let _ = running.session().machine().respond(&response);
        }
    }
    match running.status() {
        Some(status) if status.kind() == StatusKind::Ok => know_offers(session).await,
        Some(status) => Err(Error::Refused(Box::new(status.clone()))),
        None => Err(Error::Closed),
    }
}

fn way(offered: &Capabilities) -> Way {
    let is_plain = offered.mechanisms().contains(&Mechanism::PLAIN);
    let is_at_once = offered.has(Capability::SaslIr) || offered.has(Capability::Imap4Rev2);
    match (is_plain, is_at_once) {
        // rule rfc4959 3 login-at-once: a login is one command where the server takes an initial response
        (true, true) => Way::Plain,
        // rule rfc3501 6.2.3 plain-where-login-is-disabled: LOGIN is not said where the server disables it
        (true, false) if offered.has(Capability::LoginDisabled) => Way::PlainLater,
        _ => Way::Login,
    }
}
