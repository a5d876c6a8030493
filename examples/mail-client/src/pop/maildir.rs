//! Messages into a Maildir.
//!
//! A message is written to `tmp`, synced, and renamed to `new`, under a name that is made of the batch's name and of its
//! id. The batch is finished when `new` is synced and the state says so. Who is cut before that finds the messages of
//! the batch by their names, in `new` or wherever a reader has moved them.
use super::{
    id::Id,
    lines::{CrlfToLf, LineEnds},
    state::{Batch, State},
    store::StoreError,
};
use crate::durable;
use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufWriter, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Messages into a Maildir.
#[derive(Debug)]
pub(super) struct Maildir {
    root: PathBuf,
    account: Id,
    line_ends: LineEnds,
    /// Counts the files in `tmp`.
    count: u64,
    writing: Option<Writing>,
    /// Those of this batch, in `new`.
    ids: Vec<Id>,
}

#[derive(Debug)]
struct Writing {
    path: PathBuf,
    batch: Batch,
    file: BufWriter<File>,
    lines: CrlfToLf,
    octets: Vec<u8>,
}

impl Maildir {
    /// Opens a Maildir. Its folders are made where there are none.
    pub(super) fn open(root: &Path, account: Id, line_ends: LineEnds) -> Result<Self, StoreError> {
        for name in ["tmp", "new", "cur"] {
            let folder = root.join(name);
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
            made.map_err(|source| StoreError::of(&folder, source))?;
        }
        let synced = durable::sync_folder(root).and_then(|()| durable::sync_folder(durable::folder_of(root)));
        synced.map_err(|source| StoreError::of(root, source))?;
        let root = root.to_owned();
        Ok(Self { root, account, line_ends, count: 0, writing: None, ids: Vec::new() })
    }

    /// Finishes the batch of a run that was cut, and removes what it has left half written.
    pub(super) fn recover(&mut self, state: &mut State) -> Result<(), StoreError> {
        let ours = format!(".{}", self.account);
        each_name(&self.root.join("tmp"), |name| {
            if name.ends_with(&ours) {
                fs::remove_file(self.root.join("tmp").join(name))?;
            }
            Ok(())
        })?;
        let begins = batch_name(state.batch());
        let mut found = Vec::new();
        for folder in ["new", "cur"] {
            each_name(&self.root.join(folder), |name| {
                // A reader writes flags behind a colon, some systems behind another mark.
                let id = name.strip_prefix(&begins).and_then(|name| name.split_at_checked(Id::DIGITS));
                let id = id.filter(|(_, behind)| behind.starts_with(&ours)).and_then(|(id, _)| Id::parse(id));
                found.extend(id);
                Ok(())
            })?;
            let folder = self.root.join(folder);
            durable::sync_folder(&folder).map_err(|source| StoreError::of(&folder, source))?;
        }
        if found.is_empty() { Ok(()) } else { Ok(state.finish(found)?) }
    }

    /// A message begins.
    pub(super) fn begin(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.count += 1;
        let path =
            self.root.join("tmp").join(format!("{}{}.{}", batch_name(batch), self.count, self.account));
        let file = durable::private().write(true).create_new(true).open(&path);
        let file = BufWriter::with_capacity(64 << 10, file.map_err(|source| StoreError::of(&path, source))?);
        self.writing = Some(Writing { path, batch, file, lines: CrlfToLf::default(), octets: Vec::new() });
        Ok(())
    }

    /// A piece of it.
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        let Some(Writing { path, file, lines, octets, .. }) = &mut self.writing else { return Ok(()) };
        let written = match self.line_ends {
            LineEnds::AsSent => file.write_all(piece),
            LineEnds::Lf => {
                octets.clear();
                lines.push(piece, octets);
                file.write_all(octets)
            }
        };
        written.map_err(|source| StoreError::of(path, source))
    }

    /// The message is whole.
    pub(super) fn end(&mut self, id: Id) -> Result<(), StoreError> {
        let Some(Writing { path, batch, mut file, mut lines, mut octets }) = self.writing.take() else {
            return Ok(());
        };
        octets.clear();
        lines.finish(&mut octets);
        let name = format!("{}{id}.{}", batch_name(batch), self.account);
        let kept = file
            .write_all(&octets)
            .and_then(|()| file.flush())
            .and_then(|()| file.get_ref().sync_all())
            .and_then(|()| fs::rename(&path, self.root.join("new").join(name)));
        kept.map_err(|source| StoreError::of(&path, source))?;
        self.ids.push(id);
        Ok(())
    }

    /// The message is not wanted, or has no end.
    pub(super) fn abandon(&mut self) -> Result<(), StoreError> {
        match self.writing.take() {
            Some(Writing { path, .. }) => {
                fs::remove_file(&path).map_err(|source| StoreError::of(&path, source))
            }
            None => Ok(()),
        }
    }

    /// Remembers the messages that are whole.
    pub(super) fn commit(&mut self, state: &mut State) -> Result<(), StoreError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let new = self.root.join("new");
        durable::sync_folder(&new).map_err(|source| StoreError::of(&new, source))?;
        Ok(state.finish(self.ids.drain(..))?)
    }
}

/// How the names of a batch's files begin. Readers sort by the number in front.
fn batch_name(batch: Batch) -> String {
    format!("{}.N{}M", batch.seconds, batch.nanos)
}

/// Looks at the names in a folder. Those that are no text are not ours.
fn each_name(folder: &Path, mut look: impl FnMut(&str) -> io::Result<()>) -> Result<(), StoreError> {
    let failed = |source| StoreError::of(folder, source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        if let Some(name) = entry.map_err(failed)?.file_name().to_str() {
            look(name).map_err(failed)?;
        }
    }
    Ok(())
}
