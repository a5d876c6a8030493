//! What a program does with POP3, against the server's machine.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::Bytes;
use common::{credentials, in_clear, listen, tls};
use pop3_proto::{
    CleartextLogin, ClientConfig, Command, DropListing, Mechanism, Mechanisms, MessageNumber, Offer,
    Security, ServerConfig, TlsPolicy,
    client::{self, SendRefusal},
    server::{AuthAnswer, Event, Rejection, Server},
};
use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{join, net::TcpListener, time::timeout};
use tokio_codec::{
    Connection, LoginError,
    pop3::{self, Error, Session},
    rustls,
    sasl::Policy,
};
use tokio_rustls::TlsAcceptor;

const MESSAGE: &[u8] = b"Subject: hi\r\n\r\n.\r\n..x\r\n";

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Stls,
    Tls,
}

/// Serves one session of a maildrop with one message. What was removed, and by which way somebody logged in.
async fn serve(
    listener: TcpListener,
    config: ServerConfig,
    tls: Option<(Door, Arc<rustls::ServerConfig>)>,
) -> Vec<String> {
    let io = listener.accept().await.unwrap().0;
    let mut connection = match &tls {
        Some((Door::Tls, tls)) => {
            let io = TlsAcceptor::from(Arc::clone(tls)).accept(io).await.unwrap();
            Connection::over_tls(io, Server::new(config))
        }
        _ => Connection::new(io, Server::new(config)),
    };
    let mut log = Vec::new();
    let octets = MESSAGE.len() as u64;
    let all = DropListing { messages: 1, octets };
    while let Ok(Some(event)) = connection.next().await {
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
            Event::Login(ask) if ask.password.as_bytes() == b"tan staaf" => {
                log.push("user".into());
                machine.accept(ask, all).unwrap();
            }
            Event::Login(ask) => machine.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
            Event::Auth(ask) => {
                let initial = ask.initial.as_ref().unwrap().as_bytes().to_vec();
                if initial == b"\0mrose\0tan staaf" {
                    log.push("plain".into());
                    machine.accept(ask, AuthAnswer::Success(all)).unwrap();
                } else {
                    machine.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                }
            }
            Event::StartTls(ask) => {
                let upgrade = machine.accept(ask, ()).unwrap();
                let (_, tls) = tls.clone().unwrap();
                connection.accept_tls(upgrade, tls).await.unwrap();
                log.push("tls".into());
            }
            Event::Retr(ask) => {
                let mut upload = machine.accept(ask, octets).unwrap();
                machine.write(&mut upload, Bytes::from_static(MESSAGE)).unwrap();
                machine.finish(upload).unwrap();
            }
            Event::Dele(ask) => machine.accept(ask, octets).unwrap(),
            Event::Quit(ask) => {
                log.push(format!("remove {:?}", ask.deleted.iter().collect::<Vec<_>>()));
                machine.accept(ask, ()).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    log
}

/// What the server wrote down of a session with `client`.
async fn with_server<F: Future<Output = ()>>(
    config: ServerConfig,
    tls: Option<(Door, Arc<rustls::ServerConfig>)>,
    client: impl FnOnce(SocketAddr) -> F,
) -> Vec<String> {
    let (listener, address) = listen().await;
    timeout(Duration::from_secs(20), async { join!(serve(listener, config, tls), client(address)) })
        .await
        .unwrap()
        .0
}

/// Takes the one message.
async fn retr(session: &mut Session) -> Vec<u8> {
    session.machine().send(Command::Retr(MessageNumber::new(1).unwrap())).unwrap();
    let mut message = Vec::new();
    loop {
        match session.next().await.unwrap().unwrap() {
            client::Event::Payload(piece) => message.extend_from_slice(&piece),
            client::Event::End(_) => return message,
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_message_is_taken_and_removed_over_stls() {
    let (ours, theirs) = tls();
    let mut config = ServerConfig::default();
    config.stls = Offer::Yes;
    config.mechanisms = Mechanisms::new([Mechanism::PLAIN]).unwrap();
    let log = with_server(config, Some((Door::Stls, ours)), |address| async move {
        let server = "localhost".try_into().unwrap();
        let mut session =
            pop3::connect_starttls(address, ClientConfig::default(), theirs, server).await.unwrap();
        let refused =
            pop3::login(&mut session, credentials("mrose", "wrong"), &in_clear()).await.unwrap_err();
        assert_eq!(refused.to_string(), "refused by the server: authentication failed");
        pop3::login(&mut session, credentials("mrose", "tan staaf"), &in_clear()).await.unwrap();
        assert_eq!(retr(&mut session).await, MESSAGE);
        session.machine().send(Command::Dele(MessageNumber::new(1).unwrap())).unwrap();
        pop3::quit(&mut session).await.unwrap();
    })
    .await;
    assert_eq!(log, ["tls", "plain", "remove [1]"]);
}

#[tokio::test]
async fn a_login_says_user_and_pass_where_plain_is_not_listed() {
    let (ours, theirs) = tls();
    let mut config = ServerConfig::default();
    config.security = Security::Tls;
    let log = with_server(config, Some((Door::Tls, ours)), |address| async move {
        let server = "localhost".try_into().unwrap();
        let mut session = pop3::connect_tls(address, ClientConfig::default(), theirs, server).await.unwrap();
        let two = credentials("mrose", "x\r\nDELE 1");
        let error = pop3::login(&mut session, two, &in_clear()).await.unwrap_err();
        assert!(matches!(error, Error::Credentials(_)), "{error}");
        pop3::login(&mut session, credentials("mrose", "tan staaf"), &in_clear()).await.unwrap();
        pop3::quit(&mut session).await.unwrap();
    })
    .await;
    assert_eq!(log, ["user", "remove []"]);
}

#[tokio::test]
async fn nobody_logs_in_in_clear_without_a_word_of_the_caller() {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    let log = with_server(config.clone(), None, |address| async move {
        let mut session = pop3::connect(address, ClientConfig::default()).await.unwrap();
        let mrose = || credentials("mrose", "tan staaf");
        let error = pop3::login(&mut session, mrose(), &in_clear()).await.unwrap_err();
        assert!(matches!(error, Error::NotSent(error) if error.refusal == SendRefusal::NeedsTls));
        let error = pop3::login(&mut session, mrose(), &Policy::default()).await.unwrap_err();
        assert!(matches!(error, Error::Login(LoginError::NoMechanism(_))), "{error}");
    })
    .await;
    assert!(log.is_empty());
    let log = with_server(config, None, |address| async move {
        let mut config = ClientConfig::default();
        (config.tls, config.cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
        let mut session = pop3::connect(address, config).await.unwrap();
        pop3::login(&mut session, credentials("mrose", "tan staaf"), &in_clear()).await.unwrap();
        pop3::quit(&mut session).await.unwrap();
    })
    .await;
    assert_eq!(log, ["user", "remove []"]);
}
