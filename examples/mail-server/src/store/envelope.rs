//! What was said of a message beside its octets.

use std::fmt;

use bytes::Bytes;
use rusqlite::{
    Connection, Row, params,
    types::{Type, ValueRef},
};
use smtp_proto::{Command, Deviations, Leniency, Mail, Rcpt, ReversePath};
use thiserror::Error;

use super::{
    folder::FolderName,
    value::{AccountId, Uid},
};

/// What a client of SMTP or LMTP said of a message: its sender and its recipients, each with all parameters.
///
/// Among them are those that ask for notifications: RET and ENVID of MAIL, NOTIFY and ORCPT of RCPT ([RFC 3461 §4]).
/// The store keeps them with the message for whoever is to act on them.
///
/// [RFC 3461 §4]: https://www.rfc-editor.org/rfc/rfc3461#section-4
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// From whom.
    pub mail: Mail,
    /// To whom, as far as they were accepted, in the order in which they were named.
    pub recipients: Vec<Rcpt>,
}

/// As the commands of SMTP that said it, a line each.
impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(Command::Mail(self.mail.clone())))?;
        self.recipients.iter().try_for_each(|rcpt| write!(f, "\n{}", line(Command::Rcpt(rcpt.clone()))))
    }
}

/// A message from `<>` to nobody.
impl Default for Envelope {
    fn default() -> Self {
        Self { mail: Mail::new(ReversePath::Null), recipients: Vec::new() }
    }
}

/// What stands in the database is no MAIL or RCPT.
#[derive(Debug, Error)]
#[error("'{0}' is not what an envelope is made of")]
struct NotOfAnEnvelope(String);

/// Keeps an envelope with its body.
pub(super) fn insert(database: &Connection, body: i64, envelope: &Envelope) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT INTO envelopes (body, mail) VALUES (?1, ?2)")?
        .execute(params![body, line(Command::Mail(envelope.mail.clone()))])?;
    for (position, rcpt) in envelope.recipients.iter().enumerate() {
        database
            .prepare_cached("INSERT INTO envelope_recipients (body, position, rcpt) VALUES (?1, ?2, ?3)")?
            .execute(params![body, position as i64, line(Command::Rcpt(rcpt.clone()))])?;
    }
    Ok(())
}

/// The envelopes of a folder's messages, by UID. One that was appended by IMAP has none.
pub(super) fn of_folder(
    database: &Connection,
    account: AccountId,
    name: &FolderName,
) -> rusqlite::Result<Vec<(Uid, Envelope)>> {
    let mut query = database.prepare_cached(
        "SELECT uid, mail, rcpt
         FROM folders JOIN messages ON folder = folders.id JOIN envelopes USING (body)
              LEFT JOIN envelope_recipients USING (body)
         WHERE account = ?1 AND name = ?2
         ORDER BY uid, position",
    )?;
    let mut rows = query.query(params![account.0, name.as_str()])?;
    let mut envelopes: Vec<(Uid, Envelope)> = Vec::new();
    while let Some(row) = rows.next()? {
        let uid = Uid(row.get(0)?);
        if envelopes.last().is_none_or(|(last, _)| *last != uid) {
            let Command::Mail(mail) = command(row, 1)? else { return Err(not_of_an_envelope(row, 1)) };
            envelopes.push((uid, Envelope { mail, recipients: Vec::new() }));
        }
        if row.get_ref(2)? == ValueRef::Null {
            continue;
        }
        let Command::Rcpt(rcpt) = command(row, 2)? else { return Err(not_of_an_envelope(row, 2)) };
        if let Some((_, envelope)) = envelopes.last_mut() {
            envelope.recipients.push(rcpt);
        }
    }
    Ok(envelopes)
}

/// A command, without its CRLF. What an address may hold is UTF-8.
fn line(command: Command) -> String {
    let mut line = Vec::new();
    command.encode(&mut line);
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

fn command(row: &Row<'_>, column: usize) -> rusqlite::Result<Command> {
    let line: String = row.get(column)?;
    // What was tolerated when it came is tolerated now.
    Command::parse(Bytes::from(line), Leniency::LENIENT, &mut Deviations::new())
        .map_err(|_| not_of_an_envelope(row, column))
}

fn not_of_an_envelope(row: &Row<'_>, column: usize) -> rusqlite::Error {
    let found = row.get(column).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(NotOfAnEnvelope(found)))
}
