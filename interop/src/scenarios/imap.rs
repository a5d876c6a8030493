//! Python's imaplib and plain sessions: every command of IMAP, in the scripts `imap_*.py` of `interop/python`.

use super::Scenario;
use crate::failure::Outcome;
use crate::process::python;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap(
        "imap: no login in clear, STARTTLS, LOGIN, AUTHENTICATE, what is offered when",
        |_, target| run(target, "imap_login.py"),
    ),
    Scenario::imap("imap: a command sent along with STARTTLS is not answered", injection),
    Scenario::imap("imap: folders, nested, in every script, subscribed, renamed, deleted", |_, target| {
        run(target, "imap_folders.py")
    }),
    Scenario::imap("imap: APPEND FETCH STORE COPY MOVE EXPUNGE, octet for octet", |_, target| {
        run(target, "imap_messages.py")
    }),
    Scenario::imap("imap: SEARCH by flags, dates, fields, text, in UTF-8", |_, target| {
        run(target, "imap_search.py")
    }),
    Scenario::imap("imap: IDLE is told of mail, flags and expunges within 2 s", |_, target| {
        run(target, "imap_idle.py")
    }),
    Scenario::imap("imap: junk and mistakes are answered BAD and NO", |_, target| {
        run(target, "imap_errors.py")
    }),
    Scenario::imap("imap: what POP3 deletes is gone from IMAP, and the other way round", |_, target| {
        run(target, "imap_pop3.py")
    }),
    Scenario::imap("imap: 1000 changes by two clients, each keeps the right picture", views),
];

fn run(target: &ImapTarget, script: &str) -> Outcome {
    target.script(script)?.succeed().map(|_| ())
}

fn views(stage: &Stage, target: &ImapTarget) -> Outcome {
    let finished = target.script("imap_views.py")?.args(["--changes", "1000"]).succeed()?;
    stage.note(finished.text().trim());
    Ok(())
}

fn injection(_: &Stage, target: &ImapTarget) -> Outcome {
    let script = python("injection.py")?;
    let address = ["--host", &target.imap.ip().to_string(), "--port", &target.imap.port().to_string()];
    let program = script.args(address).args(["--protocol", "imap", "--certificate"]).arg(&target.certificate);
    program.succeed().map(|_| ())
}
