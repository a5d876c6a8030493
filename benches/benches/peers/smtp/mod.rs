//! SMTP: rows i to l.
mod command;
mod dots;
mod offer;

use crate::contest::Maker;

/// The rows.
pub(crate) const ROWS: &[Maker] = &[
    Maker { id: "i", make: command::with_parameters },
    Maker { id: "i2", make: command::plain },
    Maker { id: "j", make: offer::offer },
    Maker { id: "k", make: dots::text_in },
    Maker { id: "k64", make: dots::base64_in },
    Maker { id: "k2", make: dots::dotted_in },
    Maker { id: "k3", make: dots::dots_in },
    Maker { id: "l", make: dots::text_out },
    Maker { id: "l64", make: dots::base64_out },
    Maker { id: "l2", make: dots::dots_out },
];
