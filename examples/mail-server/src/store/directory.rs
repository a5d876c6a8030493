//! The accounts in the database: who there is, and how they log in.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    schema,
    value::{Account, AccountId, Address},
    writer::{Fate, Work},
};
use crate::accounts::{Credentials, ScramHash, ScramKeys};

/// The folders of a new account and what RFC 6154 calls them.
const FOLDERS: [(&str, Option<&str>); 6] = [
    ("INBOX", None),
    ("Sent", Some("\\Sent")),
    ("Drafts", Some("\\Drafts")),
    ("Trash", Some("\\Trash")),
    ("Junk", Some("\\Junk")),
    ("Archive", Some("\\Archive")),
];

/// Finds the account of an address.
pub(super) fn find(database: &Connection, address: &Address) -> rusqlite::Result<Option<AccountId>> {
    database
        .prepare_cached("SELECT id FROM accounts WHERE local_part = ?1 AND domain = ?2")?
        .query_row([address.local_part(), address.domain()], |row| row.get(0).map(AccountId))
        .optional()
}

/// Tells whether any account is of a domain.
pub(super) fn has_domain(database: &Connection, domain: &str) -> rusqlite::Result<bool> {
    database.prepare_cached("SELECT 1 FROM accounts WHERE domain = ?1")?.exists([domain])
}

/// Lists all accounts.
pub(super) fn list(database: &Connection) -> rusqlite::Result<Vec<Account>> {
    database
        .prepare_cached("SELECT id, local_part, domain FROM accounts ORDER BY domain, local_part")?
        .query_map([], account)?
        .collect()
}

/// Finds the account that a login name means, with its credentials.
pub(super) fn credentials(
    database: &Connection,
    name: &str,
) -> rusqlite::Result<Option<(Account, Credentials)>> {
    let Some(account) = by_login_name(database, name)? else { return Ok(None) };
    let password_hash = database
        .prepare_cached("SELECT password_hash FROM accounts WHERE id = ?1")?
        .query_row([account.id.0], |row| row.get(0))?;
    let sha_1 = scram_keys(database, account.id, ScramHash::Sha1)?;
    let sha_256 = scram_keys(database, account.id, ScramHash::Sha256)?;
    Ok(Some((account, Credentials::from_parts(password_hash, sha_1, sha_256))))
}

fn by_login_name(database: &Connection, name: &str) -> rusqlite::Result<Option<Account>> {
    let mut found: Vec<Account> = match name.parse::<Address>() {
        Ok(address) => database
            .prepare_cached(
                "SELECT id, local_part, domain FROM accounts WHERE local_part = ?1 AND domain = ?2",
            )?
            .query_map([address.local_part(), address.domain()], account)?
            .collect::<rusqlite::Result<_>>()?,
        // A second account of that name is enough to know that the name alone means neither.
        Err(_) => database
            .prepare_cached("SELECT id, local_part, domain FROM accounts WHERE local_part = ?1 LIMIT 2")?
            .query_map([name.to_ascii_lowercase()], account)?
            .collect::<rusqlite::Result<_>>()?,
    };
    Ok(if found.len() == 1 { found.pop() } else { None })
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let (local_part, domain): (String, String) = (row.get(1)?, row.get(2)?);
    let address = Address::new(&local_part, &domain).map_err(|invalid| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(invalid))
    })?;
    Ok(Account { id: AccountId(row.get(0)?), address })
}

fn scram_keys(database: &Connection, account: AccountId, hash: ScramHash) -> rusqlite::Result<ScramKeys> {
    database
        .prepare_cached(
            "SELECT salt, iterations, stored_key, server_key FROM scram_keys
             WHERE account = ?1 AND hash = ?2",
        )?
        .query_row(params![account.0, hash.name()], |row| {
            Ok(ScramKeys {
                salt: row.get(0)?,
                iterations: row.get(1)?,
                stored_key: row.get(2)?,
                server_key: row.get(3)?,
            })
        })
}

/// An account to add, with its folders. `None` is the answer when the address is taken.
#[derive(Debug)]
pub(super) struct AddAccount {
    address: Address,
    credentials: Credentials,
    now: i64,
}

impl AddAccount {
    pub(super) fn new(address: Address, credentials: Credentials) -> Self {
        Self { address, credentials, now: schema::seconds(SystemTime::now()) }
    }
}

impl Work for AddAccount {
    type Output = Option<AccountId>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        if find(database, &self.address)?.is_some() {
            return Ok(None);
        }
        let account = database
            .prepare_cached(
                "INSERT INTO accounts (local_part, domain, password_hash, created_at)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .insert(params![
                self.address.local_part(),
                self.address.domain(),
                self.credentials.password_hash(),
                self.now
            ])?;
        for hash in [ScramHash::Sha1, ScramHash::Sha256] {
            let keys = self.credentials.scram(hash);
            database.prepare_cached("INSERT INTO scram_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(
                params![account, hash.name(), keys.salt, keys.iterations, keys.stored_key, keys.server_key],
            )?;
        }
        for (name, special_use) in FOLDERS {
            let uid_validity = next_uidvalidity(database, self.now)?;
            database
                .prepare_cached(
                    "INSERT INTO folders (account, name, uidvalidity, special_use) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![account, name, uid_validity, special_use])?;
            database
                .prepare_cached("INSERT INTO subscriptions (account, name) VALUES (?1, ?2)")?
                .execute(params![account, name])?;
        }
        Ok(Some(AccountId(account)))
    }

    fn settle(self, _: Fate) {}
}

/// Takes a UIDVALIDITY that no folder of this store ever had.
///
/// It also starts at the clock, so that a store that was lost and made anew does not begin where the old one
/// did.
pub(super) fn next_uidvalidity(database: &Connection, now: i64) -> rusqlite::Result<u32> {
    let at_least = u32::try_from(now).unwrap_or(1);
    database
        .prepare_cached("UPDATE next_uidvalidity SET value = max(value, ?1) + 1 RETURNING value - 1")?
        .query_row([at_least], |row| row.get(0))
}
