//! getmail6 fetches a maildrop into a Maildir.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message::{self, Sample};
use crate::process::{Program, find};
use crate::readback;
use crate::server::{ALICE, BOB, PASSWORD, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("getmail: pop3s into a Maildir, kept, then deleted", fetch),
    Scenario::new("getmail: pop3s, a wrong password and a certificate of nobody known", refused),
];

/// A server whose Bob has the samples.
fn filled(stage: &Stage) -> Outcome<(Server, Vec<Sample>)> {
    let server = Server::start(stage)?;
    let samples = message::samples();
    let mut session = Smtp::greet(server.address(Service::Smtp))?;
    for sample in &samples {
        session.deliver(ALICE, &[BOB], &sample.octets)?.expect(250)?;
    }
    Ok((server, samples))
}

/// Each run twice: what was fetched once is not fetched again, and what was deleted is gone.
fn fetch(stage: &Stage) -> Outcome {
    let (server, samples) = filled(stage)?;
    let run = |into: &str, options: &str| -> Outcome {
        let run = Run { certificate: &server.certificate(), password: PASSWORD, options };
        let ended = run.program(stage, &server, into)?.succeed()?;
        check(stage, into, &samples).during(ended)
    };
    for time in ["first", "second"] {
        run("kept", "delete = false\nread_all = false").during(time)?;
        readback::expect(stage, &server, BOB, &samples).during(time)?;
    }
    for time in ["first", "second"] {
        run("moved", "delete = true\nread_all = true").during(time)?;
        readback::expect(stage, &server, BOB, &[]).during(time)?;
    }
    Ok(())
}

/// A login that is refused is told as one, in the server's words, and the maildrop stays as it is.
fn refused(stage: &Stage) -> Outcome {
    let (server, samples) = filled(stage)?;
    let run = Run { certificate: &server.certificate(), password: "wrong", options: "delete = true" };
    let ended = run.program(stage, &server, "refused")?.run()?;
    ended.says("-ERR [AUTH]")?;
    ensure!(in_maildir(&stage.path("refused"))?.is_empty(), "mail came without its password: {ended}");
    let stranger = stage.path("stranger.pem");
    Program::new("openssl")?
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", "/CN=localhost", "-days", "2", "-keyout", "/dev/null", "-out"])
        .arg(&stranger)
        .succeed()?;
    let run = Run { certificate: &stranger, password: PASSWORD, options: "delete = true" };
    run.program(stage, &server, "refused")?.refuse()?.says("certificate verify failed")?;
    readback::expect(stage, &server, BOB, &samples)
}

/// What a run of getmail is told.
struct Run<'a> {
    certificate: &'a Path,
    password: &'a str,
    options: &'a str,
}

impl Run<'_> {
    /// getmail with a configuration of its own, into the Maildir of this name. Its program for that is run: a child of
    /// getmail that ends before getmail waits for it, as one that writes the file itself may, is waited for in vain.
    fn program(&self, stage: &Stage, server: &Server, into: &str) -> Outcome<Program> {
        let maildir = stage.path(into);
        for folder in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(maildir.join(folder))?;
        }
        // It delivers nothing as root.
        let is_root = std::fs::metadata("/proc/self")?.uid() == 0;
        let user = if is_root { "user = nobody\ngroup = nogroup\n" } else { "" };
        if is_root {
            Program::new("chown")?.args(["-R", "nobody:nogroup"]).arg(&maildir).succeed()?;
        }
        let configuration = format!(
            "[retriever]\ntype = SimplePOP3SSLRetriever\nserver = localhost\nport = {}\nusername = {BOB}\n\
             password = {}\nca_certs = {}\n\n[destination]\ntype = MDA_external\npath = {}\narguments = (\"{}/\",)\n{user}\n\
             [options]\ndelivered_to = false\nreceived = false\n{}\n",
            server.port(Service::Pop3s),
            self.password,
            self.certificate.display(),
            find("getmail_maildir")?.display(),
            maildir.display(),
            self.options
        );
        let file = stage.write_private("getmailrc", configuration)?;
        // What it has seen it keeps by user, server and port: a folder for each Maildir.
        let seen = stage.path("getmail").join(into);
        std::fs::create_dir_all(&seen)?;
        Ok(Program::new("getmail")?.arg("--getmaildir").arg(seen).arg("--rcfile").arg(file))
    }
}

/// Fails unless the Maildir holds the samples. getmail writes LF for CRLF, and a field of its own in front.
fn check(stage: &Stage, name: &str, samples: &[Sample]) -> Outcome {
    let fetched = in_maildir(&stage.path(name))?;
    ensure!(fetched.len() == samples.len(), "{} messages are there and not {}", fetched.len(), samples.len());
    let trace = [readback::TRACE, &["Delivered-To"]].concat();
    message::check_all_present(&fetched, samples, &trace)
}

fn in_maildir(root: &Path) -> Outcome<Vec<Vec<u8>>> {
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(root.join("new"))? {
        messages.push(message::with_crlf(&std::fs::read(entry?.path())?));
    }
    Ok(messages)
}
