//! Exim as a client: it takes messages on its standard input, as any program of its machine may say them, and delivers
//! them to the server under test. It is the peer that says BDAT.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::failure::{During, Outcome};
use crate::process::{Program, find};
use crate::server::{Server, Service};
use crate::stage::Stage;

/// Whether Exim encrypts.
#[derive(Clone, Copy)]
pub(crate) enum Transport {
    Clear,
    StartTls,
}

/// An Exim with a configuration and a queue of its own. Nothing of it runs between two messages.
pub(crate) struct Exim {
    program: PathBuf,
    configuration: PathBuf,
    log: PathBuf,
}

impl Exim {
    /// Exim must be started by root, and become the user that Debian's package was built for.
    pub(crate) fn relaying(stage: &Stage, server: &Server, transport: Transport) -> Outcome<Self> {
        let program = find("exim4")?;
        let base = stage.path("exim");
        std::fs::create_dir_all(base.join("spool"))?;
        let logs = ["main", "reject", "panic"].map(|kind| stage.path(format!("exim-{kind}.log")));
        for log in &logs {
            File::create(log)?;
        }
        // The scenario's folder is its owner's alone; who works for Exim comes through.
        std::fs::set_permissions(stage.folder(), Permissions::from_mode(0o711))?;
        let certificate = stage.path("exim/certificate.pem");
        std::fs::copy(server.certificate(), &certificate)?;
        Program::new("chown")?
            .args(["-R", "Debian-exim"])
            .arg(&base)
            .args(&logs)
            .succeed()
            .during("Exim needs root, and its user: useradd --system --no-create-home Debian-exim")?;
        let transport = match transport {
            Transport::Clear => "clear",
            Transport::StartTls => "starttls",
        };
        let text = include_str!("../../servers/exim.conf.in")
            .replace("@PROGRAM@", &program.display().to_string())
            .replace("@BASE@", &base.display().to_string())
            .replace("@FOLDER@", &stage.folder().display().to_string())
            .replace("@PORT@", &server.port(Service::Smtp))
            .replace("@TRANSPORT@", transport)
            .replace("@CERTIFICATE@", &certificate.display().to_string());
        let configuration = stage.write("exim.conf", text)?;
        let [log, ..] = logs;
        Ok(Self { program, configuration, log })
    }

    /// Has Exim take a session of SMTP, and deliver each message before it takes the next.
    pub(crate) fn submit(&self, session: impl Into<Vec<u8>>) -> Outcome {
        Program::at(&self.program)
            .arg("-C")
            .arg(&self.configuration)
            .args(["-bs", "-odf"])
            .input(session)
            .succeed()
            .map(|_| ())
    }

    /// What it wrote down of its deliveries.
    pub(crate) fn log(&self) -> Outcome<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }
}
