//! A mail server that keeps what it accepts: SMTP in, IMAP and POP3 out, one durable store between them.
//!
//! - [`store`]: accounts, folders and messages on disk; what [`store::Store::deliver`] has answered
//!   survives a power cut;
//! - [`accounts`]: passwords, and what is kept in place of them;
//! - [`auth`]: who a client is, by SASL or by name and password;
//! - [`tokens`]: whose a token is;
//! - [`message`]: what IMAP wants to know of a message, computed from its octets;
//! - [`session`]: a connection each: what the protocol machines ask is answered from the store;
//! - [`server`]: listens, counts, stops;
//! - [`limits`]: how much one client may ask for;
//! - [`cli`], [`config`], [`commands`], [`tls`], [`demo`]: what one is told and how one starts;
//! - [`causes`]: errors as people want to read them.

pub mod accounts;
pub mod auth;
pub mod causes;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod limits;
pub mod message;
pub mod server;
pub mod session;
pub mod store;
pub mod tls;
pub mod tokens;

/// The examples of the workspace's README are tests of this package, which depends on all that they show.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[derive(Debug)]
pub struct Readme;
