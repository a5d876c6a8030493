//! Who asks.
use super::{Error, Session, connect::know_offers, running::begin};
use crate::login::{Exchange, LoginError};
use imap_proto::{
    Authenticate, Command, Login,
    client::Event,
    response::{Capability, StatusKind},
};
use mail_sasl::{Credentials, Policy, Protocol};

/// Logs in by the strongest SASL mechanism that the server offers, the credentials suit, and the policy allows, and
/// knows what the server offers then; where it offers none that suits, by LOGIN, which counts as the mechanism of that
/// name.
///
/// A refusal is final: no other way is tried.
///
/// # Errors
/// [`Error::Refused`]: the server does not take these credentials, and the session goes on. [`Error::Login`]: there is
/// no way to log in, or the server does not follow the mechanism.
pub async fn login(session: &mut Session, credentials: Credentials, policy: &Policy) -> Result<(), Error> {
    let channel = session.channel();
    let offers = session.machine().capabilities();
    let offered = offers.map(|offers| offers.mechanisms().to_vec()).unwrap_or_default();
    let is_at_once =
        offers.is_some_and(|offers| offers.has(Capability::SaslIr) || offers.has(Capability::Imap4Rev2));
    match Exchange::select(&offered, credentials, policy, &channel) {
        Ok(exchange) => {
            // rule rfc4959 3 login-at-once: a login is one command where the server takes an initial response
            let protocol = if is_at_once { Protocol::ImapSaslIr } else { Protocol::Imap };
            authenticate(session, exchange, protocol).await?;
        }
        Err(none) => {
            let (name, password) = none.or_by_command(policy, &channel).map_err(LoginError::from)?;
            let login = Login { password, ..Login::new(&name, "")? };
            begin(session, Command::Login(login))?.accepted().await?;
        }
    }
    know_offers(session).await
}

async fn authenticate(
    session: &mut Session,
    mut exchange: Exchange,
    protocol: Protocol,
) -> Result<(), Error> {
    let (mechanism, initial) = (exchange.mechanism(), exchange.initial(protocol));
    let mut running = begin(session, Command::Authenticate(Authenticate { mechanism, initial }))?;
    while let Some(event) = running.next().await? {
        if let Event::Challenge { challenge, .. } = event {
            let response = exchange.respond(challenge).await;
            // It was just asked for.
            let _ = running.session().machine().respond(&response);
        }
    }
    match running.status() {
        Some(status) if status.kind() == StatusKind::Ok => Ok(exchange.accepted()?),
        Some(status) => {
            exchange.refused()?;
            Err(Error::Refused(Box::new(status.clone())))
        }
        None => Err(Error::Closed),
    }
}
