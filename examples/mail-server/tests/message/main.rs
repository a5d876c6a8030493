//! What IMAP is told of messages, well made and not.
mod common;
mod envelope;
mod hostile;
mod random;
mod search;
mod sections;
mod structure;
