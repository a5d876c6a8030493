//! What a server says.
pub(crate) mod body;
mod code;
pub(crate) mod envelope;
mod fetch;
mod line;
mod mailbox_data;
