//! Commands ([RFC 9051 §9](https://www.rfc-editor.org/rfc/rfc9051#section-9), `command`).
pub(crate) mod append;
pub(crate) mod fetch;
pub(crate) mod message;
pub(crate) mod other;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod status;

use super::{
    Tolerance,
    leaf::{self, Key, key, name},
    mailbox::mailbox,
    sequence::sequence_set,
    skip_spaces, space,
};
use crate::{Command, DeviationKind, MailboxName, Numbering, Tag, Tail};
use alloc::boxed::Box;
use mail_wire::span::{Parsed, Span, expected};

const APPEND: Key = key(b"APPEND");
const AUTHENTICATE: Key = key(b"AUTHENTICATE");
const CAPABILITY: Key = key(b"CAPABILITY");
const CHECK: Key = key(b"CHECK");
const CLOSE: Key = key(b"CLOSE");
const COMPRESS: Key = key(b"COMPRESS");
const COPY: Key = key(b"COPY");
const CREATE: Key = key(b"CREATE");
const DELETE: Key = key(b"DELETE");
const ENABLE: Key = key(b"ENABLE");
const EXAMINE: Key = key(b"EXAMINE");
const EXPUNGE: Key = key(b"EXPUNGE");
const FETCH: Key = key(b"FETCH");
const ID: Key = key(b"ID");
const IDLE: Key = key(b"IDLE");
const LIST: Key = key(b"LIST");
const LOGIN: Key = key(b"LOGIN");
const LOGOUT: Key = key(b"LOGOUT");
const LSUB: Key = key(b"LSUB");
const MOVE: Key = key(b"MOVE");
const NAMESPACE: Key = key(b"NAMESPACE");
const NOOP: Key = key(b"NOOP");
const RENAME: Key = key(b"RENAME");
const SEARCH: Key = key(b"SEARCH");
const SELECT: Key = key(b"SELECT");
const STARTTLS: Key = key(b"STARTTLS");
const STATUS: Key = key(b"STATUS");
const STORE: Key = key(b"STORE");
const SUBSCRIBE: Key = key(b"SUBSCRIBE");
const UID: Key = key(b"UID");
const UNSELECT: Key = key(b"UNSELECT");
const UNSUBSCRIBE: Key = key(b"UNSUBSCRIBE");

/// `command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF`, the CRLF taken off.
///
/// The tag is told as soon as it is read; the answer to a bad command bears it.
pub(crate) fn command<'a>(
    i: Span<'a>,
    tag: &mut Option<Tag>,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Command> {
    let (i, found) = leaf::tag(i)?;
    *tag = Some(found);
    let (i, ()) = space(i, tolerance)?;
    let (i, command) = verb(i, tail, tolerance)?;
    Ok((skip_spaces(i, DeviationKind::TrailingSpaces, tolerance), command))
}

/// A command's name, and its arguments.
fn verb<'a>(i: Span<'a>, tail: Tail, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Command> {
    let (rest, key) = match name(i) {
        Ok((rest, (_, key))) if matches!(rest.first(), None | Some(b' ')) => (rest, key),
        // An atom all the same.
        _ => return other::other(i, tolerance).map(|(rest, other)| (rest, Command::Other(other))),
    };
    match key {
        CAPABILITY => Ok((rest, Command::Capability)),
        NOOP => Ok((rest, Command::Noop)),
        LOGOUT => Ok((rest, Command::Logout)),
        STARTTLS => Ok((rest, Command::StartTls)),
        NAMESPACE => Ok((rest, Command::Namespace)),
        IDLE => Ok((rest, Command::Idle)),
        CHECK => Ok((rest, Command::Check)),
        CLOSE => Ok((rest, Command::Close)),
        UNSELECT => Ok((rest, Command::Unselect)),
        EXPUNGE => Ok((rest, Command::Expunge)),
        ID => session::id(rest, tolerance).map(|(rest, fields)| (rest, Command::Id(fields))),
        AUTHENTICATE => {
            session::authenticate(rest, tolerance).map(|(rest, found)| (rest, Command::Authenticate(found)))
        }
        LOGIN => session::login(rest, tolerance).map(|(rest, login)| (rest, Command::Login(login))),
        COMPRESS => session::compress(rest, tolerance).map(|(rest, ())| (rest, Command::Compress)),
        ENABLE => session::enable(rest, tolerance).map(|(rest, enable)| (rest, Command::Enable(enable))),
        SELECT => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Select(name))),
        EXAMINE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Examine(name))),
        CREATE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Create(name))),
        DELETE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Delete(name))),
        SUBSCRIBE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Subscribe(name))),
        UNSUBSCRIBE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Unsubscribe(name))),
        RENAME => session::rename(rest, tolerance).map(|(rest, rename)| (rest, Command::Rename(rename))),
        LIST => session::list(rest, tolerance).map(|(rest, list)| (rest, Command::List(list))),
        LSUB => session::list(rest, tolerance).map(|(rest, list)| (rest, Command::Lsub(list))),
        STATUS => status::status(rest, tolerance).map(|(rest, status)| (rest, Command::Status(status))),
        APPEND => append::append(rest, tail, tolerance)
            .map(|(rest, append)| (rest, Command::Append(Box::new(append)))),
        UID => {
            let (i, ()) = space(rest, tolerance)?;
            uid(i, tolerance)
        }
        _ => match numbered(key, rest, Numbering::Sequence, tolerance) {
            Some(found) => found,
            None => other::other(i, tolerance).map(|(rest, other)| (rest, Command::Other(other))),
        },
    }
}

/// `uid = "UID" SP (copy / move / fetch / search / store / uid-expunge)`, behind its space.
fn uid<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Command> {
    const RULE: &str = "COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE";
    let Ok((rest, (_, key))) = name(i) else { return expected(i, RULE) };
    if key == EXPUNGE {
        let (rest, ()) = space(rest, tolerance)?;
        return sequence_set(rest, tolerance).map(|(rest, set)| (rest, Command::UidExpunge(set)));
    }
    numbered(key, rest, Numbering::Uid, tolerance).unwrap_or_else(|| expected(i, RULE))
}

/// Commands about messages, by number or by UID. `None`: it is another.
fn numbered<'a>(
    key: Key,
    i: Span<'a>,
    numbering: Numbering,
    tolerance: &mut Tolerance<'_>,
) -> Option<Parsed<'a, Command>> {
    Some(match key {
        FETCH => fetch::fetch(i, numbering, tolerance).map(|(rest, fetch)| (rest, Command::Fetch(fetch))),
        STORE => message::store(i, numbering, tolerance).map(|(rest, store)| (rest, Command::Store(store))),
        SEARCH => search::search(i, numbering, tolerance)
            .map(|(rest, search)| (rest, Command::Search(Box::new(search)))),
        COPY => message::copy(i, numbering, tolerance).map(|(rest, copy)| (rest, Command::Copy(copy))),
        MOVE => message::copy(i, numbering, tolerance).map(|(rest, copy)| (rest, Command::Move(copy))),
        _ => return None,
    })
}

/// `SP mailbox`
fn of_mailbox<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, MailboxName> {
    let (i, ()) = space(i, tolerance)?;
    mailbox(i, tolerance)
}

/// Has [`Command`] a variant for commands of this name?
fn is_known(key: Key) -> bool {
    matches!(
        key,
        APPEND
            | AUTHENTICATE
            | CAPABILITY
            | CHECK
            | CLOSE
            | COMPRESS
            | COPY
            | CREATE
            | DELETE
            | ENABLE
            | EXAMINE
            | EXPUNGE
            | FETCH
            | ID
            | IDLE
            | LIST
            | LOGIN
            | LOGOUT
            | LSUB
            | MOVE
            | NAMESPACE
            | NOOP
            | RENAME
            | SEARCH
            | SELECT
            | STARTTLS
            | STATUS
            | STORE
            | SUBSCRIBE
            | UID
            | UNSELECT
            | UNSUBSCRIBE
    )
}
