//! `mail send` as it is run: to servers that follow a script, and to `mail-server`.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod message;
mod outcomes;
mod server;
mod tls;

use server::Heard;
use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

/// `mail send`, in clear and without a login.
fn mail(address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
    command.args(["send", "--server", &address.to_string(), "--tls", "never", "--hello", "client.example"]);
    command.stdin(Stdio::null());
    command
}

/// Sends by a server that takes everything, and tells what that has heard.
fn sent(offers: &[&'static str], arguments: &[&str]) -> (Output, Heard) {
    let server = server::Server { offers: offers.to_vec(), ..server::Server::default() };
    let (address, serving) = server.start();
    let output = mail(address).args(arguments).output().unwrap();
    (output, serving.join().unwrap())
}

/// A file of this test.
fn file(name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("send");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, octets).unwrap();
    path
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}
