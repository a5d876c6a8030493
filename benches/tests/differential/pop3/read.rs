//! Reads units of POP3, here and there.
use crate::{
    lines::{line, lines, next_line},
    meaning::{Answer, Meaning, Refusal, text},
};
use bytes::{Bytes, BytesMut};
use mail_wire::{
    dot::{Bare, DotDecoder, Dotted},
    line::{LineEnding, LineFramer},
};
use pop3_codec::{
    parse,
    types::{self as peer, Response},
};
use pop3_proto::{
    Capability, Charset, Command, DropListing, LanguageRange, Reply, Retention, ScanListing, Scope, Status,
    UniqueIdListing,
};

fn refused(start: usize) -> impl Fn(pop3_proto::ParseError) -> Refusal {
    move |error| Refusal { rule: error.expected.into(), offset: start + error.offset }
}

/// A peer's answer, all of the unit taken.
fn whole<T>(read: nom_of_peer::Answer<'_, T>) -> Result<T, Refusal> {
    match read {
        Ok(([], value)) => Ok(value),
        Ok(_) => Err(Refusal::of_peer("octets left")),
        Err(_) => Err(Refusal::of_peer("an error")),
    }
}

/// The peer's nom shows in its results, and is not named.
mod nom_of_peer {
    pub(super) type Answer<'a, T> = Result<(&'a [u8], T), ()>;
}

macro_rules! peer {
    ($rule:path, $unit:expr) => {
        whole($rule($unit).map_err(|_| ()))
    };
}

/// A command.
pub(super) fn command(unit: &Bytes) -> Answer {
    Ok(meaning(&Command::parse(&line(unit)?).map_err(refused(0))?))
}

fn meaning(command: &Command) -> Meaning {
    let verb = |verb: &str| Meaning::default().with("verb", verb);
    match command {
        Command::User(name) => verb("USER").with("name", text(name.as_bytes())),
        Command::Pass(password) => verb("PASS").with("password", text(password.as_bytes())),
        Command::Apop { name, digest } => {
            verb("APOP").with("arguments", format!("{} {}", text(name.as_bytes()), digest.as_str()))
        }
        Command::Capa => verb("CAPA"),
        Command::Stls => verb("STLS"),
        Command::Auth { mechanism, initial } => verb("AUTH")
            .with("mechanism", mechanism)
            .with_some("initial", initial.as_ref().map(|secret| text(secret.as_bytes()))),
        Command::AuthList => verb("AUTH"),
        Command::Stat => verb("STAT"),
        Command::List(message) => verb("LIST").with_some("message", *message),
        Command::Uidl(message) => verb("UIDL").with_some("message", *message),
        Command::Retr(message) => verb("RETR").with("message", message),
        Command::Top { message, lines } => verb("TOP").with("message", message).with("lines", lines),
        Command::Dele(message) => verb("DELE").with("message", message),
        Command::Noop => verb("NOOP"),
        Command::Rset => verb("RSET"),
        Command::Quit => verb("QUIT"),
        Command::Utf8 => verb("UTF8"),
        Command::Lang(None) => verb("LANG"),
        Command::Lang(Some(LanguageRange::Any)) => verb("LANG").with("arguments", "*"),
        Command::Lang(Some(LanguageRange::Tag(tag))) => verb("LANG").with("arguments", tag),
        Command::Other(other) => verb(&text(other.keyword().as_bytes()))
            .with_some("arguments", other.arguments().map(|arguments| text(arguments.as_bytes()))),
        other => panic!("no verb for {other:?}"),
    }
}

/// A command, there.
pub(super) fn command_of_peer(unit: &Bytes) -> Answer {
    let verb = |verb: &str| Meaning::default().with("verb", verb);
    Ok(match peer!(parse::command, unit)? {
        peer::Command::User(name) => verb("USER").with("name", text(name.as_bytes())),
        peer::Command::Pass(password) => verb("PASS").with("password", text(password.as_bytes())),
        peer::Command::ListAll => verb("LIST"),
        peer::Command::List { msg } => verb("LIST").with("message", msg),
        peer::Command::UidlAll => verb("UIDL"),
        peer::Command::Uidl { msg } => verb("UIDL").with("message", msg),
        peer::Command::Retr { msg } => verb("RETR").with("message", msg),
        peer::Command::Dele { msg } => verb("DELE").with("message", msg),
        peer::Command::Top { msg, n } => verb("TOP").with("message", msg).with("lines", n),
        peer::Command::Apop { name, digest } => {
            verb("APOP").with("arguments", text(format!("{name} {digest}").as_bytes()))
        }
        peer::Command::AuthAll => verb("AUTH"),
        peer::Command::Auth { mechanism, initial_response } => {
            let decoded = initial_response.map(|initial| {
                let decoded = mail_wire::sasl::decode_initial(initial.as_bytes());
                decoded.map_or_else(|_| format!("not base64: {initial}"), |secret| text(secret.as_bytes()))
            });
            verb("AUTH").with("mechanism", mechanism.to_ascii_uppercase()).with_some("initial", decoded)
        }
        peer::Command::LangAll => verb("LANG"),
        peer::Command::Lang { lang_or_wild } => verb("LANG").with("arguments", lang_or_wild.to_string()),
        plain => verb(plain.name()),
    })
}

/// The command as each side writes it.
pub(super) fn written_commands(unit: &Bytes) -> Vec<Bytes> {
    let ours = line(unit).ok().and_then(|line| Command::parse(&line).ok()).map(|command| {
        let mut wire = Vec::new();
        command.encode(&mut wire);
        wire
    });
    let theirs = peer!(parse::command, unit).ok().map(|command| command.serialize());
    ours.into_iter().chain(theirs).map(Bytes::from).collect()
}

fn words(reply: &Reply) -> Meaning {
    let status = if reply.status == Status::Ok { "+OK" } else { "-ERR" };
    Meaning::default()
        .with("verb", status)
        .with_some("code", reply.text.code())
        .with("text", text(reply.text.words().as_bytes()))
}

fn words_of_peer(status: &str, code: &[String], comment: &str) -> Meaning {
    let code = code.join("/").to_ascii_uppercase();
    Meaning::default()
        .with("verb", status)
        .with_some("code", (!code.is_empty()).then_some(code))
        .with("text", text(comment.as_bytes()))
}

/// A status line.
pub(super) fn reply(unit: &Bytes) -> Answer {
    Ok(words(&Reply::parse(&line(unit)?).map_err(refused(0))?))
}

/// A status line, there.
pub(super) fn reply_of_peer(unit: &Bytes) -> Answer {
    Ok(match peer!(parse::response_noop, unit)? {
        Response::Ok(line) => words_of_peer("+OK", &line.code, &line.comment),
        Response::Err(line) => words_of_peer("-ERR", &line.code, &line.comment),
    })
}

/// The status line as it is written here: the peer writes none.
pub(super) fn written_replies(unit: &Bytes) -> Vec<Bytes> {
    let reply = line(unit).ok().and_then(|line| Reply::parse(&line).ok());
    let written = reply.map(|reply| {
        let mut wire = Vec::new();
        reply.encode(&mut wire);
        Bytes::from(wire)
    });
    written.into_iter().collect()
}

/// The reply to STAT.
pub(super) fn stat(unit: &Bytes) -> Answer {
    let line = line(unit)?;
    let reply = Reply::parse(&line).map_err(refused(0))?;
    if reply.status == Status::Err {
        return Ok(words(&reply));
    }
    let words = Bytes::copy_from_slice(reply.text.words().as_bytes());
    let DropListing { messages, octets } =
        DropListing::parse(&words).map_err(refused(line.len() - words.len()))?;
    Ok(Meaning::default().with("verb", "+OK").with("messages", messages).with("octets", octets))
}

/// The reply to STAT, there.
pub(super) fn stat_of_peer(unit: &Bytes) -> Answer {
    Ok(match peer!(parse::response_stat, unit)? {
        Response::Ok(listing) => Meaning::default()
            .with("verb", "+OK")
            .with("messages", listing.message_count)
            .with("octets", listing.maildrop_size),
        Response::Err(line) => words_of_peer("-ERR", &line.code, &line.comment),
    })
}

/// A reply of many lines.
fn many(unit: &Bytes, entry: impl Fn(&Bytes) -> Result<String, pop3_proto::ParseError>) -> Answer {
    let lines = lines(unit)?;
    let Some(((_, first), rest)) = lines.split_first() else {
        return Err(Refusal { rule: "CRLF".into(), offset: 0 });
    };
    let reply = Reply::parse(first).map_err(refused(0))?;
    let mut meaning = words(&reply);
    if reply.status == Status::Err {
        return match rest.first() {
            None => Ok(meaning),
            Some((start, _)) => Err(Refusal { rule: "one line".into(), offset: *start }),
        };
    }
    for (at, (start, line)) in rest.iter().enumerate() {
        if line == "." {
            return match rest.get(at + 1) {
                None => Ok(meaning),
                Some((start, _)) => Err(Refusal { rule: "the end".into(), offset: *start }),
            };
        }
        meaning = meaning.with(format!("entry {at}"), entry(line).map_err(refused(*start))?);
    }
    Err(Refusal { rule: "the end of the listing".into(), offset: unit.len() })
}

/// A peer's reply of many lines, whose types have no name outside of it.
macro_rules! many_of_peer {
    ($rule:path, $unit:expr, $entry:expr) => {
        Ok(match peer!($rule, $unit)? {
            Response::Ok(all) => {
                let words = words_of_peer("+OK", &all.head.code, &all.head.comment);
                all.body
                    .iter()
                    .map($entry)
                    .enumerate()
                    .fold(words, |meaning, (at, entry): (usize, String)| {
                        meaning.with(format!("entry {at}"), entry)
                    })
            }
            Response::Err(line) => words_of_peer("-ERR", &line.code, &line.comment),
        })
    };
}

/// The reply to LIST.
pub(super) fn list(unit: &Bytes) -> Answer {
    many(unit, |line| {
        ScanListing::parse(line).map(|ScanListing { message, octets }| format!("{message} {octets}"))
    })
}

/// The reply to LIST, there.
pub(super) fn list_of_peer(unit: &Bytes) -> Answer {
    many_of_peer!(parse::response_list_all, unit, |one| format!("{} {}", one.message_id, one.message_size))
}

/// The reply to UIDL.
pub(super) fn uidl(unit: &Bytes) -> Answer {
    many(unit, |line| UniqueIdListing::parse(line).map(|one| format!("{} {}", one.message, one.id)))
}

/// The reply to UIDL, there.
pub(super) fn uidl_of_peer(unit: &Bytes) -> Answer {
    many_of_peer!(parse::response_uidl_all, unit, |one| format!("{} {}", one.message_id, one.message_uid))
}

/// The reply to CAPA.
pub(super) fn capa(unit: &Bytes) -> Answer {
    let scope = |scope| if scope == Scope::User { " USER" } else { "" };
    many(unit, |line| {
        Ok(match Capability::parse(line)? {
            Capability::Top => "TOP".into(),
            Capability::User => "USER".into(),
            Capability::Sasl(mechanisms) => {
                mechanisms.iter().fold("SASL".into(), |all, one| format!("{all} {one}"))
            }
            Capability::RespCodes => "RESP-CODES".into(),
            Capability::AuthRespCode => "AUTH-RESP-CODE".into(),
            Capability::LoginDelay { seconds, scope: who } => format!("LOGIN-DELAY {seconds}{}", scope(who)),
            Capability::Pipelining => "PIPELINING".into(),
            Capability::Expire { retention: Retention::Days(days), scope: who } => {
                format!("EXPIRE {days}{}", scope(who))
            }
            Capability::Expire { retention: Retention::Never, scope: who } => {
                format!("EXPIRE NEVER{}", scope(who))
            }
            Capability::Uidl => "UIDL".into(),
            Capability::Stls => "STLS".into(),
            Capability::Utf8(Charset::Ascii) => "UTF8".into(),
            Capability::Utf8(Charset::Utf8) => "UTF8 USER".into(),
            Capability::Lang => "LANG".into(),
            Capability::Implementation(what) => format!("IMPLEMENTATION {}", text(what.as_text().as_bytes())),
            Capability::Other(other) => match other.arguments() {
                Some(arguments) => {
                    format!("{} {}", text(other.tag().as_bytes()), text(arguments.as_bytes()))
                }
                None => text(other.tag().as_bytes()),
            },
            other => panic!("no name for {other:?}"),
        })
    })
}

/// The reply to CAPA, there.
pub(super) fn capa_of_peer(unit: &Bytes) -> Answer {
    many_of_peer!(parse::response_capa, unit, |one| {
        let line = one.to_string();
        let (tag, arguments) = line.split_once(' ').unwrap_or((&line, ""));
        match (tag.to_ascii_uppercase().as_str(), arguments) {
            (tag, "") => text(tag.as_bytes()),
            ("SASL", mechanisms) => format!("SASL {}", text(mechanisms.to_ascii_uppercase().as_bytes())),
            (tag, arguments) => format!("{} {}", text(tag.as_bytes()), text(arguments.as_bytes())),
        }
    })
}

/// The reply to CAPA, there: each capability's line ends twice, as the peer wants it.
pub(super) fn capa_of_peer_with_two_ends(unit: &Bytes) -> Answer {
    let lines: Vec<&[u8]> = unit.split_inclusive(|octet| *octet == b'\n').collect();
    let doubled = lines.iter().enumerate().flat_map(|(at, line)| {
        let end: &[u8] = if at > 0 && at + 1 < lines.len() { b"\r\n" } else { b"" };
        [*line, end].concat()
    });
    capa_of_peer(&doubled.collect())
}

/// The reply to RETR.
pub(super) fn retr(unit: &Bytes) -> Answer {
    let (mut framer, mut input) = (LineFramer::new(4096, LineEnding::Crlf), BytesMut::from(&unit[..]));
    let reply = Reply::parse(&next_line(&mut framer, &mut input)?).map_err(refused(0))?;
    let meaning = words(&reply);
    let (mut decoder, mut payload) = (DotDecoder::new(Bare::Reject), Vec::new());
    let start = unit.len() - input.len();
    if reply.status == Status::Err {
        return if input.is_empty() {
            Ok(meaning)
        } else {
            Err(Refusal { rule: "the end".into(), offset: start })
        };
    }
    loop {
        let dotted = decoder.next(&mut input);
        let refused =
            |rule: &str| Err(Refusal { rule: rule.into(), offset: start + decoder.taken() as usize });
        match dotted {
            Dotted::Payload(piece) => payload.extend_from_slice(&piece),
            Dotted::End => break,
            Dotted::Refused(_) => return refused("no bare CR or LF"),
            Dotted::NeedInput => return refused("the end of the message"),
        }
    }
    if !input.is_empty() {
        return Err(Refusal { rule: "the end".into(), offset: unit.len() - input.len() });
    }
    Ok(meaning.with("message", text(&payload)))
}

/// The reply to RETR, there.
pub(super) fn retr_of_peer(unit: &Bytes) -> Answer {
    Ok(match peer!(parse::response_retr, unit)? {
        Response::Ok(all) => {
            let message: String = all.body.iter().map(|line| format!("{line}\r\n")).collect();
            words_of_peer("+OK", &all.head.code, &all.head.comment).with("message", text(message.as_bytes()))
        }
        Response::Err(line) => words_of_peer("-ERR", &line.code, &line.comment),
    })
}
