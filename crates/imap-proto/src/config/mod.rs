//! What a session offers or asks for, and what it may cost.
mod client;
mod server;

pub use client::{Bodies, ClientConfig, Timeouts};
pub use server::ServerConfig;
