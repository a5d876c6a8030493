//! imapfilter sorts a mailbox by rules.

use super::Scenario;
use crate::failure::Outcome;
use crate::process::Program;
use crate::stage::Stage;
use crate::target::ImapTarget;

pub(super) const ALL: &[Scenario] = &[
    Scenario::imap("imapfilter: imaps, rules by subject, sender, text and flags", |stage, target| {
        sort(stage, target, target.imaps.port(), "ssl = 'auto'")
    }),
    Scenario::imap(
        "imapfilter: imap, STARTTLS, rules by subject, sender, text and flags",
        |stage, target| sort(stage, target, target.imap.port(), ""),
    ),
];

/// Sender, subject and text of the messages, and where each belongs.
const MESSAGES: &[(&str, &str, &str)] = &[
    ("list@example.test", "[list] one", "for the list"),
    ("boss@example.test", "urgent", "to be flagged"),
    ("spam@example.test", "win", "buy now, cheap"),
    ("carol@example.test", "Re: [list] two", "for the list"),
    ("carol@example.test", "report", "to be copied"),
    ("dave@example.test", "stays", "nothing special"),
];

const RULES: &str = r"
account:create_mailbox('Lists/Rust')
account:subscribe_mailbox('Lists/Rust')
account.INBOX:contain_subject('[list]'):move_messages(account['Lists/Rust'])
account.INBOX:contain_from('boss@example.test'):mark_flagged()
account.INBOX:match_body('buy now, *cheap'):delete_messages()
account.INBOX:contain_subject('report'):copy_messages(account.Archive)
local stays = account.INBOX:is_unseen() * account.INBOX:contain_field('Subject', 'stays')
stays:mark_seen()
local small = account.INBOX:is_smaller(100000) * account.INBOX:is_flagged()
small:add_flags({ '$Sorted' })
";

fn sort(stage: &Stage, target: &ImapTarget, port: u16, tls: &str) -> Outcome {
    let message = |(sender, subject, text): &(&str, &str, &str)| {
        format!("From: <{sender}>\r\nSubject: {subject}\r\n\r\n{text}\r\n")
    };
    target.deliver(MESSAGES.iter().map(message))?;
    let account = format!(
        "options.timeout = 20\n\
         options.create = true\n\
         account = IMAP {{\n\
           server = 'localhost', port = {port}, username = '{}', password = '{}', {tls}\n\
         }}\n",
        target.user, target.password
    );
    let configuration = stage.write_private("imapfilter.lua", format!("{account}{RULES}"))?;
    let run = || -> Outcome {
        let program = Program::new("imapfilter")?.env("HOME", stage.folder());
        program.arg("-t").arg(&target.certificate).arg("-c").arg(&configuration).succeed().map(|_| ())
    };
    let sorted = || -> Outcome {
        let inbox = [("urgent", "$Sorted \\Flagged"), ("report", ""), ("stays", "\\Seen")];
        target.expect_folder(stage, "INBOX", &inbox)?;
        target.expect_folder(stage, "Lists/Rust", &[("[list] one", ""), ("Re: [list] two", "")])
    };
    run()?;
    sorted()?;
    target.expect_folder(stage, "Archive", &[("report", "")])?;
    // Another run finds nothing more to sort, but copies again.
    run()?;
    sorted()?;
    target.expect_folder(stage, "Archive", &[("report", ""), ("report", "")])
}
