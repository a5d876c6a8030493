//! `mail list`
use crate::{account::Account, cli, header, session::Mail, text};
use imap_proto::{
    Command, FetchItem, Numbering, Search, SearchKey, SequenceSet,
    response::{self, ESearchItem, Untagged},
};
use std::{
    error::Error,
    io::{self, Write},
};

/// Messages asked for at once: their answer stays far below what is held.
const BATCH: usize = 500;

/// Columns of who sent a message.
const SENDER: usize = 24;

/// Lists messages of a mailbox, newest last.
pub(crate) async fn list(account: &Account, list: &cli::List) -> Result<(), Box<dyn Error>> {
    let mut mail = account.open().await?;
    let messages = mail.examine(&list.mailbox).await?;
    let limit = list.limit.get();
    let (numbering, wanted) = if list.unseen {
        let unseen = unseen(&mut mail).await?;
        let behind = unseen.len().saturating_sub(limit as usize);
        (Numbering::Uid, unseen.get(behind..).unwrap_or_default().to_vec())
    } else {
        (Numbering::Sequence, (messages.saturating_sub(limit) + 1..=messages).collect())
    };
    for batch in wanted.chunks(BATCH) {
        let Some(set) = SequenceSet::from_numbers(batch.iter().copied()) else { continue };
        let items = [
            FetchItem::Uid,
            FetchItem::Flags,
            FetchItem::InternalDate,
            FetchItem::Rfc822Size,
            FetchItem::Envelope,
        ];
        let mut fetched = mail.fetch(numbering, set, items).await?;
        fetched.sort_by_key(|fetch| fetch.number);
        let mut out = io::stdout().lock();
        for row in fetched.iter().filter_map(row) {
            writeln!(out, "{row}")?;
        }
    }
    mail.close().await;
    Ok(())
}

/// UIDs of the messages that nobody has read, lowest first.
async fn unseen(mail: &mut Mail) -> Result<Vec<u32>, Box<dyn Error>> {
    let search = Search::new(Numbering::Uid, vec![SearchKey::Unseen]);
    let answer = mail.run(Command::Search(Box::new(search))).await?;
    let mut uids = Vec::new();
    for untagged in answer.untagged {
        match untagged {
            Untagged::Search(search) => uids.extend(search.numbers),
            Untagged::ESearch(search) => {
                for item in search.items {
                    if let ESearchItem::All(set) = item {
                        uids.extend(set.iter(u32::MAX));
                    }
                }
            }
            _ => {}
        }
    }
    uids.sort_unstable();
    uids.dedup();
    Ok(uids)
}

/// A message on a line. `None` for one that only its flags were told of, as a change that someone made meanwhile.
fn row(fetch: &response::Fetch) -> Option<String> {
    use response::FetchItem;
    let (mut uid, mut flags, mut date, mut size, mut envelope) = (None, None, None, None, None);
    for item in &fetch.items {
        match item {
            FetchItem::Uid(found) => uid = Some(*found),
            FetchItem::Flags(found) => flags = Some(found),
            FetchItem::InternalDate(found) => date = Some(*found),
            FetchItem::Size(found) => size = Some(*found),
            FetchItem::Envelope(found) => envelope = Some(found),
            _ => {}
        }
    }
    let (uid, size) = (uid?, size?);
    let date = date.map(header::date).unwrap_or_default();
    let flags = flags.map(header::flags).unwrap_or_default();
    // A server that garbles one envelope has not lost the message.
    let unreadable = || "(unreadable)".to_owned();
    let sender = envelope.map_or_else(unreadable, |envelope| header::sender(envelope));
    let subject = envelope.map_or_else(unreadable, |envelope| header::subject(envelope));
    let (sender, size) = (text::fit(&sender, SENDER), text::size(size));
    Some(format!("{uid:>6}  {date:16}  {flags:<4}  {sender}  {size:>5}  {subject}").trim_end().to_owned())
}
