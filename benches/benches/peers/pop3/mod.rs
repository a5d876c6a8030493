//! POP3: rows m to o.
mod command;
mod listing;
mod message;

use crate::contest::Maker;

/// The rows.
pub(crate) const ROWS: &[Maker] = &[
    Maker { id: "m", make: command::session },
    Maker { id: "n", make: listing::scan },
    Maker { id: "n2", make: listing::unique_ids },
    Maker { id: "o", make: message::whole },
    Maker { id: "o16", make: message::blocks },
    Maker { id: "o2", make: message::packets },
];
