//! `mail show`
use crate::{account::Account, cli, decode, header, session::Mail, structure, text};
use imap_proto::{
    BodyStructure, Command, Fetch, FetchItem, FetchItems, Numbering, Section, SequenceSet,
    client::Event,
    response::{self, Payload, Untagged},
};
use std::{
    error::Error,
    fs::File,
    io::{self, Write},
    num::NonZeroU32,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Most octets of a part that are held to be decoded.
const LARGEST: usize = 64 << 20;

/// Why a message cannot be shown.
#[derive(Debug, Error)]
enum ShowError {
    #[error("{mailbox} has no message {uid}")]
    NoMessage { mailbox: String, uid: u32 },
    #[error("the message has no such part; it has:\n{0}")]
    NoPart(String),
    #[error("the message has no text; take one of its parts by --part:\n{0}")]
    NoText(String),
    #[error("the server tells no structure of the message; --raw shows it all the same")]
    NoStructure,
    #[error("a part of more than {LARGEST} octets; --raw takes it as it is")]
    TooLarge,
    #[error("cannot create {}", .path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("cannot write")]
    Write(#[source] io::Error),
}

/// Shows a message, or a part of it.
pub(crate) async fn show(account: &Account, show: &cli::Show) -> Result<(), Box<dyn Error>> {
    let mut mail = account.open().await?;
    mail.examine(&show.mailbox).await?;
    if show.raw {
        let section = match &show.part {
            Some(part) => Section::of_part(&part.0)?,
            None => Section::WHOLE,
        };
        let mut out = output(show.save.as_deref())?;
        octets(&mut mail, show, section, |piece| Ok(out.write_all(piece).map_err(ShowError::Write)?)).await?;
        out.flush().map_err(ShowError::Write)?;
    } else if show.headers {
        let fields = held(&mut mail, show, Section::HEADER).await?;
        let mut out = output(show.save.as_deref())?;
        let shown = text::block(&String::from_utf8_lossy(&fields));
        writeln!(out, "{}", shown.trim_end()).and_then(|()| out.flush()).map_err(ShowError::Write)?;
    } else {
        part(&mut mail, show).await?;
    }
    mail.close().await;
    Ok(())
}

/// The part that was asked for, or the one that is the text.
async fn part(mail: &mut Mail, show: &cli::Show) -> Result<(), Box<dyn Error>> {
    let asked = [FetchItem::Uid, FetchItem::Envelope, FetchItem::InternalDate, FetchItem::BodyStructure];
    let fetched = mail.fetch(Numbering::Uid, show.uid.into(), asked).await?;
    let fetch = fetched.iter().find(|fetch| is_of(fetch, show.uid)).ok_or_else(|| no_message(show))?;
    let structure = structure_of(fetch).ok_or(ShowError::NoStructure)?;
    let leaves = structure::leaves(structure);
    let listing = || {
        let lines: Vec<String> = leaves.iter().map(|leaf| format!("  {leaf}")).collect();
        lines.join("\n")
    };
    let chosen = match &show.part {
        Some(part) => {
            leaves.iter().find(|leaf| leaf.number == part.0).ok_or_else(|| ShowError::NoPart(listing()))?
        }
        None => structure::text(&leaves).ok_or_else(|| ShowError::NoText(listing()))?,
    };
    let octets = held(mail, show, Section::of_part(&chosen.number)?).await?;
    let mut out = output(show.save.as_deref())?;
    let shown = if show.save.is_some() {
        decode::file(chosen.part, &octets)
    } else {
        let mut shown = String::new();
        if show.part.is_none() {
            shown = head(fetch);
            let others = leaves.iter().filter(|leaf| leaf.number != chosen.number && leaf.is_attachment());
            others.for_each(|leaf| shown.push_str(&format!("Attached: {leaf}\n")));
            shown.push('\n');
        }
        shown.push_str(&text::block(&decode::text(chosen.part, &octets)));
        if !shown.ends_with('\n') {
            shown.push('\n');
        }
        shown.into_bytes()
    };
    Ok(out.write_all(&shown).and_then(|()| out.flush()).map_err(ShowError::Write)?)
}

/// From, To, Cc, Date and Subject.
fn head(fetch: &response::Fetch) -> String {
    use response::FetchItem;
    let mut shown = String::new();
    for item in &fetch.items {
        let FetchItem::Envelope(envelope) = item else { continue };
        let date = envelope.date().map(|date| header::unstructured(&date)).unwrap_or_default();
        let fields = [
            ("From", header::addresses(envelope.from())),
            ("To", header::addresses(envelope.to())),
            ("Cc", header::addresses(envelope.cc())),
            ("Date", date),
            ("Subject", header::subject(envelope)),
        ];
        for (name, field) in fields.iter().filter(|(_, field)| !field.is_empty()) {
            shown.push_str(&format!("{name}: {field}\n"));
        }
    }
    shown
}

fn is_of(fetch: &response::Fetch, uid: NonZeroU32) -> bool {
    fetch.items.contains(&response::FetchItem::Uid(uid.get()))
}

fn structure_of(fetch: &response::Fetch) -> Option<&BodyStructure> {
    fetch.items.iter().find_map(|item| match item {
        response::FetchItem::BodyStructure(structure) => Some(&**structure),
        _ => None,
    })
}

/// A section, held whole.
async fn held(mail: &mut Mail, show: &cli::Show, section: Section) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut held = Vec::new();
    octets(mail, show, section, |piece| {
        if held.len() + piece.len() > LARGEST {
            return Err(ShowError::TooLarge.into());
        }
        held.extend_from_slice(piece);
        Ok(())
    })
    .await?;
    Ok(held)
}

/// Hands on the octets of a section as they come; none of them is kept.
async fn octets(
    mail: &mut Mail,
    show: &cli::Show,
    section: Section,
    mut take: impl FnMut(&[u8]) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let Some(items) = FetchItems::new([FetchItem::peek(section)]) else { return Ok(()) };
    let set = SequenceSet::from(show.uid);
    let mut came = Came::Nothing;
    mail.each(Command::Fetch(Fetch { numbering: Numbering::Uid, set, items }), |event| match event {
        Event::Untagged(Untagged::Fetch(response::Fetch { items, .. })) | Event::FetchPart { items, .. } => {
            for item in items {
                let response::FetchItem::Content(content) = item else { continue };
                match content.payload {
                    Payload::Whole(octets) => take(&octets)?,
                    Payload::Streamed(_) => {}
                    Payload::Nil => {
                        came = Came::Nil;
                        continue;
                    }
                }
                came = Came::Octets;
            }
            Ok(())
        }
        Event::Payload(piece) => take(&piece),
        Event::Invalid { error, .. } => Err(error.into()),
        _ => Ok(()),
    })
    .await?;
    match came {
        Came::Octets => Ok(()),
        Came::Nil => Err(ShowError::NoPart("  (--part without --raw lists them)".to_owned()).into()),
        Came::Nothing => Err(no_message(show).into()),
    }
}

/// What a server sent of a section.
enum Came {
    Nothing,
    /// There is no such part.
    Nil,
    Octets,
}

fn no_message(show: &cli::Show) -> ShowError {
    ShowError::NoMessage { mailbox: text::line(&show.mailbox.to_str_lossy()), uid: show.uid.get() }
}

/// Standard output, or the file.
fn output(file: Option<&Path>) -> Result<Box<dyn Write>, ShowError> {
    match file {
        None => Ok(Box::new(io::stdout().lock())),
        Some(path) => File::create(path)
            .map(|file| Box::new(file) as Box<dyn Write>)
            .map_err(|source| ShowError::Create { path: path.to_owned(), source }),
    }
}
