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
        // rule rfc3501 6.1.2 noop-is-read: NOOP has no arguments
        NOOP => Ok((rest, Command::Noop)),
        LOGOUT => Ok((rest, Command::Logout)),
        STARTTLS => Ok((rest, Command::StartTls)),
        NAMESPACE => Ok((rest, Command::Namespace)),
        IDLE => Ok((rest, Command::Idle)),
        // rule rfc3501 6.4.1 check-is-read: CHECK has no arguments
        CHECK => Ok((rest, Command::Check)),
        CLOSE => Ok((rest, Command::Close)),
        UNSELECT => Ok((rest, Command::Unselect)),
        // rule rfc3501 6.4.3 expunge-is-read: EXPUNGE has no arguments
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
        // rule rfc3501 6.3.3 create-is-read: CREATE names a mailbox
        CREATE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Create(name))),
        // rule rfc3501 6.3.4 delete-is-read: DELETE names a mailbox
        DELETE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Delete(name))),
        // rule rfc3501 6.3.6 subscribe-is-read: SUBSCRIBE names a mailbox
        SUBSCRIBE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Subscribe(name))),
        // rule rfc3501 6.3.7 unsubscribe-is-read: UNSUBSCRIBE names a mailbox
        UNSUBSCRIBE => of_mailbox(rest, tolerance).map(|(rest, name)| (rest, Command::Unsubscribe(name))),
        // rule rfc3501 6.3.5 rename-is-read: RENAME names two mailboxes
        RENAME => session::rename(rest, tolerance).map(|(rest, rename)| (rest, Command::Rename(rename))),
        // rule rfc3501 6.3.8 list-is-read: LIST has a reference and a pattern
        LIST => session::list(rest, tolerance).map(|(rest, list)| (rest, Command::List(list))),
        // rule rfc3501 6.3.9 lsub-is-read: LSUB has a reference and a pattern
        LSUB => session::list(rest, tolerance).map(|(rest, list)| (rest, Command::Lsub(list))),
        // rule rfc3501 6.3.10 status-is-read: STATUS names a mailbox and items
        STATUS => status::status(rest, tolerance).map(|(rest, status)| (rest, Command::Status(status))),
        APPEND => append::append(rest, tail, tolerance)
            .map(|(rest, append)| (rest, Command::Append(Box::new(append)))),
        // rule rfc3501 6.4.8 uid-commands: behind UID stands a command whose numbers are UIDs
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
    // rule rfc4315 2.1 uids-of-uid-expunge: UID EXPUNGE names UIDs
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
        // rule rfc3501 6.4.7 copy-is-read: COPY names messages and a mailbox
        COPY => message::copy(i, numbering, tolerance).map(|(rest, copy)| (rest, Command::Copy(copy))),
        // rule rfc6851 3.1 move-is-read: MOVE names messages and a mailbox
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
