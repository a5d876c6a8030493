//! `APPEND`.
use super::super::{Hold, Wire, writer::Writer};
use crate::{Append, AppendMessage, MessageData, MessageKind};
use mail_wire::Output;

impl Append {
    /// Writes mailbox and messages, up to the announcement of the first that streams, whose octets it tells.
    pub(super) fn write<O: Hold>(&self, out: &mut Writer<'_, O>) -> Option<u64> {
        out.mailbox(self.mailbox());
        for message in self.messages() {
            if let Some(octets) = write_message(message, out) {
                return Some(octets);
            }
        }
        None
    }

    /// Ends what the octets of one message that streamed ended, and begins the next: more of MULTIAPPEND.
    ///
    /// A message that streams ends behind the announcement of its literal, as in [`Command::encode`].
    ///
    /// [`Command::encode`]: crate::Command::encode
    pub fn encode_next(&mut self, message: AppendMessage, wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::command(wire, out);
        close(self.messages().last(), &mut out);
        write_message(&message, &mut out);
        self.push(message);
    }

    /// Ends a command whose last message streamed, behind its octets.
    pub fn encode_end(&self, out: &mut impl Hold) {
        close(self.messages().last(), out);
        out.text(b"\r\n");
        out.end_held();
    }
}

/// Closes what stands around the octets of a message that streamed.
fn close(last: Option<&AppendMessage>, out: &mut impl Output) {
    let streamed = last.filter(|message| matches!(message.data, MessageData::Announced(_)));
    // rule rfc6855 4 utf8-closes: the parenthesis of UTF8 is closed behind the octets
    if streamed.is_some_and(|message| message.kind == MessageKind::Utf8) {
        out.text(b")");
    }
}

/// `append-message`; of one that streams all but its octets, whose number it tells.
fn write_message<O: Hold>(message: &AppendMessage, out: &mut Writer<'_, O>) -> Option<u64> {
    // rule rfc3501 6.3.11 flags-of-the-message: flags stand between mailbox and message
    if message.flags.settable().next().is_some() {
        out.text(b" ");
        out.settable(&message.flags);
    }
    // rule rfc3501 6.3.11 date-of-the-message: the internal date stands before the message
    if let Some(date) = message.date {
        out.text(b" ");
        out.date_time(date);
    }
    out.text(match message.kind {
        MessageKind::Text => b" ",
        MessageKind::Binary => b" ~",
        MessageKind::Utf8 => b" UTF8 (~",
    });
    out.announce(Append::octets(&message.data));
    match &message.data {
        MessageData::Whole(octets) => {
            out.share(octets.clone());
            if message.kind == MessageKind::Utf8 {
                out.text(b")");
            }
            None
        }
        MessageData::Announced(octets) => Some(*octets),
    }
}
