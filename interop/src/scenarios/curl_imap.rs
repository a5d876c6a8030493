//! curl over IMAP: URLs of folders, messages and sections, uploads, and commands of one's own.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::message;
use crate::process::Program;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("curl: imap, STARTTLS, LIST FETCH APPEND STORE SEARCH", |stage, target| {
        mailbox(stage, target, Connection::StartTls)
    }),
    Scenario::imap("curl: imaps, LIST FETCH APPEND STORE SEARCH", |stage, target| {
        mailbox(stage, target, Connection::OnConnect)
    }),
    Scenario::imap("curl: imap, AUTH PLAIN with and without SASL-IR", logins),
    Scenario::imap("curl: imap login without TLS is refused", login_in_clear),
];

/// How TLS comes to be.
#[derive(Clone, Copy)]
enum Connection {
    StartTls,
    OnConnect,
}

fn mailbox(stage: &Stage, target: &ImapTarget, connection: Connection) -> Outcome {
    // A path, such as `INBOX;UID=1`, and what else is asked of curl.
    let curl = |path: &str, options: &[&str]| -> Outcome<Vec<u8>> {
        let program = program(target)?.args(["--user", &user(target)]).args(options);
        let program = match connection {
            Connection::StartTls => program.args(["--ssl-reqd", &target.imap_url(path)]),
            Connection::OnConnect => program.arg(target.imaps_url(path)),
        };
        Ok(program.succeed().during(format!("{path} {options:?}"))?.stdout)
    };
    let text = |path: &str, options: &[&str]| -> Outcome<String> {
        Ok(String::from_utf8_lossy(&curl(path, options)?).into_owned())
    };

    let list = text("", &[])?;
    for folder in ["INBOX", "Sent", "Drafts", "Trash", "Junk", "Archive"] {
        ensure!(list.contains(folder), "LIST shows no {folder}: {list}");
    }
    let special = text("", &["--request", "LIST \"\" Sent"])?;
    ensure!(special.contains("\\Sent"), "LIST shows no \\Sent: {special}");

    // What SMTP brought is read by UID and by number, octet for octet.
    let samples = message::samples();
    target.deliver(samples.iter().map(|sample| &sample.octets))?;
    for (number, sample) in (1..).zip(&samples) {
        let stored = curl(&format!("INBOX;MAILINDEX={number}"), &[])?;
        message::check_stored(&stored, &sample.octets, target.trace)
            .during(format!("message `{}`", sample.name))?;
        let by_uid = curl(&format!("INBOX;UID={number}"), &[])?;
        ensure!(by_uid == stored, "UID {number} and number {number} are not the same message");
    }
    let whole = curl("INBOX;UID=2", &[])?;
    let header = curl("INBOX;UID=2;SECTION=HEADER", &[])?;
    let body = curl("INBOX;UID=2;SECTION=TEXT", &[])?;
    ensure!([header, body.clone()].concat() == whole, "header and text are not the message");
    ensure!(curl("INBOX;UID=2;SECTION=1", &[])? == body, "part 1 of a message in one part is not its text");
    let subject = text("INBOX;UID=2;SECTION=HEADER.FIELDS%20(SUBJECT)", &[])?;
    ensure!(subject == "Subject: interop, dots\r\n\r\n", "the field alone is {subject:?}");

    // APPEND: what curl uploads is there, octet for octet.
    for sample in &samples {
        let file = stage.write("curl-data", &sample.octets)?;
        curl("Archive", &["--upload-file", &file.display().to_string()])
            .during(format!("appending `{}`", sample.name))?;
    }
    let appended = target.folder(stage, "Archive")?;
    ensure!(appended.len() == samples.len(), "{} messages were appended", appended.len());
    for (stored, sample) in appended.iter().zip(&samples) {
        ensure!(stored.octets == sample.octets, "appended message `{}` was changed", sample.name);
    }

    let read = curl("Archive;MAILINDEX=2", &[])?;
    ensure!(appended.get(1).is_some_and(|stored| stored.octets == read), "curl reads it otherwise");

    // Commands of one's own, on a folder that curl selects.
    let stored = text("Archive", &["--request", "STORE 1:2 +FLAGS (\\Deleted \\Flagged)"])?;
    ensure!(stored.matches("FETCH").count() == 2 && stored.contains("\\Flagged"), "STORE says {stored:?}");
    let found = text("Archive", &["--request", "SEARCH FLAGGED DELETED"])?;
    ensure!(found == "* SEARCH 1 2\r\n", "SEARCH says {found:?}");
    let found = text("Archive?SUBJECT%20dots", &[])?;
    ensure!(found == "* SEARCH 2\r\n", "a URL that searches says {found:?}");
    let examined = text("", &["--request", "EXAMINE Archive"])?;
    ensure!(examined.contains(&format!("* {} EXISTS", samples.len())), "EXAMINE says {examined:?}");
    let fetched = text("Archive", &["--request", "FETCH 1:2 FLAGS"])?;
    ensure!(fetched.matches("\\Deleted").count() == 2, "FETCH says {fetched:?}");
    let expunged = text("Archive", &["--request", "EXPUNGE"])?;
    ensure!(expunged.matches("EXPUNGE").count() == 2, "EXPUNGE says {expunged:?}");
    let left = target.folder(stage, "Archive")?;
    let expected: Vec<&[u8]> = samples.iter().skip(2).map(|sample| sample.octets.as_slice()).collect();
    let left: Vec<&[u8]> = left.iter().map(|stored| stored.octets.as_slice()).collect();
    ensure!(left == expected, "EXPUNGE left {} messages, or others", left.len());

    curl("", &["--request", "CREATE Made/Below"])?;
    let made = text("", &["--request", "LIST \"\" Made/*"])?;
    ensure!(made.contains("Made/Below"), "LIST says {made:?}");
    let program = program(target)?.args(["--user", &user(target)]);
    program.arg(target.imaps_url("Missing;UID=1")).refuse()?;
    Ok(())
}

fn logins(stage: &Stage, target: &ImapTarget) -> Outcome {
    target.deliver([b"Subject: for curl\r\n\r\ntext\r\n"])?;
    let ways: [&[&str]; 2] =
        [&["--login-options", "AUTH=PLAIN"], &["--login-options", "AUTH=PLAIN", "--sasl-ir"]];
    for options in ways {
        let with = |password: &str| -> Outcome<Program> {
            let program = program(target)?.args(["--user", &format!("{}:{password}", target.user)]);
            Ok(program.args(options).args(["--ssl-reqd", &target.imap_url("INBOX;UID=1;SECTION=TEXT")]))
        };
        let read = with(target.password)?.succeed().during(format!("{options:?}"))?;
        ensure!(read.stdout == b"text\r\n", "{options:?}: {read}");
        with("wrong")?.refuse()?;
    }
    target.expect_folder(stage, "INBOX", &[("for curl", "\\Seen")])
}

fn login_in_clear(stage: &Stage, target: &ImapTarget) -> Outcome {
    target.deliver([b"Subject: for curl\r\n\r\ntext\r\n"])?;
    for options in [&[] as &[&str], &["--login-options", "AUTH=PLAIN"]] {
        let program = program(target)?.args(["--user", &user(target)]).args(options);
        program.arg(target.imap_url("INBOX;UID=1")).refuse()?;
    }
    target.expect_folder(stage, "INBOX", &[("for curl", "")])
}

fn user(target: &ImapTarget) -> String {
    format!("{}:{}", target.user, target.password)
}

/// curl, quiet but for errors, trusting the server's certificate and nothing else.
fn program(target: &ImapTarget) -> Outcome<Program> {
    let program = Program::new("curl")?.args(["--silent", "--show-error", "--max-time", "60", "--disable"]);
    Ok(program.arg("--cacert").arg(&target.certificate))
}
