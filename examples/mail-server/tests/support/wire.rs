//! A client that says lines and reads lines.

use super::PATIENCE;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_codec::rustls::{ClientConfig, pki_types::ServerName};
use tokio_rustls::TlsConnector;

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection, in clear or by TLS.
pub(crate) struct Wire(BufReader<Box<dyn Io>>);

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(Box::new(TcpStream::connect(address).await.unwrap())))
    }

    /// Connects from an address of the client's choice.
    pub(crate) async fn connect_from(source: SocketAddr, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(source).unwrap();
        Self(BufReader::new(Box::new(socket.connect(address).await.unwrap())))
    }

    pub(crate) async fn into_tls(self, trust: Arc<ClientConfig>) -> Self {
        assert!(self.0.buffer().is_empty());
        let name = ServerName::try_from("localhost").unwrap();
        let tls = TlsConnector::from(trust).connect(name, self.0.into_inner()).await.unwrap();
        Self(BufReader::new(Box::new(tls)))
    }

    pub(crate) async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.0.write_all(octets.as_ref()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The next line, without its CRLF; empty at the end of the connection.
    pub(crate) async fn line(&mut self) -> String {
        String::from_utf8(self.octets().await).unwrap()
    }

    async fn octets(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        timeout(PATIENCE, self.0.read_until(b'\n', &mut line)).await.expect("no line came").unwrap();
        if !line.is_empty() {
            assert!(line.ends_with(b"\r\n"), "{}", line.escape_ascii());
            line.truncate(line.len() - 2);
        }
        line
    }

    /// Reads an SMTP reply: all its lines.
    pub(crate) async fn reply(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            lines.push(self.line().await);
            let last = lines.last().unwrap();
            if last.as_bytes().get(3) != Some(&b'-') {
                return lines.join("\n");
            }
        }
    }

    /// Says a line and reads the one reply, which must start with `expected`.
    pub(crate) async fn says(&mut self, line: &str, expected: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        let reply = self.reply().await;
        assert!(reply.starts_with(expected), "{line} was answered {reply}");
        reply
    }

    /// Says a line of POP3 and reads the lines of its reply, without the first.
    pub(crate) async fn lists(&mut self, line: &str) -> Vec<String> {
        self.says(line, "+OK").await;
        let mut lines = Vec::new();
        loop {
            match self.line().await {
                dot if dot == "." => return lines,
                line => lines.push(line),
            }
        }
    }

    /// Retrieves a message, with its dots unstuffed.
    pub(crate) async fn retrieve(&mut self, number: u32) -> Vec<u8> {
        self.says(&format!("RETR {number}"), "+OK").await;
        let mut message = Vec::new();
        loop {
            let line = self.octets().await;
            if line == b"." {
                return message;
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            message.extend_from_slice(b"\r\n");
        }
    }

    /// An SMTP transaction up to where the message would come.
    pub(crate) async fn begin(&mut self, recipient: &str) {
        self.says("MAIL FROM:<bob@example.net>", "250").await;
        self.says(&format!("RCPT TO:<{recipient}>"), "250").await;
        self.says("DATA", "354").await;
    }

    /// Reads so many octets.
    pub(crate) async fn exactly(&mut self, octets: usize) -> Vec<u8> {
        let mut all = vec![0; octets];
        timeout(PATIENCE, self.0.read_exact(&mut all)).await.expect("not enough came").unwrap();
        all
    }

    /// Reads what is left; fails when the server does not end the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset ends it, too.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the connection stays open");
        rest
    }
}
