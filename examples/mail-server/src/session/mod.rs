//! One session each: what the machines ask is answered from the store.
pub mod pop3;
pub mod smtp;
mod trace;

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
    let acceptor = TlsAcceptor::from(shared.tls.clone());
    let tls = timeout(HANDSHAKE, acceptor.accept(socket)).await??;
    Ok(Connection::over_tls(tls, machine))
}
