//! Reads units of SMTP here.
use crate::{
    lines::{line, lines},
    meaning::{Answer, Meaning, Refusal, text},
};
use bytes::{Bytes, BytesMut};
use mail_wire::{
    dot::{Bare, DotDecoder, Dotted},
    sasl,
};
use smtp_proto::{
    Capabilities, Chunk, Command, DateTime, Deviations, Extension, ForwardPath, Leniency, Reply, ReplyError,
    ReplyReader, xtext,
};

/// Names of the mechanisms that are made, for a bit there and a variant.
pub(super) const MECHANISMS: &[&str] = &["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "OAUTHBEARER"];

fn parsed(unit: &Bytes) -> Result<Command, Refusal> {
    Command::parse(&line(unit)?, Leniency::STRICT, &mut Deviations::new())
        .map_err(|error| Refusal { rule: error.error.expected.into(), offset: error.error.offset })
}

/// A parameter as smtp-proto understands it, from its keyword and its value: what it does not keep is not there.
fn understood(meaning: Meaning, keyword: &str, value: Option<&str>) -> Meaning {
    let keyword = keyword.to_ascii_uppercase();
    let value = value.unwrap_or_default();
    let of_xtext = |value: &str| {
        xtext::decode(value.as_bytes())
            .map_or(format!("not xtext: {value}"), |text_of| text(text_of.as_bytes()))
    };
    let number = |value: &str| {
        value.parse::<i128>().map_or(format!("no number: {value}"), |number| number.to_string())
    };
    let seconds = |value: &str| DateTime::new(value).unwrap().unix_seconds().to_string();
    let value = match keyword.as_str() {
        "SIZE" | "HOLDFOR" if number(value) == "0" => return meaning,
        "MT-PRIORITY" if value.parse::<i64>() == Ok(0) => return meaning,
        "SIZE" | "HOLDFOR" | "MT-PRIORITY" => number(value),
        "ENVID" | "AUTH" => of_xtext(value),
        "BY" => {
            let (time, mode) = value.split_once(';').unwrap_or((value, ""));
            let said = match mode.to_ascii_uppercase().as_str() {
                "N" => "NOTIFY",
                "NT" => "NOTIFY and TRACE",
                "R" => "RETURN",
                "RT" => "RETURN and TRACE",
                other => panic!("no mode: {other}"),
            };
            format!("{} {said}", number(time))
        }
        "HOLDUNTIL" => seconds(value),
        "RRVS" => {
            let (time, action) = value.split_once(';').unwrap_or((value, "R"));
            format!("{} {}", seconds(time), action.eq_ignore_ascii_case("C"))
        }
        "MTRK" => {
            let (certifier, timeout) = value.split_once(':').unwrap_or((value, "0"));
            format!("{certifier}:{}", number(timeout))
        }
        "ORCPT" => {
            let (kind, address) = value.split_once(';').unwrap_or(("", value));
            format!("{};{}", kind.to_ascii_lowercase(), of_xtext(address))
        }
        "NOTIFY" => {
            let mut all: Vec<String> = value.split(',').map(str::to_ascii_uppercase).collect();
            all.sort();
            all.dedup();
            all.join(",")
        }
        "BODY" | "RET" => value.to_ascii_uppercase(),
        _ => text(value.as_bytes()),
    };
    meaning.with(format!("param {keyword}"), value)
}

/// A parameter as it stands.
fn verbatim(meaning: Meaning, keyword: &str, value: Option<&str>) -> Meaning {
    let value = value.map_or("(no value)".into(), |value| text(value.as_bytes()));
    meaning.with(format!("param {}", keyword.to_ascii_uppercase()), value)
}

fn meaning(command: &Command, parameter: fn(Meaning, &str, Option<&str>) -> Meaning) -> Meaning {
    let verb = |verb: &str| Meaning::default().with("verb", verb);
    let argument = |verb: &str, argument: Option<&smtp_proto::Argument>| {
        Meaning::default()
            .with("verb", verb)
            .with_some("argument", argument.map(|argument| text(argument.as_str().as_bytes())))
    };
    match command {
        Command::Ehlo(name) => verb("EHLO").with("host", text(name.as_bytes())),
        Command::Helo(name) => verb("HELO").with("host", text(name.as_bytes())),
        Command::Lhlo(name) => verb("LHLO").with("host", text(name.as_bytes())),
        Command::Mail(mail) => {
            let from = mail.from().mailbox().map_or("", |mailbox| mailbox.as_str());
            let meaning = verb("MAIL").with("address", text(from.as_bytes()));
            mail.parameters().iter().fold(meaning, |all, (keyword, value)| parameter(all, keyword, value))
        }
        Command::Rcpt(rcpt) => {
            let to = match rcpt.to() {
                ForwardPath::Postmaster => "postmaster",
                ForwardPath::Path(path) => path.mailbox().as_str(),
            };
            let meaning = verb("RCPT").with("address", text(to.as_bytes()));
            rcpt.parameters().iter().fold(meaning, |all, (keyword, value)| parameter(all, keyword, value))
        }
        Command::Data => verb("DATA"),
        Command::Rset => verb("RSET"),
        Command::Quit => verb("QUIT"),
        Command::StartTls => verb("STARTTLS"),
        Command::Noop(text) => argument("NOOP", text.as_ref()),
        Command::Help(text) => argument("HELP", text.as_ref()),
        Command::Vrfy(text) => argument("VRFY", Some(text)),
        Command::Expn(text) => argument("EXPN", Some(text)),
        Command::Auth(auth) => verb("AUTH")
            .with("mechanism", auth.mechanism)
            .with_some("initial", auth.initial.as_ref().map(|secret| text(secret.as_bytes()))),
        Command::Bdat(bdat) => {
            let last = if bdat.chunk == Chunk::Last { " LAST" } else { "" };
            verb("BDAT").with("argument", format!("{}{last}", bdat.length))
        }
        Command::Atrn(atrn) => verb("ATRN").with("argument", text(atrn.as_str().as_bytes())),
        Command::Burl(burl) => {
            let last = if burl.chunk() == Chunk::Last { " LAST" } else { "" };
            verb("BURL").with("argument", format!("{}{last}", text(burl.url().as_bytes())))
        }
        Command::XClient(client) | Command::XForward(client) => {
            let name = if matches!(command, Command::XClient(_)) { "XCLIENT" } else { "XFORWARD" };
            client.iter().fold(verb(name), |all, (keyword, value)| verbatim(all, keyword, Some(value)))
        }
        Command::Etrn(etrn) => verb("ETRN").with("argument", text(etrn.as_str().as_bytes())),
        Command::Other(other) => argument(&other.verb().to_ascii_uppercase(), other.arguments()),
        other => panic!("no verb for {other:?}"),
    }
}

/// A command, its parameters as they stand.
pub(super) fn command(unit: &Bytes) -> Answer {
    Ok(meaning(&parsed(unit)?, verbatim))
}

/// A command, its parameters as smtp-proto understands them.
pub(super) fn command_as_smtp_proto(unit: &Bytes) -> Answer {
    Ok(meaning(&parsed(unit)?, understood))
}

/// The initial response that a peer has left as it stood.
pub(super) fn initial(raw: &str) -> String {
    sasl::decode_initial(raw.as_bytes())
        .map_or_else(|_| format!("not base64: {}", text(raw.as_bytes())), |secret| text(secret.as_bytes()))
}

/// The command as it is written here.
pub(super) fn written_commands(unit: &Bytes) -> Vec<Bytes> {
    let written = parsed(unit).map(|command| {
        let mut wire = Vec::new();
        command.encode(&mut wire);
        wire.into()
    });
    written.into_iter().collect()
}

fn parsed_reply(unit: &Bytes) -> Result<Reply, Refusal> {
    let lines = lines(unit)?;
    let (mut reader, mut deviations) = (ReplyReader::new(4096), Deviations::new());
    for (at, (start, line)) in lines.iter().enumerate() {
        let found =
            reader.push(line.clone(), Leniency::STRICT, &mut deviations).map_err(|error| match error {
                ReplyError::Syntax(error) => {
                    Refusal { rule: error.expected.into(), offset: start + error.offset }
                }
                _ => Refusal { rule: "a shorter reply".into(), offset: *start },
            })?;
        if let Some(reply) = found {
            return match lines.get(at + 1) {
                None => Ok(reply),
                Some((start, _)) => Err(Refusal { rule: "one reply".into(), offset: *start }),
            };
        }
    }
    Err(Refusal { rule: "the last line".into(), offset: unit.len() })
}

/// A reply.
pub(super) fn reply(unit: &Bytes) -> Answer {
    let reply = parsed_reply(unit)?;
    let lines: Vec<String> = reply.lines().map(text).collect();
    Ok(Meaning::default()
        .with("verb", reply.code())
        .with_some("enhanced", reply.enhanced())
        .with("text", lines.join("\\n")))
}

/// A reply of which smtp-codec tells no more than that it is one.
pub(super) fn reply_taken(unit: &Bytes) -> Answer {
    parsed_reply(unit).map(|_| Meaning::default())
}

/// The reply as it is written here.
pub(super) fn written_replies(unit: &Bytes) -> Vec<Bytes> {
    let written = parsed_reply(unit).map(|reply| {
        let mut wire = Vec::new();
        reply.encode(&mut wire);
        wire.into()
    });
    written.into_iter().collect()
}

fn parsed_offer(unit: &Bytes) -> Result<(Reply, Capabilities), Refusal> {
    let reply = parsed_reply(unit)?;
    if reply.code() != smtp_proto::Code::OK {
        return Err(Refusal { rule: "250".into(), offset: 0 });
    }
    let capabilities = Capabilities::parse(&reply, Leniency::STRICT, &mut Deviations::new())
        .map_err(|error| Refusal { rule: error.expected.into(), offset: 0 })?;
    Ok((reply, capabilities))
}

fn host(reply: &Reply) -> String {
    let first = reply.lines().next().unwrap_or_default();
    text(first.split(|octet| *octet == b' ').next().unwrap_or_default())
}

/// The reply to EHLO, with what smtp-proto tells of it.
pub(super) fn offer_as_smtp_proto(unit: &Bytes) -> Answer {
    let (reply, capabilities) = parsed_offer(unit)?;
    // It has no bit for those.
    let known = Extension::ALL
        .iter()
        .filter(|one| capabilities.has(**one) && !matches!(one, Extension::Limits | Extension::Submitter));
    let names: Vec<&str> = known.map(|one| one.keyword()).collect();
    let mechanisms = capabilities.mechanisms().map(|one| one.to_string());
    let mut mechanisms: Vec<String> = mechanisms.filter(|one| MECHANISMS.contains(&one.as_str())).collect();
    mechanisms.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    Ok(Meaning::default()
        .with("host", host(&reply))
        .with("extensions", names.join(" "))
        .with("mechanisms", mechanisms.join(" "))
        .with("size", capabilities.size_limit().unwrap_or_default()))
}

/// The reply to EHLO.
pub(super) fn offer(unit: &Bytes) -> Answer {
    let (reply, capabilities) = parsed_offer(unit)?;
    let known = Extension::ALL.iter().filter(|one| capabilities.has(**one)).map(|one| match one {
        Extension::Auth => capabilities.mechanisms().fold("AUTH".into(), |all, one| format!("{all} {one}")),
        Extension::Size => capabilities.size_limit().map_or("SIZE".into(), |octets| format!("SIZE {octets}")),
        other => match capabilities.parameters(*other) {
            Some(parameters) => format!("{other} {}", text(parameters.as_bytes())),
            None => other.to_string(),
        },
    });
    let others = capabilities.others().map(|line| text(line.as_bytes()));
    Ok(offered(Meaning::default().with("host", host(&reply)), known.chain(others)))
}

/// Lines of an offer: of a keyword that is said twice the first counts, and mechanisms are added up.
pub(super) fn offered(mut meaning: Meaning, lines: impl Iterator<Item = String>) -> Meaning {
    for line in lines {
        let line = line.to_ascii_uppercase();
        let (keyword, parameters) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        let field = format!("line {keyword}");
        let before = meaning.get(&field);
        let value = match (keyword, before) {
            ("AUTH", before) => {
                let mut all: Vec<&str> =
                    before.unwrap_or_default().split(' ').chain(parameters.split(' ')).collect();
                all.sort_unstable();
                all.dedup();
                all.join(" ").trim().into()
            }
            (_, Some(before)) => before.into(),
            ("SIZE", None) if parameters == "0" => String::new(),
            (_, None) => parameters.into(),
        };
        meaning = meaning.with(field, value);
    }
    meaning
}

/// Data: the message, and how many octets are left behind its end.
pub(super) fn data(unit: &Bytes) -> Answer {
    let (mut decoder, mut input, mut message) =
        (DotDecoder::new(Bare::Pass), BytesMut::from(&unit[..]), Vec::new());
    loop {
        match decoder.next(&mut input) {
            Dotted::Payload(piece) => message.extend_from_slice(&piece),
            Dotted::End => break,
            Dotted::Refused(_) => return Err(Refusal { rule: "no bare CR or LF".into(), offset: 0 }),
            Dotted::NeedInput => return Err(Refusal { rule: "the end of data".into(), offset: unit.len() }),
        }
    }
    Ok(Meaning::default().with("message", text(&message)).with("left", input.len()))
}
