//! Reading a folder into the mailbox that its sessions share.

use imap_proto::{
    Flags,
    mailbox::{Mailbox, Message, Stored},
};
use rusqlite::{Connection, OptionalExtension, Row, Rows, params, types::Type};

use super::flags;
use crate::store::{AccountId, FolderName, UidValidity};

/// The folder of a name: what all that is done with it begins with.
pub(in crate::store) fn find(
    database: &Connection,
    account: AccountId,
    name: &FolderName,
) -> rusqlite::Result<Option<(i64, UidValidity)>> {
    database
        .prepare_cached("SELECT id, uidvalidity FROM folders WHERE account = ?1 AND name = ?2")?
        .query_row(params![account.0, name.as_str()], |row| Ok((row.get(0)?, UidValidity(row.get(1)?))))
        .optional()
}

/// Reads a folder as it is at one moment; `None` when it is gone.
pub(super) fn read(database: &Connection, folder: i64) -> rusqlite::Result<Option<Mailbox<Flags>>> {
    // All that follows sees the same commit.
    let snapshot = database.unchecked_transaction()?;
    let stored = snapshot
        .prepare_cached("SELECT uidvalidity, uidnext, highestmodseq, recent_from FROM folders WHERE id = ?1")?
        .query_row([folder], |row| {
            Ok(Stored {
                uid_validity: row.get(0)?,
                uid_next: row.get(1)?,
                highest_modseq: row.get::<_, i64>(2)?.unsigned_abs(),
                recent_from: row.get(3)?,
            })
        })
        .optional()?;
    let Some(stored) = stored else { return Ok(None) };
    let mut query =
        snapshot.prepare_cached("SELECT uid, modseq, flags FROM messages WHERE folder = ?1 ORDER BY uid")?;
    let mut rows = query.query([folder])?;
    let mut query =
        snapshot.prepare_cached("SELECT uid, keyword FROM keywords WHERE folder = ?1 ORDER BY uid")?;
    let mut keywords = Keywords::new(query.query([folder])?)?;
    let mut failure = None;
    let messages = std::iter::from_fn(|| match rows.next() {
        Ok(row) => row.map(|row| message(row, &mut keywords)),
        Err(error) => Some(Err(error)),
    });
    let messages = messages.map_while(|message| message.map_err(|error| failure = Some(error)).ok());
    let mailbox = Mailbox::load(stored, messages);
    match failure {
        Some(error) => Err(error),
        None => mailbox
            .map(Some)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Integer, Box::new(error))),
    }
}

fn message(row: &Row<'_>, keywords: &mut Keywords<'_>) -> rusqlite::Result<Message<Flags>> {
    let uid = row.get(0)?;
    let flags = keywords.add_to(flags::of_bits(row.get(2)?), uid)?;
    Ok(Message { uid, modseq: row.get::<_, i64>(1)?.unsigned_abs(), flags })
}

/// The keywords of all messages, read beside the messages: few have any.
struct Keywords<'a> {
    rows: Rows<'a>,
    next: Option<(u32, String)>,
}

impl<'a> Keywords<'a> {
    fn new(rows: Rows<'a>) -> rusqlite::Result<Self> {
        let mut keywords = Self { rows, next: None };
        keywords.advance()?;
        Ok(keywords)
    }

    fn advance(&mut self) -> rusqlite::Result<()> {
        let row = self.rows.next()?;
        self.next = row.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
        Ok(())
    }

    fn add_to(&mut self, mut flags: Flags, uid: u32) -> rusqlite::Result<Flags> {
        while let Some((_, keyword)) = self.next.as_ref().filter(|(of, _)| *of <= uid) {
            flags::insert_stored(&mut flags, keyword);
            self.advance()?;
        }
        Ok(flags)
    }
}
