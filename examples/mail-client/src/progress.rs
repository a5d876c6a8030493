//! A bar that grows, on a terminal.
use crate::trace::Trace;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that grows, on a terminal; nothing elsewhere, and nothing between the lines of a conversation.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that is not shown yet.
    pub(crate) fn new(trace: Trace) -> Self {
        let bar = ProgressBar::hidden();
        if trace == Trace::Off {
            // It stays hidden where standard error is no terminal.
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let form = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// So many octets are to come.
    pub(crate) fn begin(&self, octets: u64) {
        if octets > 0 {
            self.bar.reset();
            self.bar.set_length(octets);
        }
    }

    /// So many have.
    pub(crate) fn add(&self, octets: usize) {
        self.bar.inc(octets as u64);
    }

    /// Takes the bar away to tell something.
    pub(crate) fn hidden(&self, tell: impl FnOnce()) {
        self.bar.suspend(tell);
    }

    /// No more comes.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
