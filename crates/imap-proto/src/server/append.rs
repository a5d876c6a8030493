//! APPEND: its messages stream, small or large.
use super::{
    Append, AppendEnd, Event, NextMessage, Rejection, Server, Task,
    policy::{bad, no},
    unit::{Blame, Framing},
};
use crate::{
    self as imap, AppendMessage, CommandError, Encoding, MailboxName, MessageData, MessageKind, Tag, Tail,
    frame::Literal,
    response::{Capability, StatusKind},
    state::{Outcome, Verb},
};
use alloc::boxed::Box;
use bytes::{Bytes, BytesMut};

/// An APPEND whose messages are coming.
#[derive(Debug)]
pub(super) struct Appending {
    pub(super) tag: Tag,
    mailbox: MailboxName,
    /// How the message in hand is sent.
    kind: MessageKind,
    /// Does the client wait for our word before it sends it?
    waits: bool,
    /// Octets of the message in hand.
    announced: u64,
    /// Messages that are here, and their octets.
    messages: u32,
    octets: u64,
}

impl Server {
    /// The literal of a message is announced, behind the head of an APPEND or behind another message.
    pub(super) fn append_head(&mut self, literal: Literal, input: &mut BytesMut) -> Framing {
        let head = self.framer.take(input);
        let event = match core::mem::replace(&mut self.task, Task::Reading) {
            Task::Appending => self.next_message(&head, literal),
            _ => self.first_message(&head, literal),
        };
        match event {
            Ok(event) => Framing::Event(event),
            Err((tag, rejection)) => {
                if self.appending.is_some() {
                    self.task = Task::Appending;
                }
                self.refuse_unit(input, tag, rejection)
            }
        }
    }

    fn first_message(&mut self, head: &Bytes, literal: Literal) -> Result<Event, (Option<Tag>, Rejection)> {
        self.deviations = imap::Deviations::new();
        let (tag, append) = imap::Append::parse_head(head, &self.dialect, &mut self.deviations).map_err(
            |CommandError { tag, error }| (tag, Rejection::own(StatusKind::Bad, format_args!("{error}"))),
        )?;
        let message = match append.messages() {
            [message] => message.clone(),
            // Those before it are empty.
            _ => return Err((Some(tag), empty())),
        };
        if let Err(rejection) = self.takes(&message) {
            return Err((Some(tag), rejection));
        }
        self.errors = 0;
        let mailbox = append.mailbox().clone();
        self.appending = Some(Box::new(Appending {
            tag: tag.clone(),
            mailbox: mailbox.detach(),
            kind: message.kind,
            waits: Self::is_waiting(literal),
            announced: literal.len,
            messages: 0,
            octets: 0,
        }));
        let AppendMessage { flags, date, kind, .. } = message;
        Ok(self.ask(Event::Append, Append { mailbox, flags, date, kind, octets: literal.len }))
    }

    fn next_message(&mut self, head: &Bytes, literal: Literal) -> Result<Event, (Option<Tag>, Rejection)> {
        let found = self.messages_in(head, Tail::Literal).map_err(|rejection| (None, rejection))?;
        let Some((message, 1)) = found else { return Err((None, empty())) };
        // rule rfc3502 6.3.11 needs-multiappend: several messages in one APPEND need MULTIAPPEND
        if !self.config.capabilities.has(Capability::MultiAppend) {
            return Err((None, bad("several messages in one APPEND are not offered")));
        }
        self.takes(&message).map_err(|rejection| (None, rejection))?;
        if let Some(appending) = &mut self.appending {
            appending.kind = message.kind;
            appending.waits = Self::is_waiting(literal);
            appending.announced = literal.len;
        }
        let AppendMessage { flags, date, kind, .. } = message;
        Ok(self.ask(Event::NextMessage, NextMessage { flags, date, kind, octets: literal.len }))
    }

    /// What stands behind a message, up to the unit's end.
    pub(super) fn append_rest(&mut self, rest: &Bytes) -> Option<Event> {
        let found = self.messages_in(rest, Tail::End);
        let appending = self.appending.take()?;
        let rejection = match found {
            Ok(None) => {
                let Appending { tag, messages, octets, .. } = *appending;
                self.open_again(tag, Verb::Append);
                self.advance(Verb::Append, Outcome::Said);
                return Some(self.ask(Event::AppendEnd, AppendEnd { messages, octets }));
            }
            Ok(Some(_)) => empty(),
            Err(rejection) => rejection,
        };
        // rule rfc3502 6.3.11 all-or-none: an APPEND that breaks behind a message stores none of them
        self.refuse(Some(appending.tag), rejection);
        Some(Event::AppendAborted)
    }

    /// The last of the messages that are read behind a message that came, and how many there are.
    fn messages_in(&mut self, rest: &Bytes, tail: Tail) -> Result<Option<(AppendMessage, usize)>, Rejection> {
        let Some(appending) = &self.appending else { return Ok(None) };
        // Of the message before, what is read next needs to know how it was sent, and nothing else.
        let before = AppendMessage::new(MessageData::Announced(0)).with_kind(appending.kind);
        let mut append = imap::Append::new(appending.mailbox.clone(), before);
        append
            .resume(rest, tail, &self.dialect, &mut self.deviations)
            .map_err(|error| Rejection::own(StatusKind::Bad, format_args!("{error}")))?;
        let behind = append.messages().get(1..).unwrap_or_default();
        Ok(behind.last().map(|message| (message.clone(), behind.len())))
    }

    /// Is this way to send a message on offer?
    fn takes(&self, message: &AppendMessage) -> Result<(), Rejection> {
        let utf8 = self.dialect.encoding() == Encoding::Utf8;
        match message.kind {
            MessageKind::Text => Ok(()),
            MessageKind::Binary if utf8 || self.config.capabilities.has(Capability::Binary) => Ok(()),
            MessageKind::Utf8 if utf8 => Ok(()),
            MessageKind::Binary => Err(bad("BINARY is not offered")),
            MessageKind::Utf8 => {
                // rule rfc6855 4 needs-enable: a message in UTF-8 needs that UTF8=ACCEPT is enabled [instead: Ok(())]
                Err(bad("UTF8=ACCEPT is not enabled"))
            }
        }
    }

    /// The message was accepted: it may come.
    pub(super) fn take_message(&mut self) {
        // rule rfc3501 6.3.11 asks-for-the-message: a client that waits with its message is told to go on
        if self.appending.as_ref().is_some_and(|appending| appending.waits) {
            self.go_on("ready for message");
        }
        // Its head has been taken, so that nothing of the input is needed.
        self.framer.stream(&mut BytesMut::new());
        self.task = Task::Appending;
        self.since_period = 0;
    }

    /// The message was rejected, and is not sent, or is swallowed.
    pub(super) fn refuse_message(&mut self, rejection: Rejection) {
        let tag = self.appending.take().map(|appending| appending.tag);
        self.framer.refuse(&mut BytesMut::new());
        self.swallow(tag, rejection, Blame::Nothing);
    }

    /// All octets of a message are here.
    pub(super) fn message_is_here(&mut self) {
        if let Some(appending) = &mut self.appending {
            appending.messages = appending.messages.saturating_add(1);
            appending.octets = appending.octets.saturating_add(appending.announced);
        }
    }

    /// An APPEND none of whose messages streamed: they are empty, which no message is
    /// ([RFC 3502 §6.3.11](https://www.rfc-editor.org/rfc/rfc3502)).
    pub(super) fn append_of_nothing(&mut self, tag: Tag) {
        // rule rfc3502 6.3.11 no-empty-message: a message of no octets is refused
        self.answer_refused(Some(tag), empty());
    }
}

fn empty() -> Rejection {
    no("a message of no octets")
}
