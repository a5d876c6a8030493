//! One session each: what the machines ask is answered from the store.
mod error;
pub mod imap;
mod login;
pub mod pop3;
pub mod smtp;
mod trace;
mod turns;

pub(crate) use turns::Turns;

use error::SessionError;

use crate::server::{Service, Shared};
use std::{io, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_codec::{Connection, wire::Machine};
use tokio_rustls::TlsAcceptor;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// Puts `machine` on `socket`, by TLS where the service is.
async fn connect<S, M: Machine>(
    service: Service,
    socket: TcpStream,
    shared: &Shared<S>,
    machine: M,
) -> io::Result<Connection<TcpStream, M>> {
    if !service.is_tls() {
        return Ok(Connection::new(socket, machine));
    }
    let handshake = TlsAcceptor::from(shared.tls(service)).accept(socket);
    tokio::select! {
        tls = timeout(HANDSHAKE, handshake) => Ok(Connection::over_tls(tls??, machine)),
        () = shared.stop.cancelled() => Err(io::Error::other("the server stops")),
    }
}
