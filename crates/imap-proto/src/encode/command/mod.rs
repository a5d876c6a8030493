//! Commands.
mod append;
mod search;

use super::{Hold, Wire, writer::Writer};
use crate::{
    BinarySection, BodySection, Command, Copy, Fetch, FetchItem, FetchItems, List, MailboxName, MessageData,
    MessageKind, Numbering, OtherCommand, Report, Seen, Status, Store, StoreAction, Tag, Unfit,
    grammar::command::other::pieces,
};
use mail_wire::{Offer, Output, sasl};

impl Command {
    /// Writes the command: one unit, with its CRLF. Where it must wait with a literal, `out` is told to hold.
    ///
    /// An APPEND whose message streams ends behind the announcement of the first such message: its octets, and
    /// [`Append::encode_end`](crate::Append::encode_end) behind them, are the caller's business.
    ///
    /// What does not [fit](Self::fits) is written all the same.
    pub fn encode(&self, tag: &Tag, wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::command(wire, out);
        out.text(tag.as_str().as_bytes());
        out.text(b" ");
        match self {
            Self::Capability => out.text(b"CAPABILITY"),
            Self::Noop => out.text(b"NOOP"),
            Self::Logout => out.text(b"LOGOUT"),
            Self::StartTls => out.text(b"STARTTLS"),
            Self::Compress => out.text(b"COMPRESS DEFLATE"),
            Self::Namespace => out.text(b"NAMESPACE"),
            Self::Idle => out.text(b"IDLE"),
            Self::Check => out.text(b"CHECK"),
            Self::Close => out.text(b"CLOSE"),
            Self::Unselect => out.text(b"UNSELECT"),
            Self::Expunge => out.text(b"EXPUNGE"),
            Self::Id(fields) => {
                out.text(b"ID ");
                out.id_fields(fields);
            }
            Self::Authenticate(authenticate) => {
                out.text(b"AUTHENTICATE ");
                out.text(authenticate.mechanism.as_str().as_bytes());
                // rule rfc4959 3 initial-response: the initial response stands behind the mechanism
                if let Some(initial) = &authenticate.initial {
                    out.text(b" ");
                    sasl::encode_initial(initial.as_bytes(), &mut out);
                }
            }
            Self::Login(login) => {
                out.text(b"LOGIN ");
                out.astring(login.username.as_bytes());
                out.text(b" ");
                out.astring(login.password.as_bytes());
            }
            Self::Enable(enable) => {
                out.text(b"ENABLE ");
                out.spaced(enable.names(), |name, out| out.text(name.as_bytes()));
            }
            Self::Select(name) => of_mailbox("SELECT ", name, &mut out),
            Self::Examine(name) => of_mailbox("EXAMINE ", name, &mut out),
            Self::Create(name) => of_mailbox("CREATE ", name, &mut out),
            Self::Delete(name) => of_mailbox("DELETE ", name, &mut out),
            Self::Subscribe(name) => of_mailbox("SUBSCRIBE ", name, &mut out),
            Self::Unsubscribe(name) => of_mailbox("UNSUBSCRIBE ", name, &mut out),
            Self::Rename(rename) => {
                of_mailbox("RENAME ", &rename.from, &mut out);
                out.text(b" ");
                out.mailbox(&rename.to);
            }
            Self::List(list) => of_list("LIST ", list, &mut out),
            Self::Lsub(list) => of_list("LSUB ", list, &mut out),
            Self::Status(status) => of_status(status, &mut out),
            Self::Append(append) => {
                out.text(b"APPEND ");
                if append.write(&mut out).is_some() {
                    return;
                }
            }
            Self::UidExpunge(set) => {
                out.text(b"UID EXPUNGE ");
                out.sequence_set(set);
            }
            Self::Search(search) => search.write(&mut out),
            Self::Fetch(fetch) => of_fetch(fetch, &mut out),
            Self::Store(store) => of_store(store, &mut out),
            Self::Copy(copy) => of_copy("COPY ", copy, &mut out),
            Self::Move(copy) => of_copy("MOVE ", copy, &mut out),
            Self::Other(other) => of_other(other, &mut out),
        }
        out.end();
    }

    /// Can the peer take it?
    ///
    /// # Errors
    /// It needs what the peer has not.
    pub fn fits(&self, wire: &Wire) -> Result<(), Unfit> {
        match self {
            // rule rfc4959 3 needs-the-capability: an initial response needs SASL-IR
            Self::Authenticate(authenticate)
                if authenticate.initial.is_some() && wire.initial_response() == Offer::No =>
            {
                Err(Unfit::NeedsInitialResponse)
            }
            Self::Append(append) => append.fits(wire),
            _ => Ok(()),
        }
    }
}

fn of_mailbox<O: Hold>(command: &str, name: &MailboxName, out: &mut Writer<'_, O>) {
    out.text(command.as_bytes());
    out.mailbox(name);
}

fn of_list<O: Hold>(command: &str, list: &List, out: &mut Writer<'_, O>) {
    of_mailbox(command, &list.reference, out);
    out.text(b" ");
    let pattern = list.pattern.to_wire(out.wire().encoding());
    out.list_mailbox(&pattern);
}

fn of_status<O: Hold>(status: &Status, out: &mut Writer<'_, O>) {
    of_mailbox("STATUS ", &status.mailbox, out);
    out.text(b" ");
    out.list(status.items.iter(), |item, out| out.text(item.as_str().as_bytes()));
}

fn numbering<O: Hold>(numbering: Numbering, out: &mut Writer<'_, O>) {
    // rule rfc3501 6.4.8 uid-prefix: UID goes in front of the command whose numbers are UIDs
    if numbering == Numbering::Uid {
        out.text(b"UID ");
    }
}

fn of_copy<O: Hold>(command: &str, copy: &Copy, out: &mut Writer<'_, O>) {
    numbering(copy.numbering, out);
    out.text(command.as_bytes());
    out.sequence_set(&copy.set);
    out.text(b" ");
    out.mailbox(&copy.mailbox);
}

fn of_store<O: Hold>(store: &Store, out: &mut Writer<'_, O>) {
    numbering(store.numbering, out);
    out.text(b"STORE ");
    out.sequence_set(&store.set);
    out.text(match store.action {
        StoreAction::Replace => b" FLAGS",
        StoreAction::Add => b" +FLAGS",
        StoreAction::Remove => b" -FLAGS",
    });
    out.text(match store.report {
        Report::Told => b" ",
        Report::Silent => b".SILENT ",
    });
    out.settable(&store.flags);
}

fn of_fetch<O: Hold>(fetch: &Fetch, out: &mut Writer<'_, O>) {
    numbering(fetch.numbering, out);
    out.text(b"FETCH ");
    out.sequence_set(&fetch.set);
    out.text(b" ");
    fetch_items(&fetch.items, out);
}

/// A macro, a single item, or a list of them.
fn fetch_items<O: Hold>(items: &FetchItems, out: &mut Writer<'_, O>) {
    if let Some(word) = items.as_macro() {
        return out.text(word.as_str().as_bytes());
    }
    let single = items.simple_names().count() + items.listed().len() == 1;
    if !single {
        out.text(b"(");
    }
    out.spaced(items.simple_names(), |(name, _), out| out.text(name.as_bytes()));
    if items.simple_names().next().is_some() && !items.listed().is_empty() {
        out.text(b" ");
    }
    out.spaced(items.listed(), fetch_item);
    if !single {
        out.text(b")");
    }
}

fn fetch_item<O: Hold>(item: &FetchItem, out: &mut Writer<'_, O>) {
    match item {
        FetchItem::Section(BodySection { seen, section, partial }) => {
            out.text(if *seen == Seen::Set { b"BODY" } else { b"BODY.PEEK" });
            section.write(out);
            out.partial(*partial);
        }
        FetchItem::Binary(binary) => {
            let BinarySection { seen, partial, .. } = binary;
            out.text(if *seen == Seen::Set { b"BINARY" } else { b"BINARY.PEEK" });
            binary.section().write_part(out);
            out.partial(*partial);
        }
        FetchItem::BinarySize(section) => {
            out.text(b"BINARY.SIZE");
            section.write_part(out);
        }
        FetchItem::Other(other) => out.text(other.as_str().as_bytes()),
        // Items without arguments are bits of the list, never listed.
        _ => {}
    }
}

fn of_other<O: Hold>(other: &OtherCommand, out: &mut Writer<'_, O>) {
    out.text(other.name().as_bytes());
    if !other.arguments().is_empty() {
        out.text(b" ");
    }
    for (line, literal) in pieces(other.arguments()) {
        out.text(line);
        if let Some(octets) = literal {
            out.announce(octets.len() as u64);
            out.share(octets);
        }
    }
}

impl crate::Append {
    pub(crate) fn fits(&self, wire: &Wire) -> Result<(), Unfit> {
        // rule rfc3502 6.3.11 one-without-multiappend: several messages need MULTIAPPEND
        if self.messages().len() > 1 && wire.multi_append() == Offer::No {
            return Err(Unfit::NeedsMultiAppend);
        }
        self.messages().iter().try_for_each(|message| match message.kind {
            // rule rfc3516 4.4 nul-needs-literal8: no message with NUL goes as a literal
            MessageKind::Text if holds_nul(&message.data) => Err(Unfit::Nul),
            MessageKind::Text => Ok(()),
            // rule rfc3516 4.4 needs-binary: a binary literal needs BINARY
            MessageKind::Binary if wire.binary() == Offer::No => Err(Unfit::NeedsBinary),
            // rule rfc6855 4 utf8-needs-enable: a message in UTF-8 needs UTF8=ACCEPT
            MessageKind::Utf8 if wire.encoding() != crate::Encoding::Utf8 => Err(Unfit::NeedsUtf8),
            MessageKind::Binary | MessageKind::Utf8 => Ok(()),
        })
    }

    /// How many octets a message has.
    fn octets(data: &MessageData) -> u64 {
        match data {
            MessageData::Whole(octets) => octets.len() as u64,
            MessageData::Announced(octets) => *octets,
        }
    }
}

/// Of what streams, nobody knows.
fn holds_nul(data: &MessageData) -> bool {
    matches!(data, MessageData::Whole(octets) if octets.contains(&0))
}
