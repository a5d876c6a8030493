//! Whom a message is entrusted to.
use crate::{file, server::Server, text};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use std::{
    net::SocketAddr,
    process::{Command, Output},
    sync::Arc,
    thread,
};
use tokio_rustls::TlsAcceptor;

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

/// A certificate for this name and this period, signed by itself.
fn certificate(name: &str, years: (i32, i32)) -> rcgen::CertifiedKey<rcgen::KeyPair> {
    let mut params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    let signing_key = rcgen::KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    rcgen::CertifiedKey { cert, signing_key }
}

/// Takes one connection by TLS, and passes it on.
fn in_front_of(address: SocketAddr, identity: &rcgen::CertifiedKey<rcgen::KeyPair>) -> SocketAddr {
    let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
    let chain = vec![identity.cert.der().clone()];
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = listener.local_addr().unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let socket = listener.accept().await.unwrap().0;
            // Who does not trust us goes away.
            if let Ok(mut tls) = TlsAcceptor::from(Arc::new(config)).accept(socket).await {
                let mut behind = tokio::net::TcpStream::connect(address).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut tls, &mut behind).await;
            }
        });
    });
    ours
}

#[test]
fn a_message_is_entrusted_to_nobody_whose_certificate_is_not_good() {
    let (now, past) = ((2020, 2090), (2020, 2021));
    for (name, period, is_trusted, refused) in [
        ("localhost", now, true, None),
        ("localhost", now, false, Some("UnknownIssuer")),
        ("localhost", past, true, Some("certificate expired")),
        ("other.example", now, true, Some("certificate not valid for name \"localhost\"")),
    ] {
        let identity = certificate(name, period);
        let trusted =
            if is_trusted { identity.cert.pem() } else { certificate("known.example", period).cert.pem() };
        let ca = file(&format!("ca-{name}-{is_trusted}-{}.pem", period.1), trusted);
        let (address, serving) = Server::default().start();
        let port = in_front_of(address, &identity).port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
        command.args(["send", "--server", &format!("localhost:{port}"), "--ca", ca.to_str().unwrap()]);
        command
            .args(["--from", "a@b.example", "--to", "c@b.example", "--body"])
            .arg(file("trust.txt", "hi\n"));
        let output = command.output().unwrap();
        let told = text(&output.stderr);
        match refused {
            None => {
                assert!(output.status.success(), "{told}");
                assert_eq!(serving.join().unwrap().messages.len(), 1);
            }
            Some(why) => {
                let begin = "mail: no secure connection to localhost: invalid peer certificate: ";
                assert!(told.starts_with(begin) && told.contains(why), "{told}");
                assert_eq!(output.status.code(), Some(69), "{told}");
            }
        }
    }
}
