//! What is known of the mailbox, and what is told of it.
use crate::{header, text};
use imap_proto::response::{Fetch, FetchItem, Untagged};
use std::io::{self, Write};

/// Columns of who sent a message.
const SENDER: usize = 24;

/// What is known of the mailbox: the UIDs of the messages that were told, by their numbers.
#[derive(Debug, Default)]
pub(super) struct State {
    /// 0: there was no session yet, or the server has none.
    uid_validity: u32,
    /// 0: not known.
    uids: Vec<u32>,
    /// How many messages there are.
    messages: u32,
    /// The highest UID that was told.
    last: u32,
}

impl State {
    /// A session begins. Messages that came since the last one ended are new.
    pub(super) fn begin(&mut self, uid_validity: u32, uids: Vec<u32>) {
        self.messages = u32::try_from(uids.len()).unwrap_or(u32::MAX);
        self.uids = uids;
        if uid_validity != 0 && uid_validity == self.uid_validity {
            let told = self.uids.iter().take_while(|uid| **uid <= self.last).count();
            self.uids.truncate(told);
        } else {
            self.last = self.uids.iter().copied().max().unwrap_or(0);
        }
        self.uid_validity = uid_validity;
    }

    /// The numbers of messages that are to be told, at most so many.
    pub(super) fn untold(&self, most: u32) -> Option<(u32, u32)> {
        let first = u32::try_from(self.uids.len()).ok()?.checked_add(1)?;
        (first <= self.messages).then(|| (first, self.messages.min(first.saturating_add(most - 1))))
    }

    /// These were asked for, and will not be told any more.
    pub(super) fn give_up_to(&mut self, last: u32) {
        let last = last.min(self.messages) as usize;
        if self.uids.len() < last {
            self.uids.resize(last, 0);
        }
    }

    /// Takes what the server tells, and tells it.
    pub(super) fn apply(&mut self, untagged: &Untagged) -> io::Result<()> {
        match untagged {
            Untagged::Exists(messages) => self.messages = *messages,
            Untagged::Expunge(number) => {
                self.messages = self.messages.saturating_sub(1);
                let place = (*number as usize).checked_sub(1).filter(|place| *place < self.uids.len());
                if let Some(place) = place {
                    let uid = self.uids.remove(place);
                    return tell("gone", uid, "");
                }
            }
            Untagged::Fetch(fetch) => {
                let known = (fetch.number as usize).checked_sub(1).and_then(|place| self.uids.get(place));
                for item in &fetch.items {
                    // One that is new is told with its flags.
                    if let (FetchItem::Flags(flags), Some(known)) = (item, known) {
                        let flags: Vec<String> = flags.iter().map(|flag| text::line(flag.as_str())).collect();
                        tell("flags", uid(fetch).unwrap_or(*known), &format!("({})", flags.join(" ")))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells a new message.
    pub(super) fn tell_new(&mut self, fetch: &Fetch) -> io::Result<()> {
        let (Some(uid), Some(place)) = (uid(fetch), (fetch.number as usize).checked_sub(1)) else {
            return Ok(());
        };
        let envelope = fetch.items.iter().find_map(|item| match item {
            FetchItem::Envelope(envelope) => Some(envelope),
            _ => None,
        });
        // Flags that changed meanwhile come without it.
        let Some(envelope) = envelope else { return Ok(()) };
        if self.uids.len() <= place {
            self.uids.resize(place + 1, 0);
        }
        if let Some(known) = self.uids.get_mut(place) {
            *known = uid;
        }
        self.last = self.last.max(uid);
        let sender = text::fit(&header::sender(envelope), SENDER);
        tell("new", uid, &format!("{sender}  {}", header::subject(envelope)))
    }
}

/// The UID in a FETCH.
pub(super) fn uid(fetch: &Fetch) -> Option<u32> {
    fetch.items.iter().find_map(|item| match item {
        FetchItem::Uid(uid @ 1..) => Some(*uid),
        _ => None,
    })
}

/// At once, also into a pipe.
fn tell(what: &str, uid: u32, more: &str) -> io::Result<()> {
    let uid = if uid == 0 { "?".to_owned() } else { uid.to_string() };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", format!("{what:<5}  {uid:>6}  {more}").trim_end())?;
    out.flush()
}
