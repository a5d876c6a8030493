//! A mail server that keeps what it accepts: SMTP in, POP3 out, one durable store between them.
//!
//! - [`store`]: accounts, folders and messages on disk; what [`store::Store::deliver`] has answered
//!   survives a power cut;
//! - [`accounts`]: passwords, and what is kept in place of them;
//! - [`auth`]: who a client is, by SASL or by name and password.

pub mod accounts;
pub mod auth;
pub mod store;
