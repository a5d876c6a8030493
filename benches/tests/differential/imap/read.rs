//! Reads units of IMAP here.
use crate::meaning::{Answer, Meaning, Refusal, text};
use bytes::{Bytes, BytesMut};
use imap_proto::{
    Command, Deviations, Dialect, ParseError, Tag,
    frame::{Breach, Framed, Framer, NonSynchronising, Rules},
    response::{FetchItem, Response, Status, Untagged},
};
use std::fmt::Debug;

/// The unit, if it is one and no more.
fn framed(unit: &Bytes, mut rules: Rules) -> Result<(), Refusal> {
    let refused = |rule: &str, offset| Err(Refusal { rule: rule.into(), offset });
    rules.non_synchronising = NonSynchronising::Plus;
    rules.limits.inline = 1 << 20;
    let (mut framer, mut input) = (Framer::new(rules), BytesMut::from(&unit[..]));
    loop {
        match framer.next(&mut input) {
            Ok(Framed::End(end)) if end == unit.len() => return Ok(()),
            Ok(Framed::End(end)) => return refused("one unit", end),
            Ok(Framed::Waits(_)) => {}
            Ok(Framed::Broken(_, Breach::BareLf { offset })) => return refused("no bare LF", offset),
            Ok(Framed::Broken(_, Breach::BareCr { offset })) => return refused("no bare CR", offset),
            Ok(Framed::Broken(_, Breach::Nul { offset })) => return refused("no NUL", offset),
            Ok(Framed::Broken(at, _)) => return refused("a smaller unit", at),
            Ok(Framed::Need(_)) => return refused("the end of the unit", unit.len()),
            _ => return refused("a smaller literal", 0),
        }
    }
}

fn refusal(error: ParseError) -> Refusal {
    Refusal { rule: error.expected.into(), offset: error.offset }
}

/// A command.
pub(super) fn command(unit: &Bytes) -> Answer {
    let (tag, command) = parsed_command(unit)?;
    Ok(meaning_of_command(&tag, &command))
}

/// A command, as a value.
pub(super) fn parsed_command(unit: &Bytes) -> Result<(Tag, Command), Refusal> {
    framed(unit, Rules::server())?;
    let line = unit.slice(..unit.len() - 2);
    Command::parse(&line, &Dialect::default(), &mut Deviations::new()).map_err(|error| refusal(error.error))
}

/// Values of this workspace's own are told by their `Debug`, which goes by resolved octets.
fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}

fn meaning_of_command(tag: &Tag, command: &Command) -> Meaning {
    let told = debug(command);
    let verb = told.split(['(', ' ']).next().unwrap_or_default();
    let meaning = Meaning::default().with("tag", debug(tag)).with("verb", verb.to_uppercase());
    match command {
        Command::Login(login) => {
            meaning.with("username", debug(&login.username)).with("password", text(login.password.as_bytes()))
        }
        Command::Authenticate(authenticate) => meaning
            .with("mechanism", authenticate.mechanism)
            .with_some("initial", authenticate.initial.as_ref().map(|secret| text(secret.as_bytes()))),
        Command::Fetch(fetch) => {
            let mut items: Vec<String> = fetch.items.iter().map(|item| debug(&item)).collect();
            items.sort_by_key(|item| item.to_ascii_lowercase());
            meaning
                .with("numbering", debug(&fetch.numbering))
                .with("set", debug(&fetch.set))
                .with("items", items.join(" "))
        }
        _ => meaning.with("arguments", told),
    }
}

/// A response.
pub(super) fn response(unit: &Bytes) -> Answer {
    Ok(meaning(&parsed_response(unit)?))
}

/// A response, as a value.
pub(super) fn parsed_response(unit: &Bytes) -> Result<Response, Refusal> {
    framed(unit, Rules::client())?;
    Response::parse(unit, &Dialect::default(), &mut Deviations::new()).map_err(refusal)
}

/// What a response means.
fn meaning(response: &Response) -> Meaning {
    let verb = |verb: &str| Meaning::default().with("verb", verb);
    match response {
        Response::Tagged(tagged) => status(verb("tagged").with("tag", debug(&tagged.tag)), &tagged.status),
        Response::Untagged(Untagged::Status(one)) => status(verb("status"), one),
        Response::Untagged(Untagged::Fetch(fetch)) => {
            let mut meaning = verb("FETCH").with("number", fetch.number);
            for item in &fetch.items {
                let (name, value) = item_of(item);
                let again = (1..).map(|time| format!("{name} {time}"));
                let name = again.into_iter().find(|name| meaning.get(name).is_none()).unwrap_or_default();
                meaning = meaning.with(name, value);
            }
            meaning
        }
        Response::Untagged(other) => {
            let told = debug(other);
            let name = told.split(['(', ' ']).next().unwrap_or_default();
            verb(&name.to_uppercase()).with("data", &told)
        }
        Response::Continuation(one) => {
            verb("+").with_some("code", one.code().map(debug)).with("text", text(one.text().as_bytes()))
        }
        other => panic!("no verb for {other:?}"),
    }
}

fn status(meaning: Meaning, status: &Status) -> Meaning {
    meaning
        .with("kind", status.kind().as_str())
        .with_some("code", status.code().map(debug))
        .with("text", text(status.text().as_bytes()))
}

fn item_of(item: &FetchItem) -> (&'static str, String) {
    let name = match item {
        FetchItem::Uid(_) => "UID",
        FetchItem::Flags(_) => "FLAGS",
        FetchItem::ModSeq(_) => "MODSEQ",
        FetchItem::InternalDate(_) => "INTERNALDATE",
        FetchItem::Size(_) => "RFC822.SIZE",
        FetchItem::Envelope(_) => "ENVELOPE",
        FetchItem::Body(_) => "BODY",
        FetchItem::BodyStructure(_) => "BODYSTRUCTURE",
        FetchItem::Content(_) => "content",
        FetchItem::BinarySize(_) => "BINARY.SIZE",
        FetchItem::Other(_) => "other",
        _ => "invalid",
    };
    (name, debug(item))
}
