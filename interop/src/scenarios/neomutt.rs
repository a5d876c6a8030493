//! neomutt reads, flags, saves, copies and deletes, driven by the keys that a user would press.

use super::Scenario;
use crate::failure::{Outcome, ensure};
use crate::process::{find, python};
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("neomutt: imaps, read, flag, save, copy, delete", |stage, target| {
        batch(stage, target, &format!("imaps://localhost:{}/", target.imaps.port()))
    }),
    Scenario::imap("neomutt: imap, STARTTLS, read, flag, save, copy, delete", |stage, target| {
        batch(stage, target, &format!("imap://localhost:{}/", target.imap.port()))
    }),
];

const SUBJECTS: [&str; 7] = ["alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf"];

/// Each line is a step: messages are chosen by subject, then something is done with them.
const KEYS: &[&str] = &[
    "<tag-pattern>~s alfa<enter><tag-prefix><flag-message><untag-pattern>~A<enter>",
    "<tag-pattern>~s bravo<enter><tag-prefix><delete-message><untag-pattern>~A<enter>",
    "<tag-pattern>~s charlie<enter><tag-prefix><save-message>=Saved<enter><untag-pattern>~A<enter>",
    "<tag-pattern>~s delta<enter><tag-prefix><set-flag>r<untag-pattern>~A<enter>",
    "<tag-pattern>~s echo<enter><tag-prefix><copy-message>=Archive<enter><untag-pattern>~A<enter>",
    "<search>~s foxtrot<enter><display-message><exit>",
    "<sync-mailbox><change-folder>=Archive<enter><change-folder>=INBOX<enter><quit>",
];

fn batch(stage: &Stage, target: &ImapTarget, url: &str) -> Outcome {
    let message = |subject: &&str| format!("Subject: {subject}\r\n\r\n.text of {subject}\r\n");
    target.deliver(SUBJECTS.iter().map(message))?;
    let before = target.folder(stage, "INBOX")?;
    let configuration = format!(
        "set folder = {url}\n\
         set spoolfile = =INBOX\n\
         set imap_user = {user}\n\
         set imap_pass = {password}\n\
         set certificate_file = {certificate}\n\
         set ssl_force_tls = yes\n\
         set confirmcreate = no\n\
         set confirmappend = no\n\
         set delete = yes\n\
         set move = no\n\
         set quit = yes\n\
         set mark_old = no\n\
         set wait_key = no\n\
         set pager_stop = yes\n\
         set timeout = 1\n",
        user = target.user,
        password = target.password,
        certificate = target.certificate.display(),
    );
    let configuration = stage.write_private("neomuttrc", configuration)?;
    let keys = format!("push \"{}\"", KEYS.concat());
    python("terminal.py")?
        .env("HOME", stage.folder())
        .arg(find("neomutt")?)
        .args(["-n", "-F", &configuration.display().to_string()])
        .args(["-f", &format!("{url}INBOX"), "-e", &keys])
        .succeed()?;
    target.expect_folder(
        stage,
        "INBOX",
        &[
            ("alfa", "\\Flagged"),
            ("delta", "\\Answered \\Seen"),
            ("echo", ""),
            ("foxtrot", "\\Seen"),
            ("golf", ""),
        ],
    )?;
    target.expect_folder(stage, "Saved", &[("charlie", "")])?;
    target.expect_folder(stage, "Archive", &[("echo", "")])?;
    for folder in ["Saved", "Archive", "INBOX"] {
        for stored in target.folder(stage, folder)? {
            let subject = stored.field("Subject");
            let same = before.iter().any(|before| before.octets == stored.octets);
            ensure!(same, "message `{subject}` in {folder} was changed");
        }
    }
    Ok(())
}
