//! Making, deleting and renaming folders.

use std::time::SystemTime;

use rusqlite::{Connection, params};

use super::{
    FolderName,
    change::{ChangeKind, News},
    hub::Hub,
    load, messages, transfer,
};
use crate::store::{
    AccountId,
    bodies::Bodies,
    directory,
    error::FolderError,
    expunge::RemovedBodies,
    schema,
    writer::{Fate, Work},
};

/// A folder to make, and those above it that are missing.
#[derive(Debug)]
pub(in crate::store) struct Create {
    account: AccountId,
    name: FolderName,
    now: i64,
}

impl Create {
    pub(in crate::store) fn new(account: AccountId, name: FolderName) -> Self {
        Self { account, name, now: schema::seconds(SystemTime::now()) }
    }
}

impl Work for Create {
    type Output = Result<(), FolderError>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        if load::find(database, self.account, &self.name)?.is_some() {
            return Ok(Err(FolderError::Exists));
        }
        create_superiors(database, self.account, &self.name, self.now)?;
        create(database, self.account, &self.name, self.now)?;
        Ok(Ok(()))
    }

    fn settle(self, _: Fate) {}
}

fn create_superiors(
    database: &Connection,
    account: AccountId,
    name: &FolderName,
    now: i64,
) -> rusqlite::Result<()> {
    for superior in name.superiors() {
        if load::find(database, account, &superior)?.is_none() {
            create(database, account, &superior, now)?;
        }
    }
    Ok(())
}

fn create(database: &Connection, account: AccountId, name: &FolderName, now: i64) -> rusqlite::Result<i64> {
    let uid_validity = directory::next_uidvalidity(database, now)?;
    database
        .prepare_cached("INSERT INTO folders (account, name, uidvalidity) VALUES (?1, ?2, ?3)")?
        .insert(params![account.0, name.as_str(), uid_validity])
}

/// A folder to delete with all its messages.
#[derive(Debug)]
pub(in crate::store) struct Delete {
    account: AccountId,
    name: FolderName,
    removed: RemovedBodies,
    news: News,
}

impl Delete {
    pub(in crate::store) fn new(account: AccountId, name: FolderName, bodies: Bodies, hub: &Hub) -> Self {
        Self { account, name, removed: RemovedBodies::new(bodies), news: News::new(hub) }
    }
}

impl Work for Delete {
    type Output = Result<(), FolderError>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let Some((folder, _)) = load::find(database, self.account, &self.name)? else {
            return Ok(Err(FolderError::NoSuchFolder));
        };
        if has_inferiors(database, self.account, &self.name)? {
            return Ok(Err(FolderError::HasChildren));
        }
        let Some(modseq) = messages::next_modseq(database, folder)? else {
            return Ok(Err(FolderError::NoSuchFolder));
        };
        for body in messages::delete_all(database, folder)? {
            self.removed.check(database, body)?;
        }
        database.prepare_cached("DELETE FROM folders WHERE id = ?1")?.execute([folder])?;
        self.news.add(folder, modseq, ChangeKind::Deleted);
        Ok(Ok(()))
    }

    fn settle(self, fate: Fate) {
        self.news.settle(fate);
        self.removed.settle(fate);
    }
}

fn has_inferiors(database: &Connection, account: AccountId, name: &FolderName) -> rusqlite::Result<bool> {
    // What comes behind "name/" and before "name0" begins with "name/".
    database
        .prepare_cached("SELECT 1 FROM folders WHERE account = ?1 AND name > ?2 || '/' AND name < ?2 || '0'")?
        .exists(params![account.0, name.as_str()])
}

/// A folder to rename with all below it.
#[derive(Debug)]
pub(in crate::store) struct Rename {
    account: AccountId,
    from: FolderName,
    to: FolderName,
    now: i64,
    news: News,
}

impl Rename {
    pub(in crate::store) fn new(account: AccountId, from: FolderName, to: FolderName, hub: &Hub) -> Self {
        let now = schema::seconds(SystemTime::now());
        Self { account, from, to, now, news: News::new(hub) }
    }

    /// The folder and those below it, and what each is to be called.
    fn names(&self, database: &Connection) -> rusqlite::Result<Vec<(i64, FolderName)>> {
        let mut query = database.prepare_cached(
            "SELECT id, name FROM folders
             WHERE account = ?1 AND (name = ?2 OR name > ?2 || '/' AND name < ?2 || '0')",
        )?;
        let mut rows = query.query(params![self.account.0, self.from.as_str()])?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            let below = row.get_ref(1)?.as_str()?.strip_prefix(self.from.as_str()).unwrap_or_default();
            names.push((row.get(0)?, FolderName::from(format!("{}{below}", self.to).as_str())));
        }
        Ok(names)
    }
}

impl Work for Rename {
    type Output = Result<(), FolderError>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let Some((folder, _)) = load::find(database, self.account, &self.from)? else {
            return Ok(Err(FolderError::NoSuchFolder));
        };
        if load::find(database, self.account, &self.to)?.is_some() {
            return Ok(Err(FolderError::Exists));
        }
        if self.from.is_inbox() {
            create_superiors(database, self.account, &self.to, self.now)?;
            let target = create(database, self.account, &self.to, self.now)?;
            transfer::move_all(database, folder, target, &mut self.news)?;
            return Ok(Ok(()));
        }
        if self.to.is_inferior_of(&self.from) {
            return Ok(Err(FolderError::OwnInferior));
        }
        let names = self.names(database)?;
        if let Some(invalid) = names.iter().find_map(|(_, name)| name.check().err()) {
            return Ok(Err(invalid.into()));
        }
        create_superiors(database, self.account, &self.to, self.now)?;
        for (folder, name) in names {
            database
                .prepare_cached("UPDATE folders SET name = ?2 WHERE id = ?1")?
                .execute(params![folder, name.as_str()])?;
        }
        Ok(Ok(()))
    }

    fn settle(self, fate: Fate) {
        self.news.settle(fate);
    }
}
