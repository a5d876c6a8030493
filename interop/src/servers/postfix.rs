//! Postfix: SMTP with STARTTLS, delivering to Dovecot or to the server under test.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Identity, PATIENCE, address, ensure_free, render, wait_until_it_listens};
use crate::failure::{During, Outcome};
use crate::process::{Background, Program, find};
use crate::stage::Stage;

/// A running Postfix with a configuration and a queue of its own; it ends when this is dropped.
pub(crate) struct Postfix {
    configuration: PathBuf,
    foreground: Background,
}

impl Postfix {
    /// Starts Postfix before Dovecot.
    pub(crate) fn start(stage: &Stage, identity: &Identity) -> Outcome<Self> {
        Self::relaying(stage, identity, &format!("lmtp:inet:{}", address("DOVECOT_LMTP")?))
    }

    /// Starts Postfix, which hands mail on by `transport`. It must be root, because Postfix gives each of its parts a
    /// user.
    pub(crate) fn relaying(stage: &Stage, identity: &Identity, transport: &str) -> Outcome<Self> {
        let program = find("postfix")?;
        ensure_free("POSTFIX_SMTP")?;
        let (base, log) = (stage.path("pf"), stage.path("postfix.log"));
        let configuration = base.join("conf");
        for folder in ["conf", "spool", "data"] {
            std::fs::create_dir_all(base.join(folder))?;
        }
        Program::new("chown")?
            .arg("postfix")
            .arg(base.join("data"))
            .succeed()
            .during("Postfix needs root")?;
        for (name, template) in [
            ("main.cf", include_str!("../../servers/main.cf.in")),
            ("master.cf", include_str!("../../servers/master.cf.in")),
        ] {
            let text = render(template, stage, &base, &log, identity).replace("@TRANSPORT@", transport);
            std::fs::write(configuration.join(name), text)?;
        }
        let output = File::create(stage.path("postfix-start.log"))?;
        let mut command = Command::new(program);
        command.arg("-c").arg(&configuration).arg("start-fg");
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let postfix = Self { configuration, foreground: Background::start(&mut command)? };
        wait_until_it_listens("POSTFIX_SMTP")?;
        Ok(postfix)
    }
}

impl Drop for Postfix {
    /// The process in the foreground is a script; only Postfix itself ends all of its parts.
    fn drop(&mut self) {
        let stop =
            Program::new("postfix").map(|program| program.arg("-c").arg(&self.configuration).arg("stop"));
        let _ = stop.and_then(Program::run);
        let _ = self.foreground.wait(PATIENCE);
    }
}
