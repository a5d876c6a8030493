//! Who sends.
use super::{Error, Session, event};
use crate::login::{Exchange, LoginError};
use mail_sasl::{Credentials, Policy, Protocol};
use smtp_proto::{Auth, delivery::Event};

/// Logs in by the strongest SASL mechanism that the server offers, the credentials suit, and the policy allows.
///
/// A refusal is final: no other mechanism is tried.
///
/// ```no_run
/// # async fn submit(session: &mut tokio_codec::smtp::Session) -> Result<(), Box<dyn std::error::Error>> {
/// use tokio_codec::{sasl::{Credentials, Policy, Secret}, smtp};
/// let credentials = Credentials::password("mrose", Secret::copy_from(b"tan staaf"))?;
/// smtp::login(session, credentials, &Policy::default()).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error::Refused`]: the server does not take these credentials. [`Error::Login`]: there is no way to log in, or the
/// server does not follow the mechanism.
pub async fn login(session: &mut Session, credentials: Credentials, policy: &Policy) -> Result<(), Error> {
    let offers = session.machine().capabilities();
    let offered: Vec<_> = offers.map(|offers| offers.mechanisms().collect()).unwrap_or_default();
    let mut exchange =
        Exchange::select(&offered, credentials, policy, &session.channel()).map_err(LoginError::from)?;
    let auth = Auth { mechanism: exchange.mechanism(), initial: exchange.initial(Protocol::Smtp) };
    session.machine().login(auth)?;
    loop {
        match event(session).await? {
            Event::Challenge(challenge) => {
                let response = exchange.respond(challenge).await;
                // It was just asked for.
                let _ = session.machine().respond(&response);
            }
            Event::LoggedIn(_) => return Ok(exchange.accepted()?),
            Event::LoginRefused(reply) => {
                exchange.refused()?;
                return Err(Error::Refused(reply));
            }
            _ => {}
        }
    }
}
