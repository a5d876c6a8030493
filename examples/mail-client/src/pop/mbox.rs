//! Messages into an mbox.
//!
//! They come into a journal beside it. When a batch of them is whole and durable there, the state says where in the mbox
//! it begins, and it is appended: an attempt that is cut is completed by the next run, from the journal. So the mbox is
//! locked for a moment only, and what comes slowly or never ends is not in it.
mod journal;
mod lock;
mod quote;

use super::{
    id::Id,
    lines::CrlfToLf,
    state::{Batch, Pending, State},
    store::StoreError,
};
use crate::durable;
use journal::Place;
use lock::Locked;
use quote::Quote;
use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use time::{OffsetDateTime, macros::format_description};

/// Messages into an mbox.
#[derive(Debug)]
pub(super) struct Mbox {
    path: PathBuf,
    account: Id,
    journal_path: PathBuf,
    journal: BufWriter<File>,
    /// Octets of the messages in the journal that are whole.
    whole: u64,
    ids: Vec<Id>,
    lines: CrlfToLf,
    quote: Quote,
    octets: Vec<u8>,
}

impl Mbox {
    /// Opens the journal.
    pub(super) fn open(path: &Path, account: Id, journal_path: PathBuf) -> Result<Self, StoreError> {
        let failed = |source| StoreError::of(&journal_path, source);
        let mut options = durable::private();
        let journal = options.read(true).write(true).create(true).truncate(false).open(&journal_path);
        let journal = BufWriter::with_capacity(64 << 10, journal.map_err(failed)?);
        durable::sync_folder(durable::folder_of(&journal_path)).map_err(failed)?;
        let (lines, quote, octets) = (CrlfToLf::default(), Quote::default(), Vec::new());
        let path = path.to_owned();
        Ok(Self { path, account, journal_path, journal, whole: 0, ids: Vec::new(), lines, quote, octets })
    }

    /// Completes what an earlier run has promised.
    pub(super) fn recover(&mut self, state: &mut State) -> Result<(), StoreError> {
        if let Some(pending) = state.pending() {
            let length = self.journal.get_ref().metadata().map_err(|source| self.failed(source))?.len();
            if length < pending.length {
                // Somebody took the journal away.
                state.break_promise()?;
            } else {
                let mbox = Locked::open(&self.path)?;
                self.keep(&mbox, pending.offset, pending.length, state.batch())?;
                drop(mbox);
                state.finish([])?;
            }
        }
        self.cut()
    }

    /// A message begins.
    pub(super) fn begin(&mut self, batch: Batch) -> Result<(), StoreError> {
        let now = OffsetDateTime::now_utc();
        let form = format_description!(
            "[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"
        );
        let now = now.format(form).unwrap_or_else(|_| "Thu Jan  1 00:00:00 1970".to_owned());
        let line = format!("{}{}@{} {now}\n", marker(batch), self.ids.len() + 1, self.account);
        self.journal.write_all(line.as_bytes()).map_err(|source| self.failed(source))
    }

    /// A piece of it.
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        self.octets.clear();
        self.lines.push(piece, &mut self.octets);
        self.quoted()
    }

    /// The message is whole.
    pub(super) fn end(&mut self, id: Id) -> Result<(), StoreError> {
        self.octets.clear();
        self.lines.finish(&mut self.octets);
        self.quoted()?;
        self.octets.clear();
        self.quote.finish(&mut self.octets);
        let written = self.journal.write_all(&self.octets).and_then(|()| self.journal.stream_position());
        self.whole = written.map_err(|source| self.failed(source))?;
        self.ids.push(id);
        Ok(())
    }

    /// The message is not wanted, or has no end.
    pub(super) fn abandon(&mut self) -> Result<(), StoreError> {
        (self.lines, self.quote) = (CrlfToLf::default(), Quote::default());
        self.back_to(self.whole)
    }

    /// Brings the messages that are whole to the mbox.
    pub(super) fn commit(&mut self, state: &mut State) -> Result<(), StoreError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let synced = self.journal.flush().and_then(|()| self.journal.get_ref().sync_all());
        synced.map_err(|source| self.failed(source))?;
        let mbox = Locked::open(&self.path)?;
        let offset = end_of(&mbox.file).map_err(|source| StoreError::of(&self.path, source))?;
        let ids = std::mem::take(&mut self.ids);
        state.promise(Pending { offset, length: self.whole, ids })?;
        self.keep(&mbox, offset, self.whole, state.batch())?;
        drop(mbox);
        state.finish([])?;
        self.cut()
    }

    fn quoted(&mut self) -> Result<(), StoreError> {
        let mut quoted = Vec::with_capacity(self.octets.len() + 64);
        self.quote.push(&self.octets, &mut quoted);
        self.journal.write_all(&quoted).map_err(|source| self.failed(source))
    }

    fn keep(&self, mbox: &Locked, offset: u64, length: u64, batch: Batch) -> Result<(), StoreError> {
        let marker = marker(batch);
        let place = Place { offset, length, marker: marker.as_bytes() };
        let brought = journal::bring(self.journal.get_ref(), &mbox.file, place);
        brought.and_then(|()| mbox.file.sync_all()).map_err(|source| StoreError::of(&self.path, source))
    }

    /// Empties the journal.
    fn cut(&mut self) -> Result<(), StoreError> {
        self.whole = 0;
        self.ids.clear();
        self.back_to(0)
    }

    fn back_to(&mut self, length: u64) -> Result<(), StoreError> {
        let sought = self.journal.seek(SeekFrom::Start(length));
        let cut = sought.and_then(|_| self.journal.get_ref().set_len(length));
        cut.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::of(&self.journal_path, source)
    }
}

/// How the line before each message of a batch begins.
fn marker(batch: Batch) -> String {
    format!("From mail-pop-{}.{}.", batch.seconds, batch.nanos)
}

/// The end of an mbox: behind an empty line, which is written where there is none.
fn end_of(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut last = [b'\n'; 2];
    let start = length.saturating_sub(2);
    let most = usize::try_from(length - start).unwrap_or(0);
    // Of a shorter file the rest counts as an empty line.
    let place = last.get_mut(2 - most..).unwrap_or_default();
    file.read_exact_at(place, start)?;
    let missing: &[u8] = match last {
        [b'\n', b'\n'] => b"",
        [_, b'\n'] => b"\n",
        _ => b"\n\n",
    };
    file.write_all_at(missing, length)?;
    Ok(length + missing.len() as u64)
}
