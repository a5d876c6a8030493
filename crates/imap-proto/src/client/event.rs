//! What a client session tells its host.
use crate::{
    Tag,
    frame::Breach,
    response::{Continuation, FetchItem, Greeting, Status, Tagged, Untagged},
};
use alloc::{boxed::Box, vec::Vec};
use bytes::Bytes;
use mail_wire::{ParseError, Secret, Upgrade, Upload};

/// What a client session tells its host.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The server's first word. BYE ends the session.
    Greeting(Greeting),
    /// Something that the client should know, whether it asked or not. BYE ends the session, once what was asked is
    /// answered.
    ///
    /// The items of a FETCH are here, but for [`receive_into`](super::Client::receive_into), which gives them to its
    /// sink.
    Untagged(Untagged),
    /// A command is done.
    Completed {
        /// The command.
        tag: Tag,
        /// How it fared.
        status: Status,
    },
    /// AUTHENTICATE: the mechanism waits for [`respond`](super::Client::respond).
    Challenge {
        /// The command.
        tag: Tag,
        /// The mechanism's octets.
        challenge: Secret,
    },
    /// The server takes a message that streams: write its octets, then finish it, or go on with
    /// [`append_more`](super::Client::append_more).
    ///
    /// If the server answers meanwhile, the rest is still to be written: it waits for as many octets as were
    /// announced.
    Upload {
        /// The APPEND.
        tag: Tag,
        /// Where to write it to.
        upload: Upload,
    },
    /// IDLE has begun. Until [`done`](super::Client::done), or the next command, the server tells what is new.
    Idling {
        /// The IDLE.
        tag: Tag,
    },
    /// OK to STARTTLS or COMPRESS: upgrade the transport, then tell [`upgraded`](super::Client::upgraded).
    Upgrade {
        /// The command.
        tag: Tag,
        /// What the transport becomes.
        layer: Layer,
        /// The permission.
        upgrade: Upgrade,
    },
    /// What is said of a message, up to octets that follow as [`Payload`](Self::Payload): the last item is theirs.
    /// Behind them, further items; the last part of a FETCH has no such octets behind it.
    FetchPart {
        /// The number of the message.
        number: u32,
        /// The items, but for [`receive_into`](super::Client::receive_into), which gives them to its sink.
        items: Vec<FetchItem>,
    },
    /// Octets of the item that was told last: a slice of the input.
    Payload(Bytes),
    /// All octets of that item were told.
    PayloadEnd,
    /// All of a FETCH that came in parts was told.
    FetchEnd,
    /// A tagged response to none of the commands that wait for one; never credited to another.
    Unsolicited(Box<Tagged>),
    /// A `+` that nothing waits for.
    Continuation(Box<Continuation>),
    /// A response that could not be read, and was given up. The session goes on.
    ///
    /// If it was a FETCH, some of its items may have been told. Never a tagged response.
    Invalid {
        /// Its first octets, 512 at most.
        raw: Bytes,
        /// Why it could not be read.
        error: Invalid,
    },
    /// This command was not sent, and had no effect: the session ended before, or what it needed did not come about,
    /// such as the mailbox that a SELECT before it should have opened; or it was an IDLE, and
    /// [`done`](super::Client::done) came first.
    NeverSent(Tag),
    /// The session ended before this command was answered: whether it had an effect is not known.
    Unanswered(Tag),
}

/// What a transport becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// TLS. Octets behind the response are an error.
    Tls,
    /// DEFLATE ([RFC 4978](https://www.rfc-editor.org/rfc/rfc4978)). Octets behind the response may be compressed
    /// already: take them out of the input and give them to the inflater.
    Deflate,
}

/// Why a response could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// It does not follow the grammar.
    #[error(transparent)]
    Grammar(ParseError),
    /// It is no unit, or one that costs too much.
    #[error(transparent)]
    Frame(Breach),
}
