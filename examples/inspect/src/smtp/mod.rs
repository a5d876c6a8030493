//! SMTP, submission and LMTP.
pub(crate) mod client;
pub(crate) mod server;

use crate::{cli::Mode, unit::Deviation};
use smtp_proto::{Deviations, Leniency};

fn leniency(mode: Mode) -> Leniency {
    match mode {
        Mode::Strict => Leniency::STRICT,
        Mode::Lenient => Leniency::LENIENT,
    }
}

/// What was tolerated in what starts at `base`.
fn told(deviations: &Deviations, base: u64) -> impl Iterator<Item = Deviation> {
    deviations.iter().map(move |it| Deviation::new(&it.kind, base, it.offset))
}
