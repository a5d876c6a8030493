//! What a session offers or asks for, and what it may cost.
mod server;

pub use server::ServerConfig;
