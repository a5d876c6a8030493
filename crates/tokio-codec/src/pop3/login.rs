//! Who asks.
use super::{Error, Session, event};
use crate::login::{Exchange, LoginError};
use mail_sasl::{Channel, Credentials, NoMechanism, Policy, Protocol};
use pop3_proto::{
    Capability, Command, Mechanism, Name, Password, Reply, ResponseCode, Secret, Status, client::Event,
    sasl::Response,
};

/// Logs in by the strongest SASL mechanism that the server offers, the credentials suit, and the policy allows; where
/// it offers none that suits, by USER and PASS, which count as the mechanism LOGIN.
///
/// A refusal is final: no other way is tried. But where a server refuses an initial response and does not say that the
/// credentials are at fault, the same is said once more in two steps: some know no other form, Office 365 among them.
///
/// # Errors
/// [`Error::Refused`]: the server does not take these credentials, and the session goes on. [`Error::Login`]: there is
/// no way to log in, or the server does not follow the mechanism. [`Error::Credentials`]: the name or the password
/// cannot be said by USER and PASS, and nothing was said. [`Error::NotSent`]: they are not ASCII, and the server has not
/// listed `UTF8 USER`.
pub async fn login(session: &mut Session, credentials: Credentials, policy: &Policy) -> Result<(), Error> {
    let channel = session.channel();
    match Exchange::select(&mechanisms(session), credentials, policy, &channel) {
        Ok(exchange) => authenticate(session, exchange).await,
        Err(none) => by_user_and_pass(session, none, policy, &channel).await,
    }
}

/// Is it said that the form is not at fault?
fn is_final(reply: &Reply) -> bool {
    use ResponseCode::{Auth, InUse, LoginDelay, SysPerm, SysTemp};
    matches!(reply.text.code(), Some(Auth | InUse | LoginDelay | SysPerm | SysTemp))
}

fn mechanisms(session: &mut Session) -> Vec<Mechanism> {
    let offered = session.machine().capabilities().unwrap_or_default().iter();
    let of_sasl = offered.filter_map(|offer| match offer {
        Capability::Sasl(mechanisms) => Some(mechanisms.iter()),
        _ => None,
    });
    of_sasl.flatten().collect()
}

async fn authenticate(session: &mut Session, mut exchange: Exchange) -> Result<(), Error> {
    let (mechanism, initial) = (exchange.mechanism(), exchange.initial(Protocol::Pop3));
    let command = Command::Auth { mechanism, initial: initial.clone() };
    let mut reply = say(session, command, Some((&mut exchange, None))).await?;
    if initial.is_some() && reply.status != Status::Ok && !is_final(&reply) {
        let command = Command::Auth { mechanism, initial: None };
        reply = say(session, command, Some((&mut exchange, initial))).await?;
    }
    if reply.status == Status::Ok {
        return Ok(exchange.accepted()?);
    }
    exchange.refused()?;
    Err(Error::Refused(reply))
}

async fn by_user_and_pass(
    session: &mut Session,
    none: NoMechanism,
    policy: &Policy,
    channel: &Channel,
) -> Result<(), Error> {
    let (name, password) = none.or_by_command(policy, channel).map_err(LoginError::from)?;
    let password = Password::new(password.as_bytes())?;
    for command in [Command::User(Name::new(name.into_bytes())?), Command::Pass(password)] {
        let reply = say(session, command, None).await?;
        if reply.status != Status::Ok {
            return Err(Error::Refused(reply));
        }
    }
    Ok(())
}

/// Says a command of a login, and answers what it is asked: the first time with what is already there.
async fn say(
    session: &mut Session,
    command: Command,
    mut exchange: Option<(&mut Exchange, Option<Secret>)>,
) -> Result<Reply, Error> {
    let sent = session.machine().send(command)?;
    loop {
        match event(session).await? {
            Event::Reply { ticket, reply } if ticket == sent => return Ok(reply),
            Event::Challenge { challenge, .. } => {
                if let Some((exchange, first)) = &mut exchange {
                    let response = match first.take() {
                        Some(first) => Response::Data(first),
                        None => exchange.respond(challenge).await,
                    };
                    // It was just asked for.
                    let _ = session.machine().respond(&response);
                }
            }
            Event::Unanswered(ticket) | Event::NeverSent(ticket) if ticket == sent => {
                return Err(Error::Closed);
            }
            _ => {}
        }
    }
}
