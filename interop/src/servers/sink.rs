//! Postfix' `smtp-sink`: a server that takes every message, or misbehaves as it is told.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use crate::failure::{Outcome, ensure};
use crate::ports;
use crate::process::{Background, find};
use crate::stage::Stage;

/// A running `smtp-sink`; it ends when this is dropped.
pub(crate) struct Sink {
    address: SocketAddr,
    _process: Background,
}

impl Sink {
    /// It must be started by root, and becomes nobody. What it hears is written to `sink.log`, of the last one alone.
    pub(crate) fn start(stage: &Stage, options: &str) -> Outcome<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
        let log = File::create(stage.path("sink.log"))?;
        let mut command = Command::new(find("smtp-sink")?);
        command.args(["-v", "-u", "nobody"]).args(options.split_whitespace());
        command.arg(address.to_string()).arg("16");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let sink = Self { address, _process: Background::start(&mut command)? };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "smtp-sink {options} does not listen on {address}");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(sink)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}
