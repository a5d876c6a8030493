//! Sockets and TLS of client sessions.
use crate::{Connection, Error, connection::GRACE};
use mail_wire::Machine;
use std::sync::Arc;
use tokio::{
    net::{TcpStream, ToSocketAddrs},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

/// A machine on a connection in clear.
pub(crate) async fn clear<M: Machine>(
    address: impl ToSocketAddrs,
    machine: M,
) -> Result<Connection<TcpStream, M>, Error<M::Error>> {
    Ok(Connection::new(socket(address).await?, machine))
}

/// A machine on a connection that is TLS from its start, with the server of this name.
pub(crate) async fn tls<M: Machine>(
    address: impl ToSocketAddrs,
    machine: M,
    tls: Arc<ClientConfig>,
    server: ServerName<'static>,
) -> Result<Connection<TcpStream, M>, Error<M::Error>> {
    let handshake = TlsConnector::from(tls).connect(server, socket(address).await?);
    let tls = timeout(GRACE, handshake).await.map_err(|_| Error::TimedOut)??;
    Ok(Connection::over_tls(tls, machine))
}

async fn socket(address: impl ToSocketAddrs) -> std::io::Result<TcpStream> {
    let socket = TcpStream::connect(address).await?;
    // What is said is written at once, whole groups of commands together: there is nothing to wait for.
    socket.set_nodelay(true)?;
    Ok(socket)
}
