//! Who asks, said in the ways that servers take.
use super::session::Maildrop;
use crate::account::Account;
use pop3_proto::{
    Capability, Command, Mechanism, Name, Password, Reply, ResponseCode, Secret, client::Event,
    sasl::Response,
};
use tokio_codec::pop3;

/// Logs in: by AUTH PLAIN where it is offered, in one round trip, or else in two, or else by USER and PASS.
///
/// Some servers offer what they then refuse. The next way is not tried once it is said that the password is at fault, or
/// that somebody else holds the maildrop.
pub(super) async fn login(maildrop: &mut Maildrop, account: &Account) -> Result<(), pop3::Error> {
    let (user, password) = (account.user(), account.password());
    maildrop.trace().note(format_args!("logging in as {user} with the password ***"));
    let is_plain =
        |it: &Capability| matches!(it, Capability::Sasl(offered) if offered.contains(Mechanism::PLAIN));
    let offered = maildrop.session().machine().capabilities().unwrap_or_default();
    let has_nul = user.contains('\0') || password.as_bytes().contains(&0);
    if offered.iter().any(is_plain) && !has_nul {
        let said = [b"\0", user.as_bytes(), b"\0", password.as_bytes()].concat();
        let said = Secret::from(said);
        let command = Command::Auth { mechanism: Mechanism::PLAIN, initial: Some(said.clone()) };
        match maildrop.ask(command).await {
            Err(pop3::Error::Refused(reply)) if !is_final(&reply) => {}
            // It was said already.
            Ok(Event::Challenge { .. }) => return respond(maildrop, &Response::Cancel).await,
            answer => return answer.map(|_| ()),
        }
        match maildrop.ask(Command::Auth { mechanism: Mechanism::PLAIN, initial: None }).await {
            Err(pop3::Error::Refused(reply)) if !is_final(&reply) => {}
            Ok(Event::Challenge { .. }) => return respond(maildrop, &Response::Data(said)).await,
            answer => return answer.map(|_| ()),
        }
    }
    let password = Password::new(password.as_bytes())?;
    maildrop.ask(Command::User(Name::new(user.as_bytes().to_vec())?)).await?;
    maildrop.ask(Command::Pass(password)).await.map(|_| ())
}

/// Is it no use to say the same in another way?
fn is_final(reply: &Reply) -> bool {
    use ResponseCode::{Auth, InUse, LoginDelay, SysPerm, SysTemp};
    matches!(reply.text.code(), Some(Auth | InUse | LoginDelay | SysPerm | SysTemp))
}

/// Answers the challenge, and waits for how it went.
async fn respond(maildrop: &mut Maildrop, response: &Response) -> Result<(), pop3::Error> {
    // A challenge waits: it was just told.
    let _ = maildrop.session().machine().respond(response);
    maildrop.trace().note(format_args!("answering the challenge with ***"));
    loop {
        match maildrop.next().await? {
            Event::Reply { reply, .. } => {
                return match reply.status {
                    pop3_proto::Status::Ok => Ok(()),
                    pop3_proto::Status::Err => Err(pop3::Error::Refused(reply)),
                };
            }
            Event::Challenge { .. } => drop(maildrop.session().machine().respond(&Response::Cancel)),
            _ => {}
        }
    }
}
