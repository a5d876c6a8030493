//! Commands: rows i and i2.
use crate::contest::{Row, Than};
use benches::{Units, smtp as input};
use bytes::{Bytes, BytesMut};
use peer_smtp_proto as peer;
use smtp_proto::{
    Body, Command, Deviations, ForwardPath, Frame, Leniency,
    line::{Framed, LineEnding, LineFramer},
};
use std::{borrow::Cow, hint::black_box, rc::Rc};

/// MAIL and RCPT with parameters.
pub(crate) fn with_parameters() -> Row {
    row("i", "SMTP commands with parameters", &Rc::new(input::commands_with_parameters()))
        .mark("parsed", Than::Borrowed, 1.8)
        .mark("framed, parsed", Than::Borrowed, 1.3)
}

/// Commands without.
pub(crate) fn plain() -> Row {
    row("i2", "plain SMTP commands", &Rc::new(input::commands())).mark("parsed", Than::Borrowed, 2.0).mark(
        "framed, parsed",
        Than::Borrowed,
        1.25,
    )
}

fn row(id: &'static str, work: &'static str, units: &Rc<Units>) -> Row {
    let lines = units.lines();
    for (unit, line) in units.each().iter().zip(&lines) {
        assert_eq!(meaning_of_peer(unit), meaning(line), "smtp-proto");
        let (_, command) = smtp_codec::parse::command::command(unit).unwrap();
        let mut written = Vec::new();
        command.serialize(&mut written).unwrap();
        assert_eq!(written.to_ascii_uppercase(), unit.to_ascii_uppercase(), "smtp-codec");
    }
    let why = "a command holds the read block once, by a counted reference that takes 12 ns to take and let go, more than a \
               third of a plain MAIL; an address held in the command itself was slower, since it is moved with it. \
               smtp-proto borrows, and copies for less. Addresses and values are checked in full, and framing looks for \
               stray CR and NUL, which smtp-proto lets pass. A command of one word, as half of row i2 are, costs both \
               the same: 8 ns, of which most are for handing the value on.";
    let [whole, borrowed, owned, codec] = [(); 4].map(|()| Rc::clone(units));
    let mut input = BytesMut::new();
    Row::new(id, work, units.len(), units.block().len())
        .because(why)
        .ours("parsed", move || {
            for line in &lines {
                black_box(ours(black_box(line)));
            }
        })
        .ours("framed, parsed", move || {
            let mut framer = LineFramer::new(4096, LineEnding::Crlf);
            input.extend_from_slice(black_box(whole.block()));
            while let Framed::Line(line) = framer.find(&mut input) {
                black_box(ours(line));
            }
        })
        .borrowed("smtp-proto", move || {
            for unit in borrowed.each() {
                black_box(peer::Request::parse(&mut black_box(unit).iter()).unwrap());
            }
        })
        .owned("smtp-proto, into_owned", move || {
            for unit in owned.each() {
                black_box(peer::Request::parse(&mut black_box(unit).iter()).unwrap().into_owned());
            }
        })
        .owned("smtp-codec", move || {
            for unit in codec.each() {
                black_box(smtp_codec::parse::command::command(black_box(unit)).unwrap());
            }
        })
}

fn ours(line: impl Frame) -> Command {
    Command::parse(line, Leniency::STRICT, &mut Deviations::new()).unwrap()
}

/// What a command says, in words that both libraries have.
fn meaning(line: &Bytes) -> String {
    match ours(line) {
        Command::Ehlo(name) => format!("EHLO {}", name.as_bytes().escape_ascii()),
        Command::Mail(mail) => {
            let parameters = mail.parameters();
            let address = mail.from().mailbox().map_or("", |mailbox| mailbox.as_str());
            let (size, utf8) = (parameters.size().unwrap_or_default(), parameters.smtputf8());
            format!("MAIL {address} {size} {} {utf8}", parameters.body() == Some(Body::EightBitMime))
        }
        Command::Rcpt(rcpt) => {
            let ForwardPath::Path(path) = rcpt.to() else { panic!("no row says it") };
            let value = |name| {
                rcpt.parameters().iter().find(|(keyword, _)| *keyword == name).and_then(|(_, value)| value)
            };
            let original = value("ORCPT").unwrap_or_default().trim_start_matches("rfc822;");
            format!(
                "RCPT {} {original} {}",
                path.mailbox().as_str(),
                value("NOTIFY") == Some("SUCCESS,FAILURE")
            )
        }
        other => format!("{other:?}").split('(').next().unwrap_or_default().to_uppercase(),
    }
}

fn meaning_of_peer(unit: &Bytes) -> String {
    let request: peer::Request<Cow<'_, str>> = peer::Request::parse(&mut unit.iter()).unwrap();
    match request {
        peer::Request::Ehlo { host } => format!("EHLO {host}"),
        peer::Request::Mail { from } => {
            let (body, utf8) =
                (from.flags & peer::MAIL_BODY_8BITMIME != 0, from.flags & peer::MAIL_SMTPUTF8 != 0);
            format!("MAIL {} {} {body} {utf8}", from.address, from.size)
        }
        peer::Request::Rcpt { to } => {
            let notify = to.flags == peer::RCPT_NOTIFY_SUCCESS | peer::RCPT_NOTIFY_FAILURE;
            format!("RCPT {} {} {notify}", to.address, to.orcpt.unwrap_or_default())
        }
        other => other.name().into(),
    }
}
