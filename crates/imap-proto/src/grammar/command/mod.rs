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
    sequence::sequence_set,
    skip_spaces, space,
    string::astring_found,
};
use crate::{Command, DeviationKind, MailboxName, Numbering, Tag, Tail};
use alloc::boxed::Box;
use mail_wire::span::{Expected, Span, expected};

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

/// `command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF`, the CRLF taken off: all of a
/// unit.
///
/// The tag is told as soon as it is read; the answer to a bad command bears it.
///
/// This rule and those below it return their value by itself, and put what is left in `rest`: a pair of both would be
/// put together in memory and taken apart again by each that hands it on.
#[inline]
pub(crate) fn command(
    i: Span<'_>,
    tag: &mut Option<Tag>,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Result<Command, nom::Err<Expected>> {
    let (i, found) = leaf::tag(i)?;
    *tag = Some(found);
    let (i, ()) = space(i, tolerance)?;
    let mut rest = i;
    let command = verb(i, &mut rest, tail, tolerance)?;
    match skip_spaces(rest, DeviationKind::TrailingSpaces, tolerance) {
        rest if rest.is_empty() => Ok(command),
        rest => expected(rest, "the end"),
    }
}

/// A command's name, and its arguments.
#[inline]
fn verb<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Result<Command, nom::Err<Expected>> {
    let (at, key) = match name(i) {
        Ok((at, (_, key))) if matches!(at.first(), None | Some(b' ')) => (at, key),
        // An atom all the same.
        _ => return other::other(i, rest, tolerance).map(Command::Other),
    };
    let (behind, command) = match key {
        CAPABILITY => (at, Command::Capability),
        // rule rfc3501 6.1.2 noop-is-read: NOOP has no arguments
        NOOP => (at, Command::Noop),
        LOGOUT => (at, Command::Logout),
        STARTTLS => (at, Command::StartTls),
        NAMESPACE => (at, Command::Namespace),
        IDLE => (at, Command::Idle),
        // rule rfc3501 6.4.1 check-is-read: CHECK has no arguments
        CHECK => (at, Command::Check),
        CLOSE => (at, Command::Close),
        UNSELECT => (at, Command::Unselect),
        // rule rfc3501 6.4.3 expunge-is-read: EXPUNGE has no arguments
        EXPUNGE => (at, Command::Expunge),
        ID => session::id(at, tolerance).map(|(behind, fields)| (behind, Command::Id(fields)))?,
        AUTHENTICATE => session::authenticate(at, tolerance)
            .map(|(behind, found)| (behind, Command::Authenticate(found)))?,
        COMPRESS => session::compress(at, tolerance).map(|(behind, ())| (behind, Command::Compress))?,
        ENABLE => session::enable(at, tolerance).map(|(behind, enable)| (behind, Command::Enable(enable)))?,
        APPEND => append::append(at, tail, tolerance)
            .map(|(behind, append)| (behind, Command::Append(Box::new(append))))?,
        LOGIN => return session::login(at, rest, tolerance).map(Command::Login),
        SELECT => return of_mailbox(at, rest, tolerance).map(Command::Select),
        EXAMINE => return of_mailbox(at, rest, tolerance).map(Command::Examine),
        // rule rfc3501 6.3.3 create-is-read: CREATE names a mailbox
        CREATE => return of_mailbox(at, rest, tolerance).map(Command::Create),
        // rule rfc3501 6.3.4 delete-is-read: DELETE names a mailbox
        DELETE => return of_mailbox(at, rest, tolerance).map(Command::Delete),
        // rule rfc3501 6.3.6 subscribe-is-read: SUBSCRIBE names a mailbox
        SUBSCRIBE => return of_mailbox(at, rest, tolerance).map(Command::Subscribe),
        // rule rfc3501 6.3.7 unsubscribe-is-read: UNSUBSCRIBE names a mailbox
        UNSUBSCRIBE => return of_mailbox(at, rest, tolerance).map(Command::Unsubscribe),
        // rule rfc3501 6.3.5 rename-is-read: RENAME names two mailboxes
        RENAME => return session::rename(at, rest, tolerance).map(Command::Rename),
        // rule rfc3501 6.3.8 list-is-read: LIST has a reference and a pattern
        LIST => return session::list(at, rest, tolerance).map(Command::List),
        // rule rfc3501 6.3.9 lsub-is-read: LSUB has a reference and a pattern
        LSUB => return session::list(at, rest, tolerance).map(Command::Lsub),
        // rule rfc3501 6.3.10 status-is-read: STATUS names a mailbox and items
        STATUS => return status::status(at, rest, tolerance).map(Command::Status),
        FETCH | STORE | SEARCH | COPY | MOVE => {
            return numbered(key, at, rest, Numbering::Sequence, tolerance);
        }
        UID => {
            let (i, ()) = space(at, tolerance)?;
            return uid(i, rest, tolerance);
        }
        _ => return other::other(i, rest, tolerance).map(Command::Other),
    };
    *rest = behind;
    Ok(command)
}

/// `uid = "UID" SP (copy / move / fetch / search / store / uid-expunge)`, behind its space.
#[inline]
fn uid<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Command, nom::Err<Expected>> {
    let found = name(i).ok().map(|(at, (_, key))| (at, key));
    match found {
        // rule rfc3501 6.4.8 uid-commands: behind UID stands a command whose numbers are UIDs
        Some((at, key @ (FETCH | STORE | SEARCH | COPY | MOVE))) => {
            numbered(key, at, rest, Numbering::Uid, tolerance)
        }
        // rule rfc4315 2.1 uids-of-uid-expunge: UID EXPUNGE names UIDs
        Some((at, EXPUNGE)) => {
            let (at, ()) = space(at, tolerance)?;
            let (behind, set) = sequence_set(at, tolerance)?;
            *rest = behind;
            Ok(Command::UidExpunge(set))
        }
        _ => expected(i, "COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE"),
    }
}

/// Commands about messages, by number or by UID: one of FETCH, STORE, SEARCH, COPY and MOVE.
fn numbered<'a>(
    key: Key,
    i: Span<'a>,
    rest: &mut Span<'a>,
    numbering: Numbering,
    tolerance: &mut Tolerance<'_>,
) -> Result<Command, nom::Err<Expected>> {
    match key {
        FETCH => fetch::fetch(i, rest, numbering, tolerance).map(Command::Fetch),
        STORE => message::store(i, rest, numbering, tolerance).map(Command::Store),
        SEARCH => search::search(i, rest, numbering, tolerance).map(|found| Command::Search(Box::new(found))),
        // rule rfc3501 6.4.7 copy-is-read: COPY names messages and a mailbox
        COPY => message::copy(i, rest, numbering, tolerance).map(Command::Copy),
        // rule rfc6851 3.1 move-is-read: MOVE names messages and a mailbox
        _ => message::copy(i, rest, numbering, tolerance).map(Command::Move),
    }
}

/// `SP mailbox`
#[inline]
fn of_mailbox<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<MailboxName, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (behind, found) = astring_found(i, tolerance)?;
    *rest = behind;
    Ok(MailboxName::from_found(found, tolerance.encoding()))
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
