//! A client made of the workspace's own machine.

use super::{PASSWORD, Running};
use bytes::Bytes;
use mail_server::server::Service;
use smtp_proto::{
    Auth, Body, ClientConfig, ClientName, Code, Command, Extension, Mail, Mailbox, Mechanism, Protocol, Rcpt,
    Secret, Security, TlsPolicy,
    client::{Client, Event},
    sasl::Response,
};
use tokio::net::TcpStream;
use tokio_codec::{Connection, rustls::pki_types::ServerName};
use tokio_rustls::TlsConnector;

/// How a message gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Smtp,
    SmtpStartTls,
    Lmtp,
    /// With STARTTLS and AUTH LOGIN.
    Submission,
    /// With AUTH PLAIN.
    Submissions,
}

impl Way {
    pub(crate) const ALL: [Self; 5] =
        [Self::Smtp, Self::SmtpStartTls, Self::Lmtp, Self::Submission, Self::Submissions];

    fn service(self) -> Service {
        match self {
            Self::Smtp | Self::SmtpStartTls => Service::Smtp,
            Self::Lmtp => Service::Lmtp,
            Self::Submission => Service::Submission,
            Self::Submissions => Service::Submissions,
        }
    }
}

/// A session that has said hello, and logged in where that is asked.
pub(crate) struct Session(Connection<TcpStream, Client>);

impl Session {
    pub(crate) async fn open(server: &Running, way: Way) -> Self {
        let config = ClientConfig {
            protocol: if way == Way::Lmtp { Protocol::Lmtp } else { Protocol::Smtp },
            security: if way == Way::Submissions { Security::Tls } else { Security::Clear },
            tls: TlsPolicy::Opportunistic,
            ..ClientConfig::default()
        };
        let socket = TcpStream::connect(server.address(way.service())).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let client = Client::new(config);
        let mut session = Self(if way == Way::Submissions {
            let tls = TlsConnector::from(server.trust()).connect(name.clone(), socket).await.unwrap();
            Connection::over_tls(tls, client)
        } else {
            Connection::new(socket, client)
        });
        assert!(matches!(session.event().await, Event::Greeting(reply) if reply.code() == Code::READY));
        session.hello(way).await;
        if matches!(way, Way::SmtpStartTls | Way::Submission) {
            session.0.machine().send(Command::StartTls).unwrap();
            let Event::Upgrade { upgrade, .. } = session.event().await else { panic!("no STARTTLS") };
            session.0.connect_tls(upgrade, server.trust(), name).await.unwrap();
            session.hello(way).await;
        }
        match way {
            Way::Submission => session.log_in_by_login().await,
            Way::Submissions => {
                let initial = format!("\0alice@example.org\0{PASSWORD}").into_bytes();
                let auth = Auth { mechanism: Mechanism::PLAIN, initial: Some(initial.into()) };
                assert_eq!(session.ask(Command::Auth(auth)).await, 235);
            }
            Way::Smtp | Way::SmtpStartTls | Way::Lmtp => {}
        }
        session
    }

    async fn event(&mut self) -> Event {
        self.0.next().await.unwrap().expect("the server closed the connection")
    }

    /// Sends a command and answers the code of its reply.
    async fn ask(&mut self, command: Command) -> u16 {
        self.0.machine().send(command).unwrap();
        match self.event().await {
            Event::Reply { reply, .. } => reply.code().into(),
            other => panic!("{other:?}"),
        }
    }

    async fn hello(&mut self, way: Way) {
        let name = ClientName::new("client.example.org").unwrap();
        let hello = if way == Way::Lmtp { Command::Lhlo(name) } else { Command::Ehlo(name) };
        assert_eq!(self.ask(hello).await, 250);
    }

    async fn log_in_by_login(&mut self) {
        let mechanism = Mechanism::new("LOGIN").unwrap();
        self.0.machine().send(Command::Auth(Auth { mechanism, initial: None })).unwrap();
        for answer in ["alice@example.org", PASSWORD] {
            let Event::Challenge { .. } = self.event().await else { panic!("no challenge") };
            let response = Response::Data(Secret::copy_from(answer.as_bytes()));
            self.0.machine().respond(&response).unwrap();
        }
        let Event::Reply { reply, .. } = self.event().await else { panic!("no reply to AUTH") };
        assert_eq!(reply.code(), Code::AUTHENTICATED);
    }

    /// Sends a message, pipelined; the server must take it.
    pub(crate) async fn send(&mut self, recipient: &str, message: &Bytes) {
        let offered = self.0.machine().capabilities().cloned().unwrap_or_default();
        assert!(offered.has(Extension::Size) && offered.has(Extension::EightBitMime));
        let mail = Mail::new(Mailbox::new("bob@example.net").unwrap());
        let mail = mail.with_size(message.len() as u64).with_body(Body::EightBitMime);
        self.0.machine().send(Command::Mail(mail)).unwrap();
        self.0.machine().send(Command::Rcpt(Rcpt::new(Mailbox::new(recipient).unwrap()))).unwrap();
        let data = self.0.machine().send(Command::Data).unwrap();
        loop {
            match self.event().await {
                Event::Upload { mut upload, .. } => {
                    for chunk in message.chunks(10_000) {
                        self.0.write(&mut upload, message.slice_ref(chunk)).await.unwrap();
                    }
                    self.0.finish(upload).unwrap();
                }
                Event::Reply { ticket, reply } | Event::Recipient { ticket, reply, .. } => {
                    assert_eq!(reply.code(), Code::OK, "{reply}");
                    if ticket == data {
                        return;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn quit(mut self) {
        assert_eq!(self.ask(Command::Quit).await, 221);
        assert!(self.0.next().await.unwrap().is_none());
    }
}
