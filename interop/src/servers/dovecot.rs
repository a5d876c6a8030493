//! Dovecot: LMTP into Maildirs, IMAP and POP3 on them, and submission.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Identity, PATIENCE, ensure_free, maildir, render, wait_until_it_listens};
use crate::failure::{During, Outcome};
use crate::process::{Background, Program, find};
use crate::server::{ALICE, BOB, Login, PASSWORD};
use crate::stage::Stage;

const LISTENERS: [&str; 6] =
    ["DOVECOT_LMTP", "DOVECOT_SUBMISSION", "DOVECOT_IMAP", "DOVECOT_IMAPS", "DOVECOT_POP3", "DOVECOT_POP3S"];

/// What `mail-server` offers.
const CAPABILITIES: &str = "imap_capability = IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE CHILDREN SPECIAL-USE \
                            UNSELECT UIDPLUS MOVE\n";

/// A running Dovecot; it ends when this is dropped.
pub(crate) struct Dovecot {
    base: PathBuf,
    master: Background,
}

impl Dovecot {
    /// Starts a Dovecot that takes logins over TLS alone. It must be root, because delivery runs as the user `mail`.
    pub(crate) fn start(stage: &Stage, identity: &Identity) -> Outcome<Self> {
        let keys = stage.path("dc").join("keys");
        let key = keys.join("default/HS256");
        std::fs::create_dir_all(&key)?;
        // In base64: see interop/python/bearer.py.
        std::fs::write(key.join("default"), "aW50ZXJvcC1rZXktb2YtMzItb2N0ZXRzLW9yLW1vcmU=")?;
        let tokens = stage.path("dc").join("tokens.conf");
        let validation = format!("fs:posix:prefix={}/", keys.display());
        std::fs::write(
            &tokens,
            format!(
                "introspection_mode = local\nlocal_validation_key_dict = {validation}\nusername_attribute = sub\n"
            ),
        )?;
        let settings = format!(
            "auth_mechanisms = plain login scram-sha-1 scram-sha-256 oauthbearer xoauth2\n\
             passdb {{\n  driver = oauth2\n  mechanisms = oauthbearer xoauth2\n  args = {}\n}}\n",
            tokens.display()
        );
        Self::launch(stage, identity, Login::OverTls, &settings)
    }

    /// Starts a Dovecot to stand for `mail-server`: clients see what that one offers, and no more.
    pub(crate) fn start_as_reference(stage: &Stage, identity: &Identity, login: Login) -> Outcome<Self> {
        Self::launch(stage, identity, login, CAPABILITIES)
    }

    fn launch(stage: &Stage, identity: &Identity, login: Login, settings: &str) -> Outcome<Self> {
        let program = find("dovecot")?;
        for listener in LISTENERS {
            ensure_free(listener)?;
        }
        let (base, log) = (stage.path("dc"), stage.path("dovecot.log"));
        for folder in ["run", "state", "mail"] {
            std::fs::create_dir_all(base.join(folder))?;
        }
        Program::new("chown")?
            .arg("mail:mail")
            .arg(base.join("mail"))
            .succeed()
            .during("Dovecot needs root")?;
        std::fs::write(
            base.join("users"),
            format!("{ALICE}:{{PLAIN}}{PASSWORD}::::::\n{BOB}:{{PLAIN}}{PASSWORD}::::::\n"),
        )?;
        let configuration = base.join("dovecot.conf");
        let only_tls = if login == Login::OverTls { "yes" } else { "no" };
        let template = include_str!("../../servers/dovecot.conf.in").replace("@ONLY_TLS@", only_tls);
        let rendered = render(&template, stage, &base, &log, identity);
        std::fs::write(&configuration, rendered + settings)?;
        let output = File::create(stage.path("dovecot-start.log"))?;
        let mut command = Command::new(program);
        command.arg("-F").arg("-c").arg(configuration);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let dovecot = Self { base, master: Background::start(&mut command)? };
        for listener in LISTENERS {
            wait_until_it_listens(listener)?;
        }
        Ok(dovecot)
    }

    /// Where it speaks LMTP beside its port.
    pub(crate) fn lmtp_socket(&self) -> PathBuf {
        self.base.join("run").join("lmtp")
    }

    /// Waits until the account has `count` messages and returns them, in the order of their delivery.
    pub(crate) fn delivered(&self, account: &str, count: usize) -> Outcome<Vec<Vec<u8>>> {
        let name = account.split('@').next().unwrap_or(account);
        maildir::delivered(&self.base.join("mail").join(name).join("Maildir"), account, count)
    }
}

impl Drop for Dovecot {
    /// The master ends its children only when it is asked.
    fn drop(&mut self) {
        let _ = self.master.terminate();
        let _ = self.master.wait(PATIENCE);
    }
}
