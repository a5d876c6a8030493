//! Free TCP ports for the server under test.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::failure::{Failure, Outcome};

/// Below the range that the kernel takes source ports from (32768 and up on Linux). In that range, a client that
/// polls the port of a server which is just being restarted can be given this very port and connect to itself.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Finds a port of the loopback interface that nobody listens on, never the same one twice in a row.
pub(crate) fn free() -> Outcome<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % u32::from(COUNT))?;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (start + step) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Failure::new(format!("no free port from {FIRST} to {}", FIRST + COUNT - 1)))
}
