//! What is remembered between two runs.
//!
//! ```text
//! mail-pop 2                                  the form of this file
//! batch 1795339000 123456789                  names the files of the batch that is not finished
//! pending 4096 71234                          an mbox: where the batch begins, and its octets
//! p 0123456789abcdef0123456789abcdef          a message of that batch
//! s 0123456789abcdef0123456789abcdef 71       a message that is safely on disk, and its octets as the server told
//! g 0123456789abcdef0123456789abcdef 71 20777 one that was gone from the server on that day after 1970
//! end
//! ```
//!
//! `mail-pop 1` had neither octets nor days.
use super::id::Id;
use crate::durable;
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

const FORM: &str = "mail-pop 2";
const OLD_FORM: &str = "mail-pop 1";
/// Days for which a message that is gone from the server is remembered: it may come back.
const DAYS: u64 = 90;
/// Most messages that are gone and remembered: some 5 MB.
const MOST_GONE: usize = 100_000;

/// What is remembered between two runs: some 45 octets a message.
#[derive(Debug)]
pub(super) struct State {
    path: PathBuf,
    batch: Batch,
    pending: Option<Pending>,
    stored: HashMap<Id, Stored>,
}

/// A message that is safely on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stored {
    /// As the server tells them in LIST, or 0: it was not told.
    octets: u64,
    /// The day, counted from 1970, on which the server no longer had it.
    gone: Option<u64>,
}

/// What a run has seen.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    /// The messages that are on the server and safely on disk, and their octets.
    pub(super) there: HashMap<Id, u64>,
    /// Those that the server has deleted because it was told to.
    pub(super) deleted: &'a HashSet<Id>,
    /// Where the others are.
    pub(super) others: Others,
}

/// Messages that are remembered, and were not seen in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// All that the server has was looked at.
    Gone,
    /// They may be among those that were not looked at.
    Unknown,
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
                let state = Self { path: path.to_owned(), batch, pending: None, stored: HashMap::new() };
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

    /// Is this message safely on disk? One that was gone, and has other octets now, is another one: a server may use
    /// the unique-id of a message that is gone again.
    pub(super) fn has(&self, id: Id, octets: u64) -> bool {
        let is_same =
            |was: &Stored| was.gone.is_none() || was.octets == octets || was.octets == 0 || octets == 0;
        self.stored.get(&id).is_some_and(is_same)
    }

    /// How many messages are.
    pub(super) fn len(&self) -> usize {
        self.stored.len()
    }

    /// Those that the server had in the last run, and that are known by their unique-ids.
    pub(super) fn with_unique_ids(&self) -> impl Iterator<Item = Id> + '_ {
        let there = self.stored.iter().filter(|(_, stored)| stored.gone.is_none());
        there.map(|(id, _)| *id).filter(|id| id.is_of_unique_id())
    }

    /// Takes down what was seen. What the server was told to delete is forgotten: its unique-id may be used again. What
    /// is gone otherwise may come back, and is forgotten later.
    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Result<(), StateError> {
        let before = self.stored.clone();
        let today = today();
        for (id, octets) in &seen.there {
            self.stored.insert(*id, Stored { octets: *octets, gone: None });
        }
        self.stored.retain(|id, stored| {
            if seen.others == Others::Gone && !seen.there.contains_key(id) {
                stored.gone = stored.gone.or(Some(today));
            }
            let is_old = stored.gone.is_some_and(|day| today.saturating_sub(day) > DAYS);
            !is_old && !seen.deleted.contains(id)
        });
        self.forget_oldest(MOST_GONE);
        if self.stored == before { Ok(()) } else { self.write() }
    }

    /// Remembers no more than `most` of those that are gone.
    fn forget_oldest(&mut self, most: usize) {
        let gone = self.stored.iter().filter_map(|(id, stored)| Some((stored.gone?, *id)));
        let mut gone: Vec<(u64, Id)> = gone.collect();
        if gone.len() > most {
            gone.sort_unstable();
            for (_, id) in gone.iter().take(gone.len() - most) {
                self.stored.remove(id);
            }
        }
    }

    /// Of these it is not known after all whether they are on disk.
    pub(super) fn forget(&mut self, ids: &HashSet<Id>) -> Result<(), StateError> {
        let before = self.stored.len();
        self.stored.retain(|id, _| !ids.contains(id));
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
        let ids = pending.into_iter().flatten().chain(ids);
        self.stored.extend(ids.map(|id| (id, Stored::default())));
        self.batch = self.batch.next();
        self.write()
    }

    /// What was promised cannot be kept: its messages count as new.
    pub(super) fn break_promise(&mut self) -> Result<(), StateError> {
        self.pending = None;
        self.finish([])
    }

    fn write(&self) -> Result<(), StateError> {
        let mut text = String::with_capacity(100 + (20 + Id::DIGITS) * self.stored.len());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{FORM}\nbatch {} {}", self.batch.seconds, self.batch.nanos);
        if let Some(Pending { offset, length, ids }) = &self.pending {
            let _ = writeln!(text, "pending {offset} {length}");
            for id in ids {
                let _ = writeln!(text, "p {id}");
            }
        }
        for (id, Stored { octets, gone }) in &self.stored {
            let _ = match gone {
                None => writeln!(text, "s {id} {octets}"),
                Some(day) => writeln!(text, "g {id} {octets} {day}"),
            };
        }
        text.push_str("end\n");
        durable::replace(&self.path, text.as_bytes())
            .map_err(|source| StateError::File { path: self.path.clone(), source })
    }

    /// `Err`: the line that makes no sense.
    fn parse(path: &Path, text: &str) -> Result<Self, usize> {
        let (mut batch, mut pending, mut stored, mut has_end) = (None, None, HashMap::new(), false);
        let mut count = 0;
        for (index, line) in text.lines().enumerate() {
            count = index + 1;
            let mut words = line.split(' ');
            let understood = match (index, words.next(), words.next(), words.next(), words.next()) {
                _ if words.next().is_some() => None,
                (0, ..) => [FORM, OLD_FORM].contains(&line).then_some(()),
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
                (_, Some("s"), Some(id), octets, None) => {
                    let octets = octets.map_or(Some(0), |octets| octets.parse().ok());
                    let known = Id::parse(id).zip(octets);
                    stored.extend(known.map(|(id, octets)| (id, Stored { octets, gone: None })));
                    known.map(|_| ())
                }
                (_, Some("g"), Some(id), Some(octets), Some(day)) => {
                    let known = Id::parse(id).zip(octets.parse().ok()).zip(day.parse().ok());
                    stored.extend(known.map(|((id, octets), day)| (id, Stored { octets, gone: Some(day) })));
                    known.map(|_| ())
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

/// Days since 1970.
fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / (24 * 60 * 60)
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
        assert!(state.has(ids[0], 1) && !state.has(ids[1], 1) && !state.has(ids[2], 1));
        state.finish([]).unwrap();
        let mut state = State::open(&path).unwrap();
        assert!(state.has(ids[1], 1) && state.pending().is_none());
        look(&mut state, &[(ids[1], 1)], &[ids[0]]);
        assert_eq!(State::open(&path).unwrap().len(), 1);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    /// Looks at all that is on a server.
    fn look(state: &mut State, there: &[(Id, u64)], deleted: &[Id]) {
        let deleted = deleted.iter().copied().collect();
        let there = there.iter().copied().collect();
        state.look(&Seen { there, deleted: &deleted, others: Others::Gone }).unwrap();
    }

    #[test]
    fn what_is_gone_is_known_when_it_comes_back_with_the_same_octets() {
        let path = scratch("gone").join("state");
        let ids = ["a", "b"].map(Id::of_unique_id);
        let mut state = State::open(&path).unwrap();
        state.finish(ids).unwrap();
        look(&mut state, &[(ids[0], 20), (ids[1], 30)], &[]);
        look(&mut state, &[(ids[0], 20)], &[]);
        let mut state = State::open(&path).unwrap();
        assert_eq!(state.with_unique_ids().collect::<Vec<_>>(), [ids[0]]);
        assert!(state.has(ids[1], 30) && state.has(ids[1], 0) && !state.has(ids[1], 31));
        // What was there all the time is not told by its octets: servers count them in more ways than one.
        assert!(state.has(ids[0], 21));
        look(&mut state, &[(ids[1], 30)], &[]);
        assert!(state.has(ids[1], 31) && !state.has(ids[0], 21));
        // What may be among those that nobody looked at is not gone.
        let (there, deleted) = (HashMap::new(), HashSet::new());
        state.look(&Seen { there, deleted: &deleted, others: Others::Unknown }).unwrap();
        assert_eq!(state.with_unique_ids().collect::<Vec<_>>(), [ids[1]]);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn what_is_gone_is_forgotten_in_the_end_and_there_is_an_end_of_what_is_remembered() {
        let path = scratch("forgotten").join("state");
        let ids = ["a", "b", "c", "d"].map(Id::of_unique_id);
        let days = [today() - DAYS - 1, today() - DAYS, today() - 2, today() - 1];
        let gone = ids.iter().zip(days).map(|(id, day)| format!("g {id} 9 {day}\n"));
        let text = format!("{FORM}\nbatch 1 2\n{}end\n", gone.collect::<String>());
        fs::write(&path, text).unwrap();
        let mut state = State::open(&path).unwrap();
        let known = |state: &State| ids.map(|id| state.has(id, 9));
        assert_eq!(known(&state), [true; 4]);
        look(&mut state, &[], &[]);
        assert_eq!(known(&State::open(&path).unwrap()), [false, true, true, true]);
        state.forget_oldest(2);
        assert_eq!(known(&state), [false, false, true, true]);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn what_an_older_version_remembered_is_known() {
        let path = scratch("old").join("state");
        let id = Id::of_unique_id("a");
        fs::write(&path, format!("{OLD_FORM}\nbatch 1 2\ns {id}\nend\n")).unwrap();
        let mut state = State::open(&path).unwrap();
        assert!(state.has(id, 7));
        look(&mut state, &[(id, 7)], &[]);
        look(&mut state, &[], &[]);
        let state = State::open(&path).unwrap();
        assert!(state.has(id, 7) && !state.has(id, 8));
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_damaged_state_is_not_taken_for_an_empty_one() {
        let path = scratch("damaged").join("state");
        let whole = format!("{FORM}\nbatch 1 2\ns {}\nend\n", Id::of_unique_id("a"));
        for (text, line) in [
            (String::new(), 1),
            (whole.replace("end\n", ""), 4),
            (whole.replace("pop 2", "pop 3"), 1),
            (whole.replace("\ns ", "\ns x"), 3),
            (whole.replace("end", "pending 1 x\nend"), 4),
            (whole.replace("\nend", " x\nend"), 3),
            (whole.replace("\nend", " 1 2\nend"), 3),
            (whole.replace("\ns ", "\ng "), 3),
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
