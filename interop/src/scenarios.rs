//! Every scenario, by the program it runs.

mod client_machine;
mod curl;
mod fetchmail;
mod kill_loop;
mod large_message;
mod mpop;
mod msmtp;
mod python;
mod shutdown;
mod smtp_source;
mod smuggling;
mod strace;
mod swaks;

use crate::failure::Outcome;
use crate::stage::Stage;

/// One thing that must work, shown on one line of the report.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// `program: what it does`.
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Stage) -> Outcome,
}

impl Scenario {
    const fn new(name: &'static str, run: fn(&Stage) -> Outcome) -> Self {
        Self { name, run }
    }
}

/// The scenarios in the order in which they run: the quick ones first.
pub(crate) fn all() -> Vec<Scenario> {
    [
        swaks::ALL,
        curl::ALL,
        python::ALL,
        msmtp::ALL,
        mpop::ALL,
        fetchmail::ALL,
        smuggling::ALL,
        shutdown::ALL,
        strace::ALL,
        client_machine::ALL,
        smtp_source::ALL,
        large_message::ALL,
        kill_loop::ALL,
    ]
    .concat()
}
