//! A session with a maildrop.
use super::error::Error;
use crate::{
    account::{Account, Reach, Route},
    trace::Trace,
};
use pop3_proto::{
    Capability, CleartextLogin, ClientConfig, Command, InitialResponse, Reply, Status, TlsPolicy,
    client::{Event, Ticket},
};
use std::time::Duration;
use tokio_codec::{
    Error::{Cut, Io},
    pop3,
};

/// Says goodbye for no longer than that where nothing depends on it.
const GOODBYE: Duration = Duration::from_secs(5);

/// Pauses between attempts to log in again: 13 seconds in all.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(7);

/// A session with a maildrop.
pub(super) struct Maildrop {
    session: pop3::Session,
    trace: Trace,
    /// What the server said that nothing had asked for: why it leaves.
    farewell: Option<Reply>,
}

impl Maildrop {
    /// Connects and logs in.
    pub(super) async fn open(account: &Account) -> Result<Self, Error> {
        match Self::log_in(account, InitialResponse::Inline).await {
            // Office 365 refuses one line with the mechanism and its first words, and hangs up.
            Err(Error::Login {
                source: pop3::Error::Left(_) | pop3::Error::Closed | pop3::Error::Connection(Cut(_) | Io(_)),
                ..
            }) => {
                account.reach().trace.note(format_args!("the server left: the login is said in two steps"));
                Self::log_in(account, InitialResponse::Behind).await
            }
            outcome => outcome,
        }
    }

    async fn log_in(account: &Account, initial: InitialResponse) -> Result<Self, Error> {
        let Reach { host, port, trace, .. } = account.reach();
        let trace = *trace;
        trace.note(format_args!("connecting to {host}:{port}"));
        let connected = connect(account.reach(), initial).await;
        let session =
            connected.map_err(|source| Error::Connect { host: host.clone(), port: *port, source })?;
        let mut maildrop = Self { session, trace, farewell: None };
        maildrop.tell_offers();
        maildrop.say_utf8().await?;
        trace.note(format_args!("logging in as {} with the {} ***", account.user(), account.secret()));
        let credentials = account.credentials()?;
        let logged_in = pop3::login(&mut maildrop.session, credentials, &account.policy()).await;
        logged_in.map_err(|source| Error::Login { user: account.user().to_owned(), source })?;
        // What it offers may differ now.
        match maildrop.ask(Command::Capa).await {
            Ok(_) => maildrop.tell_offers(),
            Err(pop3::Error::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(maildrop)
    }

    /// Connects again behind a session that broke off. Its server may not have noticed yet, and hold the lock.
    pub(super) async fn open_again(account: &Account) -> Result<Self, Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            match Self::open(account).await {
                Err(error) if error.is_temporary() && pause <= LAST_PAUSE => {}
                outcome => return outcome,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Says a command, now or when it may go.
    pub(super) fn send(&mut self, command: Command) -> Result<Ticket, pop3::Error> {
        self.trace.pop3_command(&command);
        Ok(self.session.machine().send(command)?)
    }

    /// The next thing that the server says, or that happens.
    pub(super) async fn next(&mut self) -> Result<Event, pop3::Error> {
        let event = self.session.next().await?.ok_or(pop3::Error::Closed)?;
        self.trace.pop3_event(&event);
        match event {
            Event::Unanswered(_) | Event::NeverSent(_) => {
                Err(self.farewell.take().map_or(pop3::Error::Closed, pop3::Error::Refused))
            }
            Event::Unsolicited(reply) => {
                self.farewell = Some(reply.clone());
                Ok(Event::Unsolicited(reply))
            }
            event => Ok(event),
        }
    }

    /// Says a command that must succeed, and waits for its answer.
    pub(super) async fn ask(&mut self, command: Command) -> Result<Event, pop3::Error> {
        let sent = self.send(command)?;
        loop {
            match self.next().await? {
                Event::Reply { ticket, reply } if ticket == sent && reply.status == Status::Err => {
                    return Err(pop3::Error::Refused(reply));
                }
                event @ (Event::Reply { ticket, .. }
                | Event::Begin { ticket, .. }
                | Event::DropListing { ticket, .. }
                | Event::Challenge { ticket, .. })
                    if ticket == sent =>
                {
                    return Ok(event);
                }
                _ => {}
            }
        }
    }

    /// Has the server remove what was marked.
    pub(super) async fn quit(mut self) -> Result<(), pop3::Error> {
        self.trace.pop3_command(&Command::Quit);
        pop3::quit(&mut self.session).await?;
        self.trace.note(format_args!("the server said goodbye"));
        Ok(())
    }

    /// Says goodbye. Nothing is to be removed: that this fails is no failure.
    pub(super) async fn close(self) {
        let trace = self.trace;
        if !matches!(tokio::time::timeout(GOODBYE, self.quit()).await, Ok(Ok(()))) {
            trace.note(format_args!("the server did not say goodbye"));
        }
    }

    /// Has messages of UTF-8 sent as they are: some servers refuse them otherwise.
    async fn say_utf8(&mut self) -> Result<(), Error> {
        let offered = self.session.machine().capabilities().unwrap_or_default();
        if offered.iter().any(|it| matches!(it, Capability::Utf8(_))) {
            match self.ask(Command::Utf8).await {
                Ok(_) | Err(pop3::Error::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn tell_offers(&mut self) {
        if let Some(offered) = self.session.machine().capabilities() {
            self.trace.note(format_args!("the server offers {offered:?}"));
        }
    }
}

async fn connect(reach: &Reach, initial: InitialResponse) -> Result<pop3::Session, pop3::Error> {
    let address = (reach.host.as_str(), reach.port);
    let mut config = ClientConfig::default();
    config.initial = initial;
    match &reach.route {
        Route::Implicit(tls, name) => pop3::connect_tls(address, config, tls.clone(), name.clone()).await,
        Route::StartTls(tls, name) => {
            pop3::connect_starttls(address, config, tls.clone(), name.clone()).await
        }
        Route::Clear => {
            (config.tls, config.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
            pop3::connect(address, config).await
        }
    }
}
