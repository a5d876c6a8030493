//! An exchange of SASL, whichever protocol carries it.
use mail_sasl::{Channel, Client, ClientError, Credentials, NoMechanism, Policy, Protocol};
use mail_wire::{Mechanism, Secret, sasl::Response};
use tokio::task::spawn_blocking;

/// Why nobody was logged in, where it is not that the server has refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// There is no way to log in: nothing was said, and the session goes on.
    #[error(transparent)]
    NoMechanism(Box<NoMechanism>),
    /// The server does not follow the mechanism, or has not proved that it knows the password: the session should be
    /// left, whatever the server says of it.
    #[error(transparent)]
    Exchange(#[from] ClientError),
}

impl From<NoMechanism> for LoginError {
    fn from(none: NoMechanism) -> Self {
        Self::NoMechanism(Box::new(none))
    }
}

/// The client's side of an exchange.
pub(crate) struct Exchange {
    mechanism: Mechanism,
    state: State,
}

enum State {
    Running(Client),
    /// The exchange was given up.
    Failed(ClientError),
}

impl Exchange {
    /// Chooses the mechanism. It is the only one that is tried.
    pub(crate) fn select(
        offered: &[Mechanism],
        credentials: Credentials,
        policy: &Policy,
        channel: &Channel,
    ) -> Result<Self, NoMechanism> {
        let client = Client::select(offered, credentials, policy, channel)?;
        Ok(Self { mechanism: client.mechanism(), state: State::Running(client) })
    }

    pub(crate) fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What goes along with the command, where it has room.
    pub(crate) fn initial(&mut self, protocol: Protocol) -> Option<Secret> {
        match &mut self.state {
            State::Running(client) => client.initial(protocol),
            State::Failed(_) => None,
        }
    }

    /// Answers a challenge, or gives the exchange up.
    ///
    /// With SCRAM that hashes for as long as the server asks for, away from the thread that serves others.
    pub(crate) async fn respond(&mut self, challenge: Secret) -> Response {
        let State::Running(mut client) = std::mem::replace(&mut self.state, State::Failed(ClientError::Over))
        else {
            return Response::Cancel;
        };
        let step = move || {
            let response = client.step(challenge.as_bytes());
            (client, response)
        };
        // What fails here is a runtime that stops.
        let Ok((client, response)) = spawn_blocking(step).await else { return Response::Cancel };
        match response {
            Ok(response) => {
                self.state = State::Running(client);
                Response::Data(response)
            }
            Err(error) => {
                self.state = State::Failed(error);
                Response::Cancel
            }
        }
    }

    /// The server has said yes: is it to be believed?
    pub(crate) fn accepted(self) -> Result<(), LoginError> {
        match self.state {
            State::Running(client) => Ok(client.finish()?),
            State::Failed(error) => Err(error.into()),
        }
    }

    /// The server has said no: to us, or because the exchange was given up before?
    pub(crate) fn refused(self) -> Result<(), LoginError> {
        match self.state {
            State::Running(_) => Ok(()),
            State::Failed(error) => Err(error.into()),
        }
    }
}
