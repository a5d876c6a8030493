//! One command and its answer.
use super::{Error, Session};
use imap_proto::{
    Command, Tag,
    client::{Collector, Event, SendError},
    response::{Status, StatusKind, Untagged},
};

/// Most octets that [`run`] takes as the answer to one command: 16 MiB.
///
/// They are counted as they come. The values made of them may cost several times as much, where responses are many
/// and short.
pub const LARGEST_ANSWER: u64 = 16 << 20;

/// What a server said to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it told meanwhile, in this order. Not all of it need be an answer: new messages are told with any.
    pub untagged: Vec<Untagged>,
    /// How many responses could not be read, and were given up.
    pub invalid: usize,
    /// How the command fared.
    pub status: Status,
}

impl Answer {
    /// The answer, if the command succeeded.
    ///
    /// # Errors
    /// [`Error::Refused`]: NO or BAD.
    pub fn accepted(self) -> Result<Self, Error> {
        match self.status.kind() {
            StatusKind::Ok => Ok(self),
            _ => Err(Error::Refused(Box::new(self.status))),
        }
    }
}

/// Says a command, and holds all of the answer. A refusal is an answer: see [`Answer::accepted`].
///
/// A FETCH comes whole, however long its message. Where that may be more than [`LARGEST_ANSWER`], [`begin`] it.
///
/// # Errors
/// The command was not sent, or the session came to no answer.
pub async fn run(session: &mut Session, command: Command) -> Result<Answer, Error> {
    begin(session, command)?.collect().await
}

/// Says a command, to take its answer event by event.
///
/// What was said before must have been answered.
///
/// ```no_run
/// use imap_proto::{Command, client::Event};
/// use tokio_codec::imap;
/// # async fn save(session: &mut imap::Session, fetch: Command, file: &mut tokio::fs::File) -> Result<(), Box<dyn std::error::Error>> {
/// # use tokio::io::AsyncWriteExt;
/// let mut fetch = imap::begin(session, fetch)?;
/// while let Some(event) = fetch.next().await? {
///     // While this waits for the disk, nothing is read, and the server waits too.
///     if let Event::Payload(piece) = event {
///         file.write_all(&piece).await?;
///     }
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// It was not sent. Nothing has happened, and it comes back.
pub fn begin(session: &mut Session, command: Command) -> Result<Running<'_>, SendError> {
    let tag = session.machine().send(command)?;
    Ok(Running::of(session, tag))
}

/// A command that waits for its answer.
///
/// Dropped before its end, the rest of the answer is told to whoever calls [`next`](crate::Connection::next) then.
#[derive(Debug)]
pub struct Running<'s> {
    session: &'s mut Session,
    tag: Tag,
    status: Option<Status>,
    /// What the server said before it closed the connection.
    farewell: Option<Box<Status>>,
}

impl<'s> Running<'s> {
    pub(super) fn of(session: &'s mut Session, tag: Tag) -> Self {
        Self { session, tag, status: None, farewell: None }
    }

    /// The next event until the command is done; `None` then, and [`status`](Self::status) tells how it fared.
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    /// The session came to no answer.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        while self.status.is_none() {
            match self.session.next().await? {
                Some(Event::Completed { tag, status }) if tag == self.tag => self.status = Some(status),
                Some(Event::Unanswered(_) | Event::NeverSent(_)) | None => {
                    return Err(self.farewell.take().map_or(Error::Closed, Error::Refused));
                }
                Some(event) => {
                    if let Event::Untagged(Untagged::Status(status)) = &event {
                        if status.kind() == StatusKind::Bye {
                            self.farewell = Some(status.clone());
                        }
                    }
                    return Ok(Some(event));
                }
            }
        }
        Ok(None)
    }

    /// The command's tag.
    pub fn tag(&self) -> &Tag {
        &self.tag
    }

    /// How the command fared, once [`next`](Self::next) has said `None`.
    pub fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// The session, such as to answer a challenge or to write a message.
    pub fn session(&mut self) -> &mut Session {
        self.session
    }

    /// Holds all of what is still to come.
    ///
    /// # Errors
    /// The session came to no answer, or to one of more than [`LARGEST_ANSWER`].
    pub async fn collect(mut self) -> Result<Answer, Error> {
        let (mut untagged, mut invalid) = (Vec::new(), 0);
        // What is counted bounds it already.
        let mut collector = Collector::new(usize::MAX);
        let before = self.session.received();
        while let Some(event) = self.next().await? {
            if self.session.received() - before > LARGEST_ANSWER {
                return Err(Error::TooLarge { limit: LARGEST_ANSWER });
            }
            let Ok(event) = collector.push(event) else {
                return Err(Error::TooLarge { limit: LARGEST_ANSWER });
            };
            match event {
                Some(Event::Untagged(told)) => untagged.push(told),
                Some(Event::Invalid { .. }) => invalid += 1,
                // A mechanism that nobody plays.
                Some(Event::Challenge { .. }) => drop(self.session.machine().cancel()),
                _ => {}
            }
        }
        let status = self.status.take().ok_or(Error::Closed)?;
        Ok(Answer { untagged, invalid, status })
    }

    /// Passes over what is still to come, up to the command's success.
    pub(super) async fn accepted(mut self) -> Result<Status, Error> {
        while self.next().await?.is_some() {}
        match self.status.take() {
            Some(status) if status.kind() == StatusKind::Ok => Ok(status),
            Some(status) => Err(Error::Refused(Box::new(status))),
            None => Err(Error::Closed),
        }
    }
}
