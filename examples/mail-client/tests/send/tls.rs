//! Whom a message is entrusted to.
use crate::{file, server::Server, text};
use std::{
    net::SocketAddr,
    process::{Command, Output},
};

fn send(address: SocketAddr, tls: &str) -> Output {
    let body = file("tls.txt", "hi\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
    command.args(["send", "--server", &address.to_string(), "--tls", tls, "--from", "a@b.example"]);
    command.args(["--to", "c@b.example", "--hello", "client.example", "--body"]).arg(body).output().unwrap()
}

#[test]
fn a_server_without_tls_receives_nothing_where_tls_is_required() {
    let (address, serving) = Server::default().start();
    let output = send(address, "required");
    assert_eq!(text(&output.stderr), "mail: the server cannot be used: the server does not offer TLS\n");
    assert_eq!(output.status.code(), Some(69));
    let heard = serving.join().unwrap();
    assert!(heard.lines.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"), "{heard:?}");
}

#[test]
fn a_server_without_tls_is_sent_to_where_tls_is_wanted_only_if_offered() {
    let (address, serving) = Server::default().start();
    assert!(send(address, "opportunistic").status.success());
    assert_eq!(serving.join().unwrap().messages.len(), 1);
}

#[test]
fn a_password_is_not_said_in_clear_where_tls_was_not_offered() {
    let (address, serving) = Server { offers: vec!["AUTH PLAIN"], ..Server::default() }.start();
    let body = file("tls-login.txt", "hi\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
    command.args(["send", "--server", &address.to_string(), "--tls", "opportunistic", "--user", "fred"]);
    command.args(["--from", "a@b.example", "--to", "c@b.example", "--body"]).arg(body);
    let output = command.env("MAIL_PASSWORD", "blurdy").output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert!(serving.join().unwrap().lines.iter().all(|line| !line.starts_with("AUTH")));
}
