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
    file: File,
    path: Option<PathBuf>,
    size: u64,
}

impl SpoolFile {
    pub(super) fn create(bodies: &Bodies) -> Result<Self, StoreError> {
        let name = BodyName::random()?;
        let path = bodies.spool_path(name);
        Ok(Self { name, file: disk::create_private_file(&path)?, path: Some(path), size: 0 })
    }

    pub(super) fn append(&mut self, octets: &[u8]) -> Result<(), StoreError> {
        self.size += octets.len() as u64;
        self.file.write_all(octets).map_err(|error| match &self.path {
            Some(path) => StoreError::io("write", path)(error),
            None => StoreError::Lost,
        })
    }

    /// Makes the octets durable, then the name: the order in which a crash can hurt neither.
    pub(super) fn store(mut self, bodies: &Bodies) -> Result<StoredBody, StoreError> {
        let Some(path) = &self.path else { return Err(StoreError::Lost) };
        self.file.sync_all().map_err(StoreError::io("sync", path))?;
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
