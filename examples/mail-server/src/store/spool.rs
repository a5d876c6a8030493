//! A body being written to disk: made in `spool/`, moved to `bodies/` when it is whole.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
};

use super::{
    bodies::{Bodies, BodyName, StoredBody},
    disk,
    error::StoreError,
};

/// A file in `spool/`. Dropping it removes the file. All of its methods block.
#[derive(Debug)]
pub(super) struct SpoolFile {
    name: BodyName,
    /// `None` once it is whole and durable.
    file: Option<File>,
    path: Option<PathBuf>,
    size: u64,
}

impl SpoolFile {
    pub(super) fn create(bodies: &Bodies) -> Result<Self, StoreError> {
        let name = BodyName::random()?;
        let path = bodies.spool_path(name);
        let file = disk::create_private_file(&path)?;
        Ok(Self { name, file: Some(file), path: Some(path), size: 0 })
    }

    pub(super) fn append(&mut self, octets: &[u8]) -> Result<(), StoreError> {
        let (Some(file), Some(path)) = (&mut self.file, &self.path) else {
            return if octets.is_empty() { Ok(()) } else { Err(StoreError::Lost) };
        };
        self.size += octets.len() as u64;
        file.write_all(octets).map_err(StoreError::io("write", path))
    }

    /// Makes the octets durable. No more can be appended.
    pub(super) fn close(&mut self) -> Result<(), StoreError> {
        if let (Some(file), Some(path)) = (&self.file, &self.path) {
            file.sync_all().map_err(StoreError::io("sync", path))?;
        }
        self.file = None;
        Ok(())
    }

    /// Makes the octets durable, then the name: the order in which a crash can hurt neither.
    pub(super) fn store(mut self, bodies: &Bodies) -> Result<StoredBody, StoreError> {
        self.close()?;
        let Some(path) = &self.path else { return Err(StoreError::Lost) };
        let stored = StoredBody::new(bodies, self.name, self.size);
        fs::rename(path, bodies.path(self.name)).map_err(StoreError::io("move", path))?;
        self.path = None;
        disk::sync_dir(&bodies.shard(self.name))?;
        Ok(stored)
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // What cannot be removed now goes when the next server starts.
            let _ = disk::remove_file(path);
        }
    }
}
