//! What a client is told, as text.
use pop3_proto::{Mechanism, client::Event};

/// What an event says, whatever its ticket.
pub(crate) fn told(event: &Event) -> String {
    match event {
        Event::Greeting(reply) => format!("greeting {:?}", reply.status),
        Event::Reply { reply, .. } => format!("{:?} {}", reply.status, reply.text.words().to_str_lossy()),
        Event::Begin { .. } => "begin".into(),
        Event::DropListing { listing, .. } => format!("stat {} {}", listing.messages, listing.octets),
        Event::ScanListing { listing, .. } => format!("list {} {}", listing.message, listing.octets),
        Event::UniqueIdListing { listing, .. } => format!("uidl {} {}", listing.message, listing.id),
        Event::Language { language, .. } => {
            let words = language.words().map(|words| words.to_str_lossy().into_owned());
            format!("language {} {}", language.tag(), words.unwrap_or_default())
        }
        Event::Mechanisms { mechanisms, .. } => {
            format!("mechanisms {:?}", mechanisms.iter().map(Mechanism::as_str).collect::<Vec<_>>())
        }
        Event::End(_) => "end".into(),
        Event::Challenge { challenge, .. } => {
            format!("challenge {}", challenge.as_bytes().escape_ascii())
        }
        Event::Unsolicited(reply) => format!("unsolicited {}", reply.text.words().to_str_lossy()),
        Event::Upgrade { .. } => "upgrade".into(),
        Event::NeverSent(_) => "never sent".into(),
        Event::Unanswered(_) => "unanswered".into(),
        Event::Payload(piece) => format!("payload {}", piece.escape_ascii()),
        other => format!("{other:?}"),
    }
}
