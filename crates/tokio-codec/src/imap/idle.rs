//! Waiting for news.
use super::{Error, Running, Session};
use imap_proto::{
    Command, Tag,
    client::Event,
    response::{Status, StatusKind, Untagged},
};
use tokio::time::{Instant, timeout_at};

/// Idles: the server tells what is new in the selected mailbox as it comes
/// ([RFC 2177](https://www.rfc-editor.org/rfc/rfc2177)).
///
/// ```no_run
/// use imap_proto::{client::Event, response::Untagged};
/// # async fn wait(session: &mut tokio_codec::imap::Session) -> Result<(), Box<dyn std::error::Error>> {
/// let mut idle = tokio_codec::imap::idle(session)?;
/// loop {
///     if let Event::Untagged(Untagged::Exists(messages)) = idle.next().await? {
///         println!("{messages} messages");
///         break;
///     }
/// }
/// idle.done().collect().await?.accepted()?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// The server does not offer IDLE, or it may not be said now.
pub fn idle(session: &mut Session) -> Result<Idle<'_>, Error> {
    let tag = session.machine().send(Command::Idle)?;
    let renewal = Instant::now() + session.machine().idle_renewal();
    Ok(Idle { session, tag, renewal, farewell: None })
}

/// A session that idles.
///
/// Dropped without [`done`](Self::done), it idles until the next command is sent.
#[derive(Debug)]
pub struct Idle<'s> {
    session: &'s mut Session,
    /// The IDLE that is in flight.
    tag: Tag,
    /// When it is said anew.
    renewal: Instant,
    /// What the server said before it closed the connection.
    farewell: Option<Box<Status>>,
}

impl<'s> Idle<'s> {
    /// What is new, such as [`Event::Untagged`]. It waits for as long as nothing is, and says IDLE anew as often as the
    /// configuration's [`idle_renewal`](imap_proto::ClientConfig::idle_renewal) asks.
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    /// The server refused to idle, or the session ended.
    pub async fn next(&mut self) -> Result<Event, Error> {
        loop {
            let Ok(event) = timeout_at(self.renewal, self.session.next()).await else {
                // rule rfc2177 3 idle-renewed: IDLE is said anew before the server takes the client for gone
                self.tag = self.session.machine().send(Command::Idle)?;
                self.renewal = Instant::now() + self.session.machine().idle_renewal();
                continue;
            };
            match event? {
                Some(Event::Idling { .. }) => {}
                Some(Event::Completed { tag, status }) => {
                    if tag == self.tag || status.kind() != StatusKind::Ok {
                        return Err(Error::Refused(Box::new(status)));
                    }
                }
                Some(Event::Unanswered(_) | Event::NeverSent(_)) | None => {
                    return Err(self.farewell.take().map_or(Error::Closed, Error::Refused));
                }
                Some(event) => {
                    if let Event::Untagged(Untagged::Status(status)) = &event {
                        if status.kind() == StatusKind::Bye {
                            self.farewell = Some(status.clone());
                        }
                    }
                    return Ok(event);
                }
            }
        }
    }

    /// Ends it. What is told until the server has answered is still to be taken.
    pub fn done(self) -> Running<'s> {
        // Nothing else says DONE but what says the next IDLE.
        let _ = self.session.machine().done();
        Running::of(self.session, self.tag)
    }
}
