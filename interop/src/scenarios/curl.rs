//! curl sends over SMTP and reads over POP3, with and without TLS.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::Program;
use crate::readback::{self, TRACE, curl, pop3s_url};
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, Server, Service, TOKEN, UNKNOWN};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("curl: smtp", |stage| deliver(stage, "smtp", Service::Smtp, &[])),
    Scenario::new("curl: smtp, STARTTLS", |stage| deliver(stage, "smtp", Service::Smtp, &["--ssl-reqd"])),
    Scenario::new("curl: submission, STARTTLS, AUTH PLAIN", |stage| {
        let options = ["--ssl-reqd", "--user", &user(), "--login-options", "AUTH=PLAIN"];
        deliver(stage, "smtp", Service::Submission, &options)
    }),
    Scenario::new("curl: submission, STARTTLS, AUTH LOGIN", |stage| {
        let options = ["--ssl-reqd", "--user", &user(), "--login-options", "AUTH=LOGIN"];
        deliver(stage, "smtp", Service::Submission, &options)
    }),
    Scenario::new("curl: smtps, AUTH", |stage| {
        deliver(stage, "smtps", Service::Submissions, &["--user", &user()])
    }),
    Scenario::new("curl: OAUTHBEARER and XOAUTH2 by smtps, imaps and pop3s", by_token),
    Scenario::new("curl: unknown and foreign recipients are refused", refused_recipients),
    Scenario::new("curl: login without TLS is refused", login_in_clear),
    Scenario::new("curl: pop3 STLS, LIST UIDL RETR TOP DELE", |stage| maildrop(stage, Drop::Stls)),
    Scenario::new("curl: pop3s, LIST UIDL RETR TOP DELE", |stage| maildrop(stage, Drop::OnConnect)),
];

fn user() -> String {
    format!("{ALICE}:{PASSWORD}")
}

fn deliver(stage: &Stage, scheme: &str, service: Service, options: &[&str]) -> Outcome {
    let server = Server::start(stage)?;
    let mut samples = message::samples();
    samples.extend(message::odd_samples());
    for sample in &samples {
        send(stage, &server, &format!("{scheme}://{}", server.address(service)), BOB, sample)?
            .args(options)
            .succeed()
            .during(format!("message `{}`", sample.name))?;
    }
    readback::expect(stage, &server, BOB, &samples)
}

fn by_token(stage: &Stage) -> Outcome {
    let server = Server::start_with_tokens(stage)?;
    let sample = Sample { name: "short", octets: b"Subject: short\r\n\r\ntext\r\n".to_vec() };
    let smtps = format!("smtps://{}", server.address(Service::Submissions));
    let imaps = format!("imaps://{}/INBOX;MAILINDEX=1", server.address(Service::Imaps));
    let pop3s = format!("pop3s://{}/1", server.address(Service::Pop3s));
    for mechanism in ["AUTH=OAUTHBEARER", "AUTH=XOAUTH2"] {
        let with = |program: Program, token: &str| {
            program.args(["--user", ALICE, "--oauth2-bearer", token, "--login-options", mechanism])
        };
        with(send(stage, &server, &smtps, ALICE, &sample)?, TOKEN).succeed().during(mechanism)?;
        with(send(stage, &server, &smtps, ALICE, &sample)?, "stale").refuse().during(mechanism)?;
        for url in [&imaps, &pop3s] {
            with(curl(&server)?.arg(url), TOKEN).succeed()?.says("Subject: short").during(url)?;
            with(curl(&server)?.arg(url), "stale").refuse().during(url)?;
        }
    }
    Ok(())
}

fn refused_recipients(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let sample = Sample { name: "short", octets: b"Subject: short\r\n\r\ntext\r\n".to_vec() };
    let smtp = format!("smtp://{}", server.address(Service::Smtp));
    send(stage, &server, &smtp, UNKNOWN, &sample)?.refuse()?.says("550")?;
    let smtps = format!("smtps://{}", server.address(Service::Submissions));
    send(stage, &server, &smtps, FOREIGN, &sample)?.args(["--user", &user()]).refuse()?.says("RCPT failed: 5")
}

fn login_in_clear(stage: &Stage) -> Outcome {
    let server = Server::start(stage)?;
    let sample = Sample { name: "short", octets: b"Subject: short\r\n\r\ntext\r\n".to_vec() };
    let submission = format!("smtp://{}", server.address(Service::Submission));
    send(stage, &server, &submission, BOB, &sample)?.args(["--user", &user()]).refuse()?;
    let pop3 = format!("pop3://{}", server.address(Service::Pop3));
    curl(&server)?.args(["--user", &user(), &pop3]).refuse()?;
    readback::expect(stage, &server, BOB, &[])
}

/// How the maildrop is reached.
#[derive(Clone, Copy)]
enum Drop {
    Stls,
    OnConnect,
}

fn maildrop(stage: &Stage, drop: Drop) -> Outcome {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in &samples {
        session.deliver(BOB, &[ALICE], &sample.octets)?.expect(250)?;
    }
    let pop3 = |message: &str, options: &[&str]| -> Outcome<Vec<u8>> {
        let program = curl(&server)?.args(["--user", &user()]).args(options);
        let program = match drop {
            Drop::Stls => {
                program.args(["--ssl-reqd", &format!("pop3://{}/{message}", server.address(Service::Pop3))])
            }
            Drop::OnConnect => program.arg(pop3s_url(&server, message)),
        };
        Ok(program.succeed()?.stdout)
    };

    let list = listing(&pop3("", &[])?)?;
    ensure!(list.len() == samples.len(), "LIST shows {} messages and not {}", list.len(), samples.len());
    let identifiers = listing(&pop3("", &["--request", "UIDL"])?)?;
    ensure!(identifiers.len() == samples.len(), "UIDL shows {} messages", identifiers.len());
    for ((number, size), sample) in list.iter().zip(&samples) {
        let stored = pop3(number, &[])?;
        message::check_stored(&stored, &sample.octets, TRACE).during(format!("message `{}`", sample.name))?;
        ensure!(*size == stored.len().to_string(), "LIST says {size}, RETR gives {}", stored.len());
    }

    let whole = pop3("2", &[])?;
    let headers = pop3("", &["--request", "TOP 2 0"])?;
    let end = whole.windows(4).position(|octets| octets == b"\r\n\r\n").map(|at| at + 4);
    ensure!(end == Some(headers.len()) && whole.starts_with(&headers), "TOP 2 0 is not the header of 2");
    let top = pop3("", &["--request", "TOP 2 3"])?;
    ensure!(whole.starts_with(&top), "TOP 2 3 is not a prefix of 2");
    let lines = |octets: &[u8]| octets.iter().filter(|octet| **octet == b'\n').count();
    ensure!(lines(&top) == lines(&headers) + 3, "TOP 2 3 has {} lines more", lines(&top) - lines(&headers));

    // The answer to DELE is one line, which `--head` makes curl not wait beyond.
    pop3("", &["--head", "--request", "DELE 1"])?;
    let left = listing(&pop3("", &["--request", "UIDL"])?)?;
    let expected: Vec<&String> = identifiers.iter().skip(1).map(|(_, identifier)| identifier).collect();
    let found: Vec<&String> = left.iter().map(|(_, identifier)| identifier).collect();
    ensure!(found == expected, "after DELE 1, UIDL shows {found:?} and not {expected:?}");
    Ok(())
}

/// The lines `number value` of LIST and UIDL.
fn listing(octets: &[u8]) -> Outcome<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(octets);
    let lines = text.lines().map(|line| match line.split_once(' ') {
        Some((number, value)) => Ok((number.to_owned(), value.to_owned())),
        None => crate::failure::fail!("a listing has the line `{line}`"),
    });
    lines.collect()
}

fn send(stage: &Stage, server: &Server, url: &str, to: &str, sample: &Sample) -> Outcome<Program> {
    let file = stage.write("curl-data", &sample.octets)?;
    let program = curl(server)?.args([url, "--mail-from", ALICE, "--mail-rcpt", to, "--upload-file"]);
    Ok(program.arg(file))
}
