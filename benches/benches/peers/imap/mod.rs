//! IMAP: rows a to h.
mod command;
mod literal;
mod meaning;
mod response;

use crate::contest::Maker;

/// The rows.
pub(crate) const ROWS: &[Maker] = &[
    Maker { id: "a", make: response::flags },
    Maker { id: "b", make: response::envelopes },
    Maker { id: "c", make: response::structures },
    Maker { id: "d", make: literal::large },
    Maker { id: "d5", make: literal::many },
    Maker { id: "e", make: response::mailboxes },
    Maker { id: "f", make: response::search },
    Maker { id: "g", make: response::statuses },
    Maker { id: "g2", make: response::exists },
    Maker { id: "h", make: command::mix },
    Maker { id: "h2", make: command::append },
];
