//! Clients that log in by a certificate of their own (EXTERNAL), as OpenSSL makes them.

use std::path::PathBuf;

use super::Scenario;
use crate::binary;
use crate::failure::{During, Outcome};
use crate::process::{Finished, Program, python};
use crate::readback::{curl, pop3s_url};
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("curl: EXTERNAL by smtps, imaps, pop3s, STARTTLS and STLS, with a certificate", by_curl),
    Scenario::new("openssl: s_client with a certificate, AUTHENTICATE EXTERNAL", by_openssl),
    Scenario::new("python: EXTERNAL by smtplib, imaplib and poplib, with a certificate", by_python),
    Scenario::new("client: `mail` lists, sends and fetches with a certificate", by_mail),
];

/// An authority, and those it vouches for.
struct Authority<'a> {
    stage: &'a Stage,
    certificate: PathBuf,
    key: PathBuf,
}

/// A client's certificate and its key.
struct Client {
    certificate: PathBuf,
    key: PathBuf,
}

impl<'a> Authority<'a> {
    fn create(stage: &'a Stage, name: &str) -> Outcome<Self> {
        let (certificate, key) = (stage.path(format!("{name}.pem")), stage.path(format!("{name}.key")));
        let request =
            ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "30", "-subj", "/CN=our clients"];
        let program = Program::new("openssl")?.args(request).arg("-keyout").arg(&key);
        program.arg("-out").arg(&certificate).succeed()?;
        Ok(Self { stage, certificate, key })
    }

    /// A certificate for an address.
    fn client(&self, address: &str) -> Outcome<Client> {
        let path = |end: &str| self.certificate.with_extension(format!("{address}.{end}"));
        let client = Client { certificate: path("pem"), key: path("key") };
        let request = ["req", "-new", "-newkey", "ed25519", "-nodes", "-subj", "/CN=a client"];
        let program = Program::new("openssl")?.args(request).arg("-keyout").arg(&client.key);
        program.arg("-out").arg(path("csr")).succeed()?;
        let extensions = format!("subjectAltName=email:{address}\nextendedKeyUsage=clientAuth\n");
        let extensions = self.stage.write("client.ext", extensions)?;
        Program::new("openssl")?
            .args(["x509", "-req", "-days", "30", "-in"])
            .arg(path("csr"))
            .arg("-CA")
            .arg(&self.certificate)
            .arg("-CAkey")
            .arg(&self.key)
            .arg("-extfile")
            .arg(extensions)
            .arg("-out")
            .arg(&client.certificate)
            .succeed()?;
        Ok(client)
    }

    /// A server that takes them, with a message for Alice.
    fn server(&self) -> Outcome<Server> {
        let config = format!("[tls]\nclient_ca = '{}'\n", self.certificate.display());
        let server = Server::start_with(self.stage, &config)?;
        let mut session = Smtp::greet(server.address(Service::Smtp))?;
        session.deliver(FOREIGN, &[ALICE], b"Subject: short\r\n\r\ntext\r\n")?.expect(250)?;
        Ok(server)
    }
}

impl Client {
    /// Shown by curl, which logs in as `name` with no password.
    fn shown(&self, program: Program, name: &str) -> Program {
        let program = program.arg("--cert").arg(&self.certificate).arg("--key").arg(&self.key);
        program.args(["--user", &format!("{name}:"), "--login-options", "AUTH=EXTERNAL"])
    }
}

fn by_curl(stage: &Stage) -> Outcome {
    let ours = Authority::create(stage, "ours")?;
    let server = ours.server()?;
    let (alice, nobody) = (ours.client(ALICE)?, ours.client("nobody@example.test")?);
    let stranger = Authority::create(stage, "theirs")?.client(ALICE)?;
    let message = stage.write("curl-data", b"Subject: short\r\n\r\ntext\r\n")?;
    let at =
        |scheme: &str, service: Service, path: &str| format!("{scheme}://{}/{path}", server.address(service));
    let send = |url: String| -> Outcome<Program> {
        let program =
            curl(&server)?.args(["--ssl-reqd", "--mail-from", ALICE, "--mail-rcpt", BOB, "--upload-file"]);
        Ok(program.arg(&message).arg(url))
    };
    let read = |url: String| -> Outcome<Program> { Ok(curl(&server)?.args(["--ssl-reqd", &url])) };
    let ways: [&dyn Fn() -> Outcome<Program>; 6] = [
        &|| send(at("smtps", Service::Submissions, "")),
        &|| send(at("smtp", Service::Submission, "")),
        &|| read(at("imaps", Service::Imaps, "INBOX;MAILINDEX=1")),
        &|| read(at("imap", Service::Imap, "INBOX;MAILINDEX=1")),
        &|| read(pop3s_url(&server, 1)),
        &|| read(at("pop3", Service::Pop3, "1")),
    ];
    for (number, way) in ways.iter().enumerate() {
        let what = || format!("way {number}");
        let done = alice.shown(way()?, ALICE).succeed().during(what())?;
        if number > 1 {
            done.says("Subject: short")?;
        }
        // Not another account, not nobody's, and nobody's of whom nothing is known; and it needs a certificate.
        alice.shown(way()?, BOB).refuse().during(what())?;
        nobody.shown(way()?, ALICE).refuse().during(what())?;
        stranger.shown(way()?, ALICE).refuse().during(what())?;
        way()?.args(["--user", &format!("{ALICE}:"), "--login-options", "AUTH=EXTERNAL"]).refuse()?;
        // A password does as before.
        way()?.args(["--user", &format!("{ALICE}:{PASSWORD}")]).succeed().during(what())?;
    }
    Ok(())
}

fn by_openssl(stage: &Stage) -> Outcome {
    let ours = Authority::create(stage, "ours")?;
    let server = ours.server()?;
    let client = |client: Option<&Client>, said: &str| -> Outcome<Finished> {
        let program = Program::new("openssl")?.args(["s_client", "-quiet", "-connect"]);
        let program = program.arg(format!("127.0.0.1:{}", server.port(Service::Imaps))).arg("-CAfile");
        let program = program.arg(server.certificate());
        let program = match client {
            Some(client) => program.arg("-cert").arg(&client.certificate).arg("-key").arg(&client.key),
            None => program,
        };
        program.input(said).run()
    };
    let alice = ours.client(ALICE)?;
    let said = "a AUTHENTICATE EXTERNAL =\r\nb SELECT INBOX\r\nc LOGOUT\r\n";
    let done = client(Some(&alice), said)?;
    done.says("AUTH=EXTERNAL")?;
    done.says("b OK [READ-WRITE]")?;
    let refused = client(None, said)?;
    refused.says("a NO [CANNOT]")?;
    refused.says("b BAD")
}

fn by_python(stage: &Stage) -> Outcome {
    let ours = Authority::create(stage, "ours")?;
    let (server, client) = (ours.server()?, ours.client(ALICE)?);
    python("certificate.py")?
        .args(["--host", "127.0.0.1", "--submissions", &server.port(Service::Submissions)])
        .args(["--imaps", &server.port(Service::Imaps), "--pop3s", &server.port(Service::Pop3s)])
        .args(["--user", ALICE, "--other", BOB, "--certificate"])
        .arg(server.certificate())
        .arg("--own")
        .arg(client.certificate)
        .arg("--key")
        .arg(client.key)
        .succeed()
        .map(|_| ())
}

fn by_mail(stage: &Stage) -> Outcome {
    let ours = Authority::create(stage, "ours")?;
    let (server, client) = (ours.server()?, ours.client(ALICE)?);
    let mail = |service: Service, user: &str| -> Outcome<Program> {
        let address = server.address(service).to_string();
        let program = Program::at(&binary::mail()?).args(["--server", &address, "--user", user, "--ca"]);
        let program = program.arg(server.certificate()).arg("--cert").arg(&client.certificate);
        Ok(program.arg("--key").arg(&client.key))
    };
    mail(Service::Imaps, ALICE)?.arg("list").succeed()?.says("short")?;
    mail(Service::Imaps, BOB)?.arg("list").refuse()?.says("authentication failed")?;
    let message = stage.write("message", b"Subject: sent by certificate\r\n\r\ntext\r\n")?;
    let program = mail(Service::Submissions, ALICE)?.args(["send", "--from", ALICE, "--to", ALICE, "--raw"]);
    program.arg(message).succeed()?;
    let into = stage.path("fetched");
    mail(Service::Pop3s, ALICE)?.args(["pop", "--mbox"]).arg(&into).succeed()?;
    let fetched = std::fs::read_to_string(into)?;
    crate::failure::ensure!(fetched.contains("sent by certificate"), "fetched was {fetched}");
    Ok(())
}
