//! The conversation, for whoever wonders what happens.
//!
//! It is told as the program understands it: what was said is encoded again, on one line each. A password never comes
//! here: the login is told as a note.
mod pop3;

use crate::text;
use imap_proto::{
    Command, LiteralForm, Offer, Tag, Wire,
    client::Event,
    response::{Fetch, FetchItem, Response, Status, Tagged, Untagged},
};
use std::{
    fmt,
    io::{self, Write},
};
use tokio_codec::imap::Session;

/// Most octets that are told of one command or response.
const LONGEST: usize = 400;

/// Is it told?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    On,
    Off,
}

impl Trace {
    /// Tells what is not said to the server.
    pub(crate) fn note(self, text: fmt::Arguments<'_>) {
        if self == Self::On {
            // Nobody reads it: that is no reason to stop.
            let _ = writeln!(io::stderr(), "-- {}", text::line(&text.to_string()));
        }
    }

    /// Tells what the server offers.
    pub(crate) fn offers(self, session: &mut Session) {
        if let Some(offered) = session.machine().capabilities() {
            self.note(format_args!("the server offers {offered:?}"));
        }
    }

    /// Tells a command.
    pub(crate) fn command(self, tag: &Tag, command: &Command) {
        self.tell("C:", |out| match command {
            Command::Login(_) => out.extend_from_slice(b"LOGIN ***"),
            Command::Authenticate(_) => out.extend_from_slice(b"AUTHENTICATE ***"),
            command => command.encode(tag, &wire(), out),
        });
    }

    /// Tells an event, unless it is octets of a message.
    pub(crate) fn event(self, event: &Event) {
        match event {
            Event::Untagged(untagged) => self.untagged(untagged),
            Event::FetchPart { number, items } => {
                let fetch = Fetch { number: *number, items: items.clone() };
                // Up to the announcement of the octets that follow, or what stands behind them.
                match items.last() {
                    Some(FetchItem::Content(_)) => self.tell("S:", |out| fetch.encode_head(&wire(), out)),
                    _ => self.untagged(&Untagged::Fetch(fetch)),
                }
            }
            Event::Payload(_) | Event::PayloadEnd | Event::FetchEnd => {}
            other => self.note(format_args!("{other:?}")),
        }
    }

    /// Tells an untagged response.
    pub(crate) fn untagged(self, untagged: &Untagged) {
        self.response(|| Response::Untagged(untagged.clone()));
    }

    /// Tells how a command fared.
    pub(crate) fn status(self, tag: &Tag, status: &Status) {
        self.response(|| Response::Tagged(Box::new(Tagged { tag: tag.clone(), status: status.clone() })));
    }

    fn response(self, response: impl FnOnce() -> Response) {
        self.tell("S:", |out| response().encode(&wire(), out));
    }

    /// Tells a line that was said, or heard.
    pub(crate) fn line(self, who: &str, line: &str) {
        self.tell(who, |out| out.extend_from_slice(line.as_bytes()));
    }

    fn tell(self, who: &str, encode: impl FnOnce(&mut Vec<u8>)) {
        if self == Self::Off {
            return;
        }
        let mut octets = Vec::new();
        encode(&mut octets);
        let all = octets.trim_ascii_end();
        let told = all.get(..LONGEST).unwrap_or(all);
        let mut line = text::line(&String::from_utf8_lossy(told).replace("\r\n", " "));
        if told.len() < all.len() {
            line.push_str(&format!(" .. ({} octets)", all.len()));
        }
        let _ = writeln!(io::stderr(), "{who} {line}");
    }
}

/// One that takes all: nothing is held back of what is told.
fn wire() -> Wire {
    Wire::new().with_literals(LiteralForm::Plus).with_binary(Offer::Yes).with_multi_append(Offer::Yes)
}
