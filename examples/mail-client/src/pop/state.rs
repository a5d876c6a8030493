//! What is remembered between two runs.
//!
//! ```text
//! mail-pop 1                                  the form of this file
//! batch 1795339000 123456789                  names the files of the batch that is not finished
//! pending 4096 71234                          an mbox: where the batch begins, and its octets
//! p 0123456789abcdef0123456789abcdef          a message of that batch
//! s 0123456789abcdef0123456789abcdef          a message that is safely on disk
//! end
//! ```
use super::id::Id;
use crate::durable;
use std::{
    collections::HashSet,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

const FORM: &str = "mail-pop 1";

/// What is remembered between two runs: 33 octets a message that is on the server.
#[derive(Debug)]
pub(super) struct State {
    path: PathBuf,
    batch: Batch,
    pending: Option<Pending>,
    stored: HashSet<Id>,
}

/// Messages that become durable together. Its time is not told again, so that it is a name too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Batch {
    pub(super) seconds: u64,
    pub(super) nanos: u32,
}

/// A batch that is written down in a journal, and may have reached its mbox in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    /// Where in the mbox.
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) ids: Vec<Id>,
}

/// Why nothing is remembered.
#[derive(Debug, Error)]
pub(crate) enum StateError {
    #[error("cannot read or write {}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is damaged at line {line}; without it all messages count as new", .path.display())]
    Damaged { path: PathBuf, line: usize },
}

impl State {
    /// Reads what was remembered. Where nothing was, that is written down: names of files rest on it.
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        match fs::read_to_string(path) {
            Ok(text) => {
                Self::parse(path, &text).map_err(|line| StateError::Damaged { path: path.to_owned(), line })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let batch = Batch { seconds: 0, nanos: 0 }.next();
                let state = Self { path: path.to_owned(), batch, pending: None, stored: HashSet::new() };
                state.write()?;
                Ok(state)
            }
            Err(source) => Err(StateError::File { path: path.to_owned(), source }),
        }
    }

    /// The batch that is not finished.
    pub(super) fn batch(&self) -> Batch {
        self.batch
    }

    /// Is the message safely on disk?
    pub(super) fn has(&self, id: Id) -> bool {
        self.stored.contains(&id)
    }

    /// How many messages are.
    pub(super) fn len(&self) -> usize {
        self.stored.len()
    }

    /// Is a message remembered by its unique-id?
    pub(super) fn has_unique_ids(&self) -> bool {
        self.stored.iter().any(|id| id.is_of_unique_id())
    }

    /// Those for which `is_kept` is false are no longer on the server.
    pub(super) fn retain(&mut self, is_kept: impl Fn(Id) -> bool) -> Result<(), StateError> {
        let before = self.stored.len();
        self.stored.retain(|id| is_kept(*id));
        if self.stored.len() == before { Ok(()) } else { self.write() }
    }

    /// What may have reached the mbox in part.
    pub(super) fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    /// From here on the batch is brought to its mbox, whatever happens.
    pub(super) fn promise(&mut self, pending: Pending) -> Result<(), StateError> {
        self.pending = Some(pending);
        self.write()
    }

    /// The batch is on disk, and these are its messages. Another begins.
    pub(super) fn finish(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<(), StateError> {
        let pending = self.pending.take().map(|pending| pending.ids);
        self.stored.extend(pending.into_iter().flatten().chain(ids));
        self.batch = self.batch.next();
        self.write()
    }

    /// What was promised cannot be kept: its messages count as new.
    pub(super) fn break_promise(&mut self) -> Result<(), StateError> {
        self.pending = None;
        self.finish([])
    }

    fn write(&self) -> Result<(), StateError> {
        let mut text = String::with_capacity(100 + (3 + Id::DIGITS) * self.stored.len());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{FORM}\nbatch {} {}", self.batch.seconds, self.batch.nanos);
        if let Some(Pending { offset, length, ids }) = &self.pending {
            let _ = writeln!(text, "pending {offset} {length}");
            for id in ids {
                let _ = writeln!(text, "p {id}");
            }
        }
        for id in &self.stored {
            let _ = writeln!(text, "s {id}");
        }
        text.push_str("end\n");
        durable::replace(&self.path, text.as_bytes())
            .map_err(|source| StateError::File { path: self.path.clone(), source })
    }

    /// `Err`: the line that makes no sense.
    fn parse(path: &Path, text: &str) -> Result<Self, usize> {
        let (mut batch, mut pending, mut stored, mut has_end) = (None, None, HashSet::new(), false);
        let mut count = 0;
        for (index, line) in text.lines().enumerate() {
            count = index + 1;
            let mut words = line.split(' ');
            let understood = match (index, words.next(), words.next(), words.next(), words.next()) {
                (0, ..) => (line == FORM).then_some(()),
                _ if has_end => None,
                (_, Some("batch"), Some(seconds), Some(nanos), None) => {
                    batch = seconds.parse().ok().zip(nanos.parse().ok());
                    batch.map(|_| ())
                }
                (_, Some("pending"), Some(offset), Some(length), None) => {
                    let numbers = offset.parse().ok().zip(length.parse().ok());
                    pending = numbers.map(|(offset, length)| Pending { offset, length, ids: Vec::new() });
                    pending.as_ref().map(|_| ())
                }
                (_, Some("p"), Some(id), None, None) => {
                    pending.as_mut().zip(Id::parse(id)).map(|(pending, id)| pending.ids.push(id))
                }
                (_, Some("s"), Some(id), None, None) => {
                    let id = Id::parse(id);
                    stored.extend(id);
                    id.map(|_| ())
                }
                (_, Some("end"), None, ..) => {
                    has_end = true;
                    Some(())
                }
                _ => None,
            };
            understood.ok_or(count)?;
        }
        let (seconds, nanos) = batch.filter(|_| has_end).ok_or(count + 1)?;
        Ok(Self { path: path.to_owned(), batch: Batch { seconds, nanos }, pending, stored })
    }
}

impl Batch {
    /// The batch behind this one: named by the time, and later whatever the clock says.
    fn next(self) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Self { seconds: now.as_secs(), nanos: now.subsec_nanos() };
        if now > self { now } else { Self { seconds: self.seconds + 1, nanos: self.nanos } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mail-state-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn what_was_remembered_is_known_in_the_next_run() {
        let path = scratch("known").join("state");
        let mut state = State::open(&path).unwrap();
        let ids = ["a", "b", "c"].map(Id::of_unique_id);
        let first = state.batch();
        state.finish([ids[0]]).unwrap();
        assert!(state.batch() > first, "two batches have one name");
        let pending = Pending { offset: 7, length: 9, ids: vec![ids[1]] };
        state.promise(pending.clone()).unwrap();
        let mut state = State::open(&path).unwrap();
        assert_eq!(state.pending(), Some(&pending));
        assert!(state.has(ids[0]) && !state.has(ids[1]) && !state.has(ids[2]));
        state.finish([]).unwrap();
        let mut state = State::open(&path).unwrap();
        assert!(state.has(ids[1]) && state.pending().is_none());
        state.retain(|id| id == ids[1]).unwrap();
        assert_eq!(State::open(&path).unwrap().len(), 1);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_damaged_state_is_not_taken_for_an_empty_one() {
        let path = scratch("damaged").join("state");
        let whole = format!("{FORM}\nbatch 1 2\ns {}\nend\n", Id::of_unique_id("a"));
        for (text, line) in [
            (String::new(), 1),
            (whole.replace("end\n", ""), 4),
            (whole.replace("pop 1", "pop 2"), 1),
            (whole.replace("\ns ", "\ns x"), 3),
            (whole.replace("end", "pending 1 x\nend"), 4),
            (format!("{whole}s 1\n"), 5),
        ] {
            fs::write(&path, &text).unwrap();
            match State::open(&path) {
                Err(StateError::Damaged { line: told, .. }) => assert_eq!(told, line, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        fs::write(&path, whole).unwrap();
        assert_eq!(State::open(&path).unwrap().len(), 1);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}
