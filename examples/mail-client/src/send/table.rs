//! What became of the message for each recipient.
use crate::text;
use smtp_proto::{
    Mailbox, Reply,
    delivery::{Outcome, Unsent, Verdict},
};
use unicode_width::UnicodeWidthStr;

/// Most columns of a recipient's address.
const WIDEST: usize = 40;

/// One line for each recipient: what became of the message, who it is, the code, the server's words.
pub(super) fn table(recipients: &[Mailbox], outcomes: &[Outcome]) -> String {
    let shown: Vec<String> = recipients.iter().map(|mailbox| text::line(mailbox.as_str())).collect();
    let columns = shown.iter().map(|address| address.width()).max().unwrap_or(0).min(WIDEST);
    let mut table = String::new();
    for (address, outcome) in shown.iter().zip(outcomes) {
        // An address is not cut: it would be another one.
        let pad = " ".repeat(columns.saturating_sub(address.width()));
        let code = outcome.reply().map_or("-".to_owned(), |reply| reply.code().to_string());
        let line = format!("{:<8}  {address}{pad}  {code:<3}  {}", name(outcome), words(outcome));
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome.verdict() {
        Verdict::Delivered => "accepted",
        Verdict::Later => "deferred",
        Verdict::Never => "refused",
        Verdict::Unknown => "unknown",
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unknown => "all of it was sent, and no answer came: it may have been delivered".to_owned(),
        Outcome::Unsent(unsent) => match outcome.reply() {
            // The session's last words: why it ended.
            Some(reply) if matches!(unsent, Unsent::SessionOver(_)) => said(reply),
            _ => text::line(&unsent.to_string()),
        },
        Outcome::Accepted(reply) | Outcome::Refused { reply, .. } => said(reply),
        _ => String::new(),
    }
}

fn said(reply: &Reply) -> String {
    let enhanced = reply.enhanced().map(|code| code.to_string());
    let lines = reply.lines().map(|line| text::line(&String::from_utf8_lossy(line)));
    enhanced.into_iter().chain(lines).collect::<Vec<_>>().join(" ")
}
