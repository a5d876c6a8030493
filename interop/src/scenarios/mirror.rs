//! mbsync and offlineimap mirror a mailbox into a Maildir, with changes on both sides.

use super::Scenario;
use crate::failure::Outcome;
use crate::process::find;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("mbsync: 1000 messages, changes on both sides", mbsync),
    Scenario::imap("offlineimap: 200 messages, changes on both sides", offlineimap),
];

fn mbsync(stage: &Stage, target: &ImapTarget) -> Outcome {
    let maildir = stage.path("mbsync");
    let configuration = format!(
        "IMAPAccount server\n\
         Host {host}\n\
         Port {port}\n\
         User {user}\n\
         Pass {password}\n\
         SSLType IMAPS\n\
         SystemCertificates no\n\
         CertificateFile {certificate}\n\
         \n\
         IMAPStore far\n\
         Account server\n\
         \n\
         MaildirStore near\n\
         Path {maildir}/\n\
         Inbox {maildir}/INBOX\n\
         \n\
         Channel mirror\n\
         Far :far:\n\
         Near :near:\n\
         Patterns INBOX\n\
         Create Near\n\
         Expunge Both\n\
         SyncState *\n",
        host = "localhost",
        port = target.imaps.port(),
        user = target.user,
        password = target.password,
        certificate = target.certificate.display(),
        maildir = maildir.display(),
    );
    std::fs::create_dir(&maildir)?;
    let configuration = stage.write_private("mbsyncrc", configuration)?;
    let command = format!("{} --config {} mirror", find("mbsync")?.display(), configuration.display());
    run(stage, target, &command, "mbsync/INBOX", 1000)
}

fn offlineimap(stage: &Stage, target: &ImapTarget) -> Outcome {
    let configuration = format!(
        "[general]\n\
         accounts = mirror\n\
         metadata = {folder}/metadata\n\
         [Account mirror]\n\
         localrepository = near\n\
         remoterepository = far\n\
         [Repository near]\n\
         type = Maildir\n\
         localfolders = {folder}/offlineimap\n\
         [Repository far]\n\
         type = IMAP\n\
         remotehost = {host}\n\
         remoteport = {port}\n\
         remoteuser = {user}\n\
         remotepass = {password}\n\
         ssl = yes\n\
         sslcacertfile = {certificate}\n\
         folderfilter = lambda name: name == 'INBOX'\n",
        folder = stage.folder().display(),
        host = "localhost",
        port = target.imaps.port(),
        user = target.user,
        password = target.password,
        certificate = target.certificate.display(),
    );
    let configuration = stage.write_private("offlineimaprc", configuration)?;
    let command = format!("{} -o -u basic -c {}", find("offlineimap")?.display(), configuration.display());
    run(stage, target, &command, "offlineimap/INBOX", 200)
}

fn run(stage: &Stage, target: &ImapTarget, command: &str, maildir: &str, count: usize) -> Outcome {
    target.fill(count, message)?;
    let program = target.script("mirror.py")?.args(["--sync", command, "--count", &count.to_string()]);
    let finished = program.arg("--maildir").arg(stage.path(maildir)).succeed()?;
    stage.note(finished.text().trim());
    Ok(())
}

fn message(number: usize) -> Vec<u8> {
    let lines = format!(".{number}\r\n{}\r\n", "0123456789abcdef".repeat(4)).repeat(1 + number % 50);
    format!("Subject: filled {number}\r\nMessage-ID: <filled{number}@mirror>\r\n\r\n{lines}").into_bytes()
}
