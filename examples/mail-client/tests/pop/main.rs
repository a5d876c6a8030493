//! `mail pop` as it is run, against a server that behaves as it is told.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod broken;
mod cut;
mod fetch;
mod folders;
mod hostile;
mod quirks;
mod server;

use server::{Message, Server};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

/// `mail pop`, in clear, as `fred`.
fn mail(server: &Server) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
    command.args(["pop", "--server", &server.address.to_string(), "--user", "fred"]);
    command.args(["--tls", "off", "--allow-cleartext"]).env("MAIL_PASSWORD", "blurdy").stdin(Stdio::null());
    command
}

/// A new folder of this test.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pop-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// Messages of these bodies.
fn messages(bodies: &[&str]) -> Vec<Message> {
    let message = |(number, body): (usize, &&str)| Message {
        unique_id: format!("id/{number}:\"%"),
        octets: format!("Subject: {number}\r\n\r\n{body}").into_bytes(),
    };
    bodies.iter().enumerate().map(message).collect()
}

/// The octets of messages, in their order.
fn octets(messages: &[Message]) -> Vec<Vec<u8>> {
    let mut octets: Vec<Vec<u8>> = messages.iter().map(|message| message.octets.clone()).collect();
    octets.sort();
    octets
}

/// What the program said, and how it ended.
fn told(output: &Output) -> (String, String, Option<i32>) {
    (text(&output.stdout), text(&output.stderr), output.status.code())
}
