//! Logging in by SASL, on all the ports that one can log in on.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod support;

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use mail_server::{config::Config, server::Service};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use support::{Ca, PASSWORD, Running, wire::Wire};
use tokio_codec::{
    imap, pop3,
    rustls::{ClientConfig, HandshakeKind, pki_types::UnixTime, time_provider::TimeProvider, version},
    sasl::{Credentials, Mechanism, Policy, Secret},
    smtp,
};

const ALICE: &str = "alice@example.org";

const OFFERED: [Mechanism; 6] = [
    Mechanism::SCRAM_SHA_256_PLUS,
    Mechanism::SCRAM_SHA_256,
    Mechanism::SCRAM_SHA_1_PLUS,
    Mechanism::SCRAM_SHA_1,
    Mechanism::PLAIN,
    Mechanism::LOGIN,
];

fn credentials(name: &str, password: &str) -> Credentials {
    Credentials::password(name, Secret::copy_from(password.as_bytes())).unwrap()
}

/// Tells whether one logs in on that port, once the connection is TLS.
async fn logs_in(server: &Running, service: Service, credentials: Credentials, policy: &Policy) -> bool {
    logs_in_by(server.trust(), server, service, credentials, policy).await
}

/// The same, of a client that trusts and shows these certificates.
async fn logs_in_by(
    trust: Arc<ClientConfig>,
    server: &Running,
    service: Service,
    credentials: Credentials,
    policy: &Policy,
) -> bool {
    let address = server.address(service);
    let has_all = |offered: &[Mechanism]| OFFERED.iter().all(|mechanism| offered.contains(mechanism));
    let name = || "localhost".try_into().unwrap();
    match service {
        Service::Submission | Service::Submissions => {
            let us = smtp_proto::ClientName::new("client.example.org").unwrap();
            let config = smtp_proto::ClientConfig::default();
            let mut session = if service.is_tls() {
                smtp::connect_tls(address, config, us, trust, name()).await.unwrap()
            } else {
                smtp::connect_starttls(address, config, us, trust, name()).await.unwrap()
            };
            let offers = session.machine().capabilities().unwrap();
            assert!(has_all(&offers.mechanisms().collect::<Vec<_>>()));
            match smtp::login(&mut session, credentials, policy).await {
                Ok(()) => true,
                Err(smtp::Error::Refused(_)) => false,
                Err(error) => panic!("{error}"),
            }
        }
        Service::Imap | Service::Imaps => {
            let config = imap_proto::ClientConfig::default();
            let mut session = if service.is_tls() {
                imap::connect_tls(address, config, trust, name()).await.unwrap()
            } else {
                imap::connect_starttls(address, config, trust, name()).await.unwrap()
            };
            assert!(has_all(session.machine().capabilities().unwrap().mechanisms()));
            match imap::login(&mut session, credentials, policy).await {
                Ok(()) => true,
                Err(imap::Error::Refused(_)) => false,
                Err(error) => panic!("{error}"),
            }
        }
        _ => {
            let config = pop3_proto::ClientConfig::default();
            let mut session = if service.is_tls() {
                pop3::connect_tls(address, config, trust, name()).await.unwrap()
            } else {
                pop3::connect_starttls(address, config, trust, name()).await.unwrap()
            };
            match pop3::login(&mut session, credentials, policy).await {
                Ok(()) => pop3::quit(&mut session).await.is_ok(),
                Err(pop3::Error::Refused(_)) => false,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

const PORTS: [Service; 6] =
    [Service::Submission, Service::Submissions, Service::Imap, Service::Imaps, Service::Pop3, Service::Pop3s];

#[tokio::test]
async fn every_port_takes_the_strongest_mechanism_and_no_wrong_password() {
    let server = Running::start().await;
    let any = Policy::default();
    for service in PORTS {
        assert!(logs_in(&server, service, credentials(ALICE, PASSWORD), &any).await, "{service}");
        assert!(!logs_in(&server, service, credentials(ALICE, "wrong"), &any).await, "{service}");
    }
}

/// The mechanisms that are listed on that port, by TLS where it is there.
async fn listed(server: &Running, service: Service, tls: Option<Arc<ClientConfig>>) -> Vec<Mechanism> {
    let (address, name) = (server.address(service), || "localhost".try_into().unwrap());
    match service {
        Service::Submission | Service::Submissions => {
            let (us, mut config) = (
                smtp_proto::ClientName::new("client.example.org").unwrap(),
                smtp_proto::ClientConfig::default(),
            );
            let mut session = match tls {
                Some(tls) if service.is_tls() => smtp::connect_tls(address, config, us, tls, name()).await,
                Some(tls) => smtp::connect_starttls(address, config, us, tls, name()).await,
                None => {
                    config.tls = smtp_proto::TlsPolicy::Opportunistic;
                    smtp::connect(address, config, us).await
                }
            }
            .unwrap();
            session.machine().capabilities().unwrap().mechanisms().collect()
        }
        Service::Imap | Service::Imaps => {
            let mut config = imap_proto::ClientConfig::default();
            let mut session = match tls {
                Some(tls) if service.is_tls() => imap::connect_tls(address, config, tls, name()).await,
                Some(tls) => imap::connect_starttls(address, config, tls, name()).await,
                None => {
                    config.tls = imap_proto::TlsPolicy::Opportunistic;
                    imap::connect(address, config).await
                }
            }
            .unwrap();
            session.machine().capabilities().unwrap().mechanisms().to_vec()
        }
        _ => {
            let mut config = pop3_proto::ClientConfig::default();
            let mut session = match tls {
                Some(tls) if service.is_tls() => pop3::connect_tls(address, config, tls, name()).await,
                Some(tls) => pop3::connect_starttls(address, config, tls, name()).await,
                None => {
                    config.tls = pop3_proto::TlsPolicy::Opportunistic;
                    pop3::connect(address, config).await
                }
            }
            .unwrap();
            let sasl = |offer: &pop3_proto::Capability| match offer {
                pop3_proto::Capability::Sasl(mechanisms) => mechanisms.iter().collect(),
                _ => Vec::new(),
            };
            session.machine().capabilities().unwrap_or_default().iter().flat_map(sasl).collect()
        }
    }
}

/// A server whose certificate cannot be bound to: RFC 5929 says no hash for Ed25519.
async fn without_end_point() -> Running {
    Running::start_with(|config| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        std::fs::create_dir_all(&config.data).unwrap();
        for (name, text) in
            [("cert.pem", certificate.self_signed(&key).unwrap().pem()), ("key.pem", key.serialize_pem())]
        {
            std::fs::write(config.data.join(name), text).unwrap();
        }
        config.auth.allow_cleartext_login = true;
    })
    .await
}

#[tokio::test]
async fn what_the_server_cannot_check_is_not_listed() {
    let is_plus = |mechanism: &Mechanism| mechanism.as_str().ends_with("-PLUS");
    let certificate = |server: &Running| server.data().join("cert.pem");
    for (server, by_tls_1_2) in [(Running::start().await, 2), (without_end_point().await, 0)] {
        for service in PORTS {
            for (version, expected) in [(&version::TLS13, 2), (&version::TLS12, by_tls_1_2)] {
                let trust = support::trust_by(&certificate(&server), &[version]);
                let listed = listed(&server, service, Some(trust)).await;
                assert_eq!(
                    listed.iter().filter(|name| is_plus(name)).count(),
                    expected,
                    "{service}: {listed:?}"
                );
                assert_eq!(listed.len(), expected + 4, "{service}: {listed:?}");
            }
        }
    }
    let server = without_end_point().await;
    for service in [Service::Submission, Service::Imap, Service::Pop3] {
        let listed = listed(&server, service, None).await;
        assert!(listed.len() == 4 && !listed.iter().any(is_plus), "{service}: {listed:?}");
    }
}

#[tokio::test]
async fn every_mechanism_logs_in_by_either_name_and_nobody_who_is_not_there() {
    let server = Running::start().await;
    for (mechanism, service) in OFFERED.into_iter().zip(PORTS) {
        let only = Policy::default().only(&[mechanism]);
        assert!(logs_in(&server, service, credentials("ALICE", PASSWORD), &only).await, "{mechanism}");
        assert!(!logs_in(&server, service, credentials("bob", PASSWORD), &only).await, "{mechanism}");
        assert!(!logs_in(&server, service, credentials(ALICE, "wrong"), &only).await, "{mechanism}");
    }
}

#[tokio::test]
async fn an_account_acts_as_itself_by_any_of_its_names_and_as_nobody_else() {
    let server = Running::start().await;
    server.add("bob@example.org").await;
    for mechanism in [Mechanism::PLAIN, Mechanism::SCRAM_SHA_256_PLUS] {
        let only = Policy::default().only(&[mechanism]);
        for (other, may) in [(ALICE, true), ("alice", true), ("bob", false), ("carol", false)] {
            let credentials = credentials(ALICE, PASSWORD).acting_as(other).unwrap();
            let done = logs_in(&server, Service::Submissions, credentials, &only).await;
            assert_eq!(done, may, "{mechanism} as {other}");
        }
    }
}

#[tokio::test]
async fn a_token_logs_in_whose_it_is() {
    let server = Running::start_with(|config| {
        let check = "read name; read token; test \"$token\" = ya29.x && echo alice";
        config.auth.token_command = Some(check.into());
    })
    .await;
    server.add("bob@example.org").await;
    let token =
        |name: &str, token: &str| Credentials::token(name, Secret::copy_from(token.as_bytes())).unwrap();
    for mechanism in [Mechanism::OAUTHBEARER, Mechanism::XOAUTH2] {
        let only = Policy::default().only(&[mechanism]);
        for service in PORTS {
            assert!(logs_in(&server, service, token(ALICE, "ya29.x"), &only).await, "{mechanism} {service}");
            assert!(!logs_in(&server, service, token(ALICE, "stale"), &only).await, "{mechanism} {service}");
        }
        assert!(logs_in(&server, Service::Imaps, token("alice", "ya29.x"), &only).await);
        assert!(!logs_in(&server, Service::Imaps, token("bob", "ya29.x"), &only).await, "it is alice's");
    }
}

#[tokio::test]
async fn what_scram_says_of_a_name_does_not_tell_whether_somebody_has_it() {
    let server = Running::start().await;
    let first = async |name: &str| {
        let mut smtp = server.connect(Service::Submissions).await;
        smtp.says("EHLO client.example.org", "250").await;
        let said = BASE64.encode(format!("n,,n={name},r=nonce"));
        let answer = smtp.says(&format!("AUTH SCRAM-SHA-256 {said}"), "334 ").await;
        let challenge = BASE64.decode(answer.trim_start_matches("334 ")).unwrap();
        let fields: Vec<_> = String::from_utf8(challenge).unwrap().split(',').map(str::to_owned).collect();
        (fields[0].len(), fields[1].clone(), fields[2].clone())
    };
    for name in ["alice", "bob"] {
        let (nonce, salt, iterations) = first(name).await;
        assert_eq!((nonce, salt.len(), iterations.as_str()), (first("alice").await.0, 26, "i=65536"));
        for spelt in ["@example.org", "@EXAMPLE.ORG"] {
            assert_eq!(first(&format!("{name}{spelt}")).await.1, salt, "{name}{spelt}");
        }
        assert_ne!(first(&format!("{name}@example.net")).await.1, salt);
    }
    // With a second domain a name alone means nobody: were it the one account's that has it, it would have its salt.
    server.add("carol@example.com").await;
    for name in ["alice", "carol", "bob"] {
        let (nonce, salt, iterations) = first(name).await;
        assert_eq!((nonce, salt.len(), iterations.as_str()), (first("alice").await.0, 26, "i=65536"));
        for domain in ["example.org", "example.com"] {
            assert_ne!(first(&format!("{name}@{domain}")).await.1, salt, "{name}@{domain}");
        }
    }
}

/// Takes certificates of this CA.
fn taking(ca: &Ca) -> impl FnOnce(&mut Config) {
    |config| {
        std::fs::create_dir_all(&config.data).unwrap();
        let path = config.data.join("client-ca.pem");
        std::fs::write(&path, ca.pem()).unwrap();
        config.tls.client_ca = Some(path);
        config.auth.allow_cleartext_login = true;
    }
}

/// A server that takes certificates of this CA, with a second account.
async fn vouched_for_by(ca: &Ca) -> Running {
    let server = Running::start_with(taking(ca)).await;
    server.add("bob@example.org").await;
    server
}

#[tokio::test]
async fn who_shows_a_certificate_is_whose_address_stands_in_it() {
    let ca = Ca::new();
    let server = vouched_for_by(&ca).await;
    let any = Policy::default();
    let external = |other: Option<&str>| match other {
        Some(other) => Credentials::external().acting_as(other).unwrap(),
        None => Credentials::external(),
    };
    let alice = ca.client(&server, &["Alice@example.org"]);
    for service in PORTS {
        for (other, may) in [(None, true), (Some(ALICE), true), (Some("alice"), true), (Some("bob"), false)] {
            let done = logs_in_by(Arc::clone(&alice), &server, service, external(other), &any).await;
            assert_eq!(done, may, "{service}: {other:?}");
        }
        // A password is as good as ever.
        let password = credentials("bob", PASSWORD);
        assert!(logs_in_by(Arc::clone(&alice), &server, service, password, &any).await, "{service}");
    }
    // A certificate for both must be told which.
    let both = ca.client(&server, &["nobody@example.org", ALICE, "bob@example.org"]);
    for (other, may) in [(None, false), (Some("bob"), true), (Some(ALICE), true), (Some("carol"), false)] {
        let done = logs_in_by(Arc::clone(&both), &server, Service::Imaps, external(other), &any).await;
        assert_eq!(done, may, "{other:?}");
    }
}

#[tokio::test]
async fn a_login_by_certificate_is_listed_to_those_who_have_shown_one_alone() {
    let ca = Ca::new();
    let server = vouched_for_by(&ca).await;
    let has = async |service, tls| listed(&server, service, tls).await.contains(&Mechanism::EXTERNAL);
    for service in PORTS {
        assert!(has(service, Some(ca.client(&server, &[ALICE]))).await, "{service}");
        assert!(!has(service, Some(ca.client(&server, &["nobody@example.org"]))).await, "{service}");
        assert!(!has(service, Some(server.trust())).await, "{service}");
        if !service.is_tls() {
            assert!(!has(service, None).await, "{service}");
        }
    }
}

/// A clock of TLS: now, or when all certificates of these tests have expired.
#[derive(Debug, Default)]
struct Expiry(AtomicBool);

impl TimeProvider for Expiry {
    fn current_time(&self) -> Option<UnixTime> {
        let is_over = self.0.load(Ordering::Relaxed);
        Some(if is_over { UnixTime::since_unix_epoch(Duration::from_secs(1 << 37)) } else { UnixTime::now() })
    }
}

#[tokio::test]
async fn a_certificate_that_has_expired_logs_nobody_in_who_resumes_a_session() {
    let (ca, expiry) = (Ca::new(), Arc::new(Expiry::default()));
    let server = Running::start_by_tls(taking(&ca), |tls| {
        let mut login = tls.login.as_ref().clone();
        login.time_provider = expiry.clone();
        tls.login = Arc::new(login);
    })
    .await;
    for version in [&version::TLS13, &version::TLS12] {
        let alice = ca.client_by(&server, &[ALICE], &[version]);
        for (is_over, kind) in
            [(false, HandshakeKind::Full), (false, HandshakeKind::Resumed), (true, HandshakeKind::Resumed)]
        {
            expiry.0.store(is_over, Ordering::Relaxed);
            let (address, config) = (server.address(Service::Imaps), imap_proto::ClientConfig::default());
            let name = "localhost".try_into().unwrap();
            let mut session = imap::connect_tls(address, config, Arc::clone(&alice), name).await.unwrap();
            assert_eq!(session.stream().tls().unwrap().get_ref().1.handshake_kind(), Some(kind));
            let listed = session.machine().capabilities().unwrap().mechanisms().to_vec();
            assert_eq!(listed.contains(&Mechanism::EXTERNAL), !is_over, "{version:?}: {listed:?}");
        }
        expiry.0.store(false, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_does_not_get_in_and_stops_no_mail() {
    let server = vouched_for_by(&Ca::new()).await;
    let stranger = Ca::new().client(&server, &[ALICE]);
    let name = || "localhost".try_into().unwrap();
    for service in [Service::Submissions, Service::Imaps, Service::Pop3s] {
        let wire = Wire::connect(server.address(service)).await;
        assert_eq!(wire.into_tls(Arc::clone(&stranger)).await.rest().await, b"", "{service}");
    }
    // Another server may have a certificate of whomever.
    let us = smtp_proto::ClientName::new("client.example.org").unwrap();
    let config = smtp_proto::ClientConfig::default();
    let address = server.address(Service::Smtp);
    smtp::connect_starttls(address, config, us, stranger, name()).await.unwrap();
}

#[tokio::test]
async fn a_guest_reads_a_maildrop_deletes_nothing_and_is_in_nobodys_way() {
    let server = Running::start_with(|config| config.auth.anonymous = Some(ALICE.into())).await;
    let mut smtp = server.connect(Service::Smtp).await;
    smtp.says("EHLO client.example.org", "250").await;
    smtp.begin(ALICE).await;
    smtp.says("Subject: for all\r\n.", "250").await;
    for service in PORTS {
        let listed = listed(&server, service, Some(server.trust())).await;
        let is_read = !matches!(service, Service::Submission | Service::Submissions);
        assert_eq!(listed.contains(&Mechanism::ANONYMOUS), is_read, "{service}: {listed:?}");
    }
    let mut smtp = server.connect(Service::Submissions).await;
    smtp.says("EHLO client.example.org", "250").await;
    smtp.says("AUTH ANONYMOUS c2lyaGM=", "5").await;

    let commits = server.store.commits();
    let mut owner = server.pop3(ALICE).await;
    for _ in 0..2 {
        let mut guest = server.connect(Service::Pop3s).await;
        guest.says("AUTH ANONYMOUS c2lyaGM=", "+OK").await;
        assert!(guest.retrieve(1).await.ends_with(b"Subject: for all\r\n"));
        guest.says("DELE 1", "-ERR").await;
        guest.says("QUIT", "+OK").await;
    }
    assert_eq!(server.store.commits(), commits);
    owner.says("DELE 1", "+OK").await;
    owner.says("QUIT", "+OK").await;
    assert!(server.read_back(ALICE).await.is_empty());
}

#[tokio::test]
async fn nobody_comes_without_a_name_unless_the_server_is_told_to_let_them() {
    let server = Running::start().await;
    for service in PORTS {
        let listed = listed(&server, service, Some(server.trust())).await;
        assert!(!listed.contains(&Mechanism::ANONYMOUS), "{service}: {listed:?}");
    }
    let mut guest = server.connect(Service::Pop3s).await;
    guest.says("AUTH ANONYMOUS c2lyaGM=", "-ERR").await;
}
