//! The conversation with a POP3 server.
use super::Trace;
use pop3_proto::{Command, client::Event};

impl Trace {
    /// Tells a command.
    pub(crate) fn pop3_command(self, command: &Command) {
        self.tell("C:", |out| match command {
            Command::Pass(_) => out.extend_from_slice(b"PASS ***"),
            Command::Auth { mechanism, initial } => {
                let secret = if initial.is_some() { " ***" } else { "" };
                out.extend_from_slice(format!("AUTH {}{secret}", mechanism.as_str()).as_bytes());
            }
            command => command.encode(out),
        });
    }

    /// Tells an event, unless it is octets of a message.
    pub(crate) fn pop3_event(self, event: &Event) {
        let line = match event {
            Event::Greeting(reply)
            | Event::Reply { reply, .. }
            | Event::Begin { reply, .. }
            | Event::Unsolicited(reply) => return self.tell("S:", |out| reply.encode(out)),
            Event::DropListing { listing, .. } => format!("+OK {} {}", listing.messages, listing.octets),
            Event::ScanListing { listing, .. } => format!("{} {}", listing.message, listing.octets),
            Event::UniqueIdListing { listing, .. } => format!("{} {}", listing.message, listing.id),
            // It may hold what is secret.
            Event::Challenge { .. } => "+ ***".to_owned(),
            Event::End(_) => ".".to_owned(),
            Event::Payload(_) => return,
            other => return self.note(format_args!("{other:?}")),
        };
        self.tell("S:", |out| out.extend_from_slice(line.as_bytes()));
    }
}
