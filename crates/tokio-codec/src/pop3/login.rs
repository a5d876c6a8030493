//! Who asks.
use super::{Error, Session, event};
use pop3_proto::{
    Capability, Command, InvalidArgument, InvalidText, Mechanism, Name, Password, Secret, Status,
    client::Event, sasl::Response,
};

/// Logs in.
///
/// By AUTH PLAIN where the server lists it, which takes any UTF-8 and one round trip; else by USER and PASS. Never in
/// clear, unless the session's [`cleartext`](pop3_proto::ClientConfig::cleartext) allows it.
///
/// # Errors
/// [`Error::Refused`]: the server does not take this name and this password, and the session goes on.
/// [`Error::Credentials`]: one of them is empty, or holds what cannot be said, and nothing was said.
pub async fn login(session: &mut Session, name: &str, password: &str) -> Result<(), Error> {
    let is_plain =
        |it: &Capability| matches!(it, Capability::Sasl(offered) if offered.contains(Mechanism::PLAIN));
    let offered = session.machine().capabilities().unwrap_or_default();
    if offered.iter().any(is_plain) {
        for said in [name, password] {
            if let Some(offset) = said.bytes().position(|octet| octet == 0) {
                return Err(InvalidArgument::from(InvalidText { offset, octet: 0 }).into());
            }
        }
        let initial = Some(Secret::from(format!("\0{name}\0{password}").into_bytes()));
        return say(session, Command::Auth { mechanism: Mechanism::PLAIN, initial }).await;
    }
    let password = Password::new(password.as_bytes())?;
    say(session, Command::User(Name::new(name.as_bytes().to_vec())?)).await?;
    say(session, Command::Pass(password)).await
}

/// A command of a login. PLAIN has said all it has to say: what asks for more is cancelled.
async fn say(session: &mut Session, command: Command) -> Result<(), Error> {
    let sent = session.machine().send(command)?;
    loop {
        match event(session).await? {
            Event::Reply { ticket, reply } if ticket == sent => {
                return if reply.status == Status::Ok { Ok(()) } else { Err(Error::Refused(reply)) };
            }
            // It was just asked for.
            Event::Challenge { .. } => drop(session.machine().respond(&Response::Cancel)),
            Event::Unanswered(ticket) | Event::NeverSent(ticket) if ticket == sent => {
                return Err(Error::Closed);
            }
            _ => {}
        }
    }
}
