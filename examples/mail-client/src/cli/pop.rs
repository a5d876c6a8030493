//! What `mail pop` is told.
use clap::Args;
use std::{num::NonZeroU32, path::PathBuf};

/// What to fetch, and where to.
#[derive(Debug, Args)]
pub(crate) struct Pop {
    /// Into this Maildir, which is made where there is none
    #[arg(long, value_name = "DIR", required_unless_present = "mbox", conflicts_with = "mbox")]
    pub(crate) maildir: Option<PathBuf>,
    /// Behind what this mbox holds
    #[arg(long, value_name = "FILE")]
    pub(crate) mbox: Option<PathBuf>,
    /// Leave the messages on the server, which is what is done unless told
    #[arg(long, conflicts_with = "delete")]
    pub(crate) keep: bool,
    /// Delete from the server what is safely on disk, also what an earlier run has fetched
    #[arg(long)]
    pub(crate) delete: bool,
    /// End lines by LF and not as the server does; an mbox always does
    #[arg(long, conflicts_with = "mbox")]
    pub(crate) lf: bool,
    /// Most messages that become durable together
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) batch: NonZeroU32,
}
