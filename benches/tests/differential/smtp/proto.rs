//! Reads units of SMTP as smtp-proto does.
use super::read::{MECHANISMS, initial};
use crate::meaning::{Answer, Meaning, Refusal, text};
use bytes::Bytes;
use peer_smtp_proto as peer;
use std::borrow::Cow;

/// An error of the peer's, in words.
fn refused(error: peer::Error) -> Refusal {
    Refusal::of_peer(error)
}

/// All must be taken.
fn whole<T>(rest: &[u8], value: Result<T, peer::Error>) -> Result<T, Refusal> {
    let value = value.map_err(refused)?;
    if rest.is_empty() { Ok(value) } else { Err(Refusal::of_peer("octets left")) }
}

fn mechanisms(bits: u64) -> Vec<&'static str> {
    let known = [
        peer::AUTH_PLAIN,
        peer::AUTH_LOGIN,
        peer::AUTH_CRAM_MD5,
        peer::AUTH_SCRAM_SHA_256,
        peer::AUTH_OAUTHBEARER,
    ];
    let mut names: Vec<&str> =
        MECHANISMS.iter().zip(known).filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}

/// A command.
pub(super) fn command(unit: &Bytes) -> Answer {
    let mut octets = unit.iter();
    let request: Result<peer::Request<Cow<'_, str>>, _> = peer::Request::parse(&mut octets);
    let request = whole(octets.as_slice(), request)?;
    let verb = Meaning::default().with("verb", request.name());
    let argument = |value: &str| (!value.is_empty()).then(|| text(value.as_bytes()));
    Ok(match &request {
        peer::Request::Ehlo { host } | peer::Request::Helo { host } | peer::Request::Lhlo { host } => {
            verb.with("host", text(host.as_bytes()))
        }
        peer::Request::Mail { from } => mail(verb, from),
        peer::Request::Rcpt { to } => rcpt(verb, to),
        peer::Request::Bdat { chunk_size, is_last } => {
            verb.with("argument", format!("{chunk_size}{}", if *is_last { " LAST" } else { "" }))
        }
        peer::Request::Auth { mechanism, initial_response } => {
            let name =
                mechanisms(*mechanism).first().map_or(format!("bits {mechanism}"), ToString::to_string);
            let response = (!initial_response.is_empty()).then(|| initial(initial_response));
            verb.with("mechanism", name).with_some("initial", response)
        }
        peer::Request::Noop { value }
        | peer::Request::Vrfy { value }
        | peer::Request::Expn { value }
        | peer::Request::Help { value } => verb.with_some("argument", argument(value)),
        peer::Request::Etrn { name } => verb.with("argument", text(name.as_bytes())),
        peer::Request::Atrn { domains } => verb.with("argument", text(domains.join(",").as_bytes())),
        peer::Request::Burl { uri, is_last } => {
            verb.with("argument", format!("{}{}", text(uri.as_bytes()), if *is_last { " LAST" } else { "" }))
        }
        _ => verb,
    })
}

fn mail(meaning: Meaning, from: &peer::MailFrom<Cow<'_, str>>) -> Meaning {
    let flag = |bit: u64| from.flags & bit != 0;
    let named = |names: &[(u64, &'static str)]| {
        let said: Vec<&str> = names.iter().filter(|(bit, _)| flag(*bit)).map(|(_, name)| *name).collect();
        (!said.is_empty()).then(|| said.join(" and "))
    };
    let not_zero = |number: u64| (number != 0).then_some(number);
    let xtext = |value: &Option<Cow<'_, str>>| value.as_ref().map(|value| text(value.as_bytes()));
    meaning
        .with("address", text(from.address.as_bytes()))
        .with_some("param SIZE", not_zero(from.size as u64))
        .with_some(
            "param BODY",
            named(&[
                (peer::MAIL_BODY_7BIT, "7BIT"),
                (peer::MAIL_BODY_8BITMIME, "8BITMIME"),
                (peer::MAIL_BODY_BINARYMIME, "BINARYMIME"),
            ]),
        )
        .with_some("param SMTPUTF8", flag(peer::MAIL_SMTPUTF8).then_some(""))
        .with_some("param REQUIRETLS", flag(peer::MAIL_REQUIRETLS).then_some(""))
        .with_some("param CONPERM", flag(peer::MAIL_CONPERM).then_some(""))
        .with_some("param RET", named(&[(peer::MAIL_RET_FULL, "FULL"), (peer::MAIL_RET_HDRS, "HDRS")]))
        .with_some("param ENVID", xtext(&from.env_id))
        .with_some("param AUTH", xtext(&from.auth))
        .with_some("param SOLICIT", xtext(&from.solicit))
        .with_some(
            "param TRANSID",
            from.trans_id.as_ref().map(|value| format!("<{}>", text(value.as_bytes()))),
        )
        .with_some(
            "param MTRK",
            from.mtrk.as_ref().map(|mtrk| format!("{}:{}", mtrk.certifier, mtrk.timeout)),
        )
        .with_some(
            "param BY",
            named(&[
                (peer::MAIL_BY_NOTIFY, "NOTIFY"),
                (peer::MAIL_BY_RETURN, "RETURN"),
                (peer::MAIL_BY_TRACE, "TRACE"),
            ])
            .map(|said| format!("{} {said}", from.by)),
        )
        .with_some("param HOLDUNTIL", not_zero(from.hold_until))
        .with_some("param HOLDFOR", not_zero(from.hold_for))
        .with_some("param MT-PRIORITY", (from.mt_priority != 0).then_some(from.mt_priority))
}

fn rcpt(meaning: Meaning, to: &peer::RcptTo<Cow<'_, str>>) -> Meaning {
    let notify = [
        (peer::RCPT_NOTIFY_DELAY, "DELAY"),
        (peer::RCPT_NOTIFY_FAILURE, "FAILURE"),
        (peer::RCPT_NOTIFY_NEVER, "NEVER"),
        (peer::RCPT_NOTIFY_SUCCESS, "SUCCESS"),
    ];
    let notify: Vec<&str> =
        notify.iter().filter(|(bit, _)| to.flags & bit != 0).map(|(_, name)| *name).collect();
    // Nothing is what it makes of Postmaster.
    let address = if to.address.is_empty() { "postmaster".into() } else { text(to.address.as_bytes()) };
    meaning
        .with("address", address)
        .with_some("param NOTIFY", (!notify.is_empty()).then(|| notify.join(",")))
        .with_some("param ORCPT", to.orcpt.as_ref().map(|value| format!("rfc822;{}", text(value.as_bytes()))))
        .with_some(
            "param RRVS",
            (to.flags & (peer::RCPT_RRVS_REJECT | peer::RCPT_RRVS_CONTINUE) != 0)
                .then(|| format!("{} {}", to.rrvs, to.flags & peer::RCPT_RRVS_CONTINUE != 0)),
        )
        .with_some("param CONNEG", (to.flags & peer::RCPT_CONNEG != 0).then_some(""))
}

/// A reply.
pub(super) fn reply(unit: &Bytes) -> Answer {
    let mut octets = unit.iter();
    let reply = peer::response::parser::ResponseReceiver::default().parse(&mut octets);
    let peer::Response { code, esc: [class, subject, detail], message } = whole(octets.as_slice(), reply)?;
    let enhanced = (class != 0).then(|| format!("{class}.{subject}.{detail}"));
    let lines: Vec<String> =
        message.split('\n').map(|line| text(line.trim_end_matches('\r').as_bytes())).collect();
    Ok(Meaning::default().with("verb", code).with_some("enhanced", enhanced).with("text", lines.join("\\n")))
}

/// The reply to EHLO.
pub(super) fn offer(unit: &Bytes) -> Answer {
    let mut octets = unit.iter();
    let offer = peer::EhloResponse::parse(&mut octets);
    let offer = whole(octets.as_slice(), offer)?;
    let bits = [
        (peer::EXT_8BIT_MIME, "8BITMIME"),
        (peer::EXT_ATRN, "ATRN"),
        (peer::EXT_AUTH, "AUTH"),
        (peer::EXT_BINARY_MIME, "BINARYMIME"),
        (peer::EXT_BURL, "BURL"),
        (peer::EXT_CHECKPOINT, "CHECKPOINT"),
        (peer::EXT_CHUNKING, "CHUNKING"),
        (peer::EXT_CONNEG, "CONNEG"),
        (peer::EXT_CONPERM, "CONPERM"),
        (peer::EXT_DELIVER_BY, "DELIVERBY"),
        (peer::EXT_DSN, "DSN"),
        (peer::EXT_ENHANCED_STATUS_CODES, "ENHANCEDSTATUSCODES"),
        (peer::EXT_ETRN, "ETRN"),
        (peer::EXT_EXPN, "EXPN"),
        (peer::EXT_FUTURE_RELEASE, "FUTURERELEASE"),
        (peer::EXT_HELP, "HELP"),
        (peer::EXT_MT_PRIORITY, "MT-PRIORITY"),
        (peer::EXT_MTRK, "MTRK"),
        (peer::EXT_NO_SOLICITING, "NO-SOLICITING"),
        (peer::EXT_PIPELINING, "PIPELINING"),
        (peer::EXT_REQUIRE_TLS, "REQUIRETLS"),
        (peer::EXT_RRVS, "RRVS"),
        (peer::EXT_SIZE, "SIZE"),
        (peer::EXT_SMTP_UTF8, "SMTPUTF8"),
        (peer::EXT_START_TLS, "STARTTLS"),
        (peer::EXT_VRFY, "VRFY"),
    ];
    let names: Vec<&str> =
        bits.iter().filter(|(bit, _)| offer.capabilities & bit != 0).map(|(_, name)| *name).collect();
    Ok(Meaning::default()
        .with("host", text(offer.hostname.as_bytes()))
        .with("extensions", names.join(" "))
        .with("mechanisms", mechanisms(offer.auth_mechanisms).join(" "))
        .with("size", offer.size))
}

/// Data.
pub(super) fn data(unit: &Bytes) -> Answer {
    let (mut octets, mut message) = (unit.iter(), Vec::new());
    if !peer::request::receiver::DataReceiver::new().ingest(&mut octets, &mut message) {
        return Err(Refusal::of_peer("the end of data"));
    }
    Ok(Meaning::default().with("message", text(&message)).with("left", octets.len()))
}
