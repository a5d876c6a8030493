//! Who asks.
use super::{Error, Session, event};
use crate::{
    Error::{Cut, Io},
    login::{Exchange, LoginError},
};
use mail_sasl::{Channel, Credentials, NoMechanism, Policy, Protocol};
use pop3_proto::{
    Capability, Command, InitialResponse, Mechanism, Name, Password, Reply, ResponseCode, Secret, Status,
    client::Event, sasl::Response,
};

/// Logs in by the strongest SASL mechanism that the server offers, the credentials suit, and the policy allows; where
/// it offers none that suits, by USER and PASS, which count as the mechanism LOGIN.
///
/// A refusal is final: no other way is tried. But where a server refuses an initial response and does not say that the
/// credentials are at fault, the same is said once more in two steps: some know no other form, Office 365 among them.
/// Not where it has asked for more before it refused, or was told in two steps from the first.
///
/// # Errors
/// [`Error::Refused`]: the server does not take these credentials, and the session goes on. [`Error::Left`]: it has
/// refused, and did not wait for the two steps. [`Error::Login`]: there is no way to log in, or the server does not
/// follow the mechanism. [`Error::Credentials`]: the name or the password cannot be said by USER and PASS, and nothing
/// was said. [`Error::NotSent`]: they are not ASCII, and the server has not listed `UTF8 USER`.
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
    matches!(
        reply.text.code().and_then(ResponseCode::general),
        Some(Auth | InUse | LoginDelay | SysPerm | SysTemp)
    )
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
    let Answer { mut reply, is_first } = say(session, command, Some((&mut exchange, None))).await?;
    let is_inline = initial.is_some() && session.machine().initial_response() == InitialResponse::Inline;
    // Once it has asked for more, or heard it in two steps, the form is not at fault.
    if is_inline && is_first && reply.status != Status::Ok && !is_final(&reply) {
        let command = Command::Auth { mechanism, initial: None };
        reply = match say(session, command, Some((&mut exchange, initial))).await {
            Err(Error::Closed | Error::Connection(Cut(_) | Io(_))) => return Err(Error::Left(reply)),
            again => again?.reply,
        };
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
        let reply = say(session, command, None).await?.reply;
        if reply.status != Status::Ok {
            return Err(Error::Refused(reply));
        }
    }
    Ok(())
}

/// How a command of a login was answered.
struct Answer {
    reply: Reply,
    /// Nothing was asked before.
    is_first: bool,
}

/// Says a command of a login, and answers what it is asked: the first time with what is already there.
async fn say(
    session: &mut Session,
    command: Command,
    mut exchange: Option<(&mut Exchange, Option<Secret>)>,
) -> Result<Answer, Error> {
    let sent = session.machine().send(command)?;
    let mut is_first = true;
    loop {
        match event(session).await? {
            Event::Reply { ticket, reply } if ticket == sent => return Ok(Answer { reply, is_first }),
            Event::Challenge { challenge, .. } => {
                is_first = false;
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
