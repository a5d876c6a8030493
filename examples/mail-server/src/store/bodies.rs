//! Where bodies lie, and what they are called.

use std::{
    collections::HashSet,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{
    Connection,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};

use super::{disk, error::StoreError};

/// A body's name: 128 random bits, written as 32 hexadecimal digits. No two bodies ever have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BodyName(u128);

impl BodyName {
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut octets = [0; 16];
        // The system's generator does not fail once it has started; if it does, nothing here can go on.
        SystemRandom::new().fill(&mut octets).map_err(|_| StoreError::Stopped)?;
        Ok(Self(u128::from_be_bytes(octets)))
    }
}

impl fmt::Display for BodyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for BodyName {
    type Err = NotABodyName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| canonical);
        number.map(Self).ok_or(NotABodyName)
    }
}

impl FromSql for BodyName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

/// The text is no name of a body.
#[derive(Debug, thiserror::Error)]
#[error("not the name of a body")]
pub(super) struct NotABodyName;

/// The two folders that bodies go through: `spool/` while they arrive, `bodies/` once they are whole.
///
/// Both lie on one file system, so a body moves by a rename.
#[derive(Debug, Clone)]
pub(super) struct Bodies {
    spool: Arc<Path>,
    root: Arc<Path>,
}

impl Bodies {
    pub(super) fn new(dir: &Path) -> Self {
        Self { spool: dir.join("spool").into(), root: dir.join("bodies").into() }
    }

    /// The file a body is written to while it arrives.
    pub(super) fn spool_path(&self, name: BodyName) -> PathBuf {
        self.spool.join(name.to_string())
    }

    /// The folder a body rests in.
    pub(super) fn shard(&self, name: BodyName) -> PathBuf {
        self.root.join(&name.to_string()[..2])
    }

    /// The file a body rests in.
    pub(super) fn path(&self, name: BodyName) -> PathBuf {
        self.shard(name).join(name.to_string())
    }

    /// Makes the folders, all the shards with them.
    ///
    /// A shard made later, by the first delivery into it, would have to be durable before any other delivery
    /// into it is: making them all beforehand spares every delivery that question.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        disk::create_private_dir(&self.spool)?;
        disk::create_private_dir(&self.root)?;
        for shard in self.shards() {
            disk::create_private_dir(&shard)?;
        }
        disk::sync_dir(&self.root)
    }

    /// Removes what a crash left behind: bodies that were still arriving, and bodies whose delivery was never
    /// committed.
    ///
    /// Only the server that holds the lock may do this: to anyone else, a body on its way looks the same.
    pub(super) fn sweep(&self, database: &Connection) -> Result<(), StoreError> {
        for file in files(&self.spool)? {
            disk::remove_file(&file)?;
        }
        let mut query = database.prepare("SELECT name FROM bodies WHERE name BETWEEN ?1 AND ?1 || 'g'")?;
        for shard in self.shards() {
            let prefix = shard.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let known: HashSet<String> =
                query.query_map([prefix], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for file in files(&shard)? {
                let referenced = file.file_name().and_then(|n| n.to_str()).is_some_and(|n| known.contains(n));
                if !referenced {
                    disk::remove_file(&file)?;
                }
            }
        }
        Ok(())
    }

    fn shards(&self) -> impl Iterator<Item = PathBuf> {
        (0..=u8::MAX).map(|shard| self.root.join(format!("{shard:02x}")))
    }
}

/// Lists the files of a folder.
fn files(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(StoreError::io("list folder", dir))
}

/// A whole body in `bodies/` that no row refers to yet. Dropping it removes the file.
#[derive(Debug)]
pub(super) struct StoredBody {
    name: BodyName,
    size: u64,
    path: PathBuf,
    kept: bool,
}

impl StoredBody {
    pub(super) fn new(bodies: &Bodies, name: BodyName, size: u64) -> Self {
        Self { name, size, path: bodies.path(name), kept: false }
    }

    pub(super) fn name(&self) -> BodyName {
        self.name
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Leaves the file where it is: rows refer to it now, or may do so.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for StoredBody {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed now goes when the next server starts.
            let _ = disk::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_being_written() {
        let name = BodyName(0xab);
        assert_eq!(name.to_string(), "000000000000000000000000000000ab");
        assert_eq!(name.to_string().parse::<BodyName>().unwrap(), name);
    }

    #[test]
    fn another_spelling_is_no_name() {
        for text in [
            "",
            "ab",
            "000000000000000000000000000000AB",
            "+00000000000000000000000000000ab",
            "../../etc/passwd",
        ] {
            assert!(text.parse::<BodyName>().is_err(), "{text:?}");
        }
    }
}
