//! POP3.
pub(crate) mod client;
pub(crate) mod server;

use crate::{cli::Mode, unit::Deviation};
use pop3_proto::Leniency;

fn leniency(mode: Mode) -> Leniency {
    match mode {
        Mode::Strict => Leniency::STRICT,
        Mode::Lenient => Leniency::LENIENT,
    }
}

/// What was tolerated in a line that starts at `base`.
fn told(deviation: Option<pop3_proto::Deviation>, base: u64) -> Option<Deviation> {
    deviation.map(|it| Deviation::new(&it.kind, base, it.offset))
}
