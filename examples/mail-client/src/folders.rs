//! `mail list --folders`
use crate::{account::Account, text};
use imap_proto::{
    Command, List, MailboxName, Status, StatusItem, StatusItems,
    response::{self, Attribute, Untagged},
};
use std::{
    error::Error,
    io::{self, Write},
};

/// A mailbox, as it is shown.
struct Row {
    name: String,
    counts: String,
    attributes: String,
}

/// Lists the mailboxes of the account: how many messages, how many unread ones, attributes.
pub(crate) async fn list(account: &Account) -> Result<(), Box<dyn Error>> {
    let mut mail = account.open().await?;
    let all = List { reference: MailboxName::new("")?, pattern: MailboxName::new("*")? };
    let answer = mail.run(Command::List(all)).await?;
    let mut rows = Vec::new();
    for untagged in answer.untagged {
        let Untagged::List(listed) = untagged else { continue };
        let has = |attribute| listed.attributes.has(attribute);
        let is_none = has(Attribute::NoSelect) || has(Attribute::NonExistent);
        let counts = if is_none { "-".to_owned() } else { counts(&mut mail, &listed.mailbox).await? };
        rows.push(Row {
            name: text::line(&listed.mailbox.to_str_lossy()),
            counts,
            attributes: attributes(&listed),
        });
    }
    mail.close().await;
    rows.sort_by(|one, other| (one.name != "INBOX", &one.name).cmp(&(other.name != "INBOX", &other.name)));
    let width = rows.iter().map(|row| unicode_width::UnicodeWidthStr::width(row.name.as_str())).max();
    let mut out = io::stdout().lock();
    for row in rows {
        let name = text::fit(&row.name, width.unwrap_or(0).min(48));
        let shown = format!("{name}  {:>18}  {}", row.counts, row.attributes);
        writeln!(out, "{}", shown.trim_end())?;
    }
    Ok(())
}

/// `3 of 17 unread`; `?` where the server does not tell, such as of a mailbox that has just gone.
async fn counts(mail: &mut crate::session::Mail, mailbox: &MailboxName) -> Result<String, Box<dyn Error>> {
    let Some(items) = StatusItems::new([StatusItem::Messages, StatusItem::Unseen]) else {
        return Ok(String::new());
    };
    let command = Command::Status(Status { mailbox: mailbox.clone(), items });
    let answer = match mail.run(command).await {
        Ok(answer) => answer,
        Err(tokio_codec::imap::Error::Refused(_)) => return Ok("?".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let (mut messages, mut unseen) = (None, None);
    for untagged in &answer.untagged {
        let Untagged::MailboxStatus(status) = untagged else { continue };
        for item in &status.items {
            match item {
                response::StatusItem::Messages(count) => messages = Some(count),
                response::StatusItem::Unseen(count) => unseen = Some(count),
                _ => {}
            }
        }
        if let (Some(messages), Some(unseen)) = (messages, unseen) {
            return Ok(format!("{unseen} of {messages} unread"));
        }
    }
    Ok("?".to_owned())
}

fn attributes(listed: &response::List) -> String {
    let known = listed.attributes.iter().map(|attribute| attribute.as_str().to_owned());
    let others = listed.attributes.others().iter().map(|other| text::line(&other.to_str_lossy()));
    known.chain(others).collect::<Vec<_>>().join(" ")
}
