//! A plain connection that sends octets and reads lines, without any idea of a protocol.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a peer may be silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a server.
pub(crate) struct Wire {
    reader: BufReader<TcpStream>,
}

impl Wire {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    pub(crate) fn send(&mut self, octets: impl AsRef<[u8]>) -> io::Result<()> {
        self.reader.get_mut().write_all(octets.as_ref())
    }

    /// Reads a line and returns it without its CRLF. The end of the connection is an error.
    pub(crate) fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\r\n") {
            Some(content) => Ok(content.to_vec()),
            None if line.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            None => Err(io::Error::new(
                ErrorKind::InvalidData,
                format!("a line without CRLF: {:?}", String::from_utf8_lossy(&line)),
            )),
        }
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.reader.get_ref().shutdown(Shutdown::Write)
    }

    /// Reads all that comes until the peer closes. A reset is an end too: a server that refuses what it was
    /// sent need not read it.
    pub(crate) fn rest(&mut self) -> io::Result<String> {
        let mut octets = Vec::new();
        match self.reader.read_to_end(&mut octets) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => Err(error),
            _ => Ok(String::from_utf8_lossy(&octets).into_owned()),
        }
    }
}
