//! imapflow, the IMAP client that most programs on Node.js use.

use super::Scenario;
use crate::failure::Outcome;
use crate::node;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("imapflow: imaps, IDLE, fetch, search, flags, move, append", |stage, target| {
        run(stage, target, "connect")
    }),
    Scenario::imap("imapflow: imap, STARTTLS, IDLE, fetch, search, flags, move, append", |stage, target| {
        run(stage, target, "start")
    }),
];

fn run(stage: &Stage, target: &ImapTarget, tls: &str) -> Outcome {
    let program = node::script("imapflow.js")?.args(["--tls", tls]);
    target.tell(program).succeed()?;
    target.expect_folder(stage, "INBOX", &[("number 1", "$Noted \\Seen")])?;
    target.expect_folder(stage, "Archive", &[("number 2", ""), ("appended", "\\Seen")])
}
