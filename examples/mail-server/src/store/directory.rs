//! The accounts in the database: who there is, and how they log in.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use tokio_codec::sasl::{Hash, ScramKeys, Secret};

use super::{
    schema,
    value::{Account, AccountId, Address, Known},
    writer::{Fate, Work},
};
use crate::accounts::Credentials;

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
pub(super) fn credentials(database: &Connection, name: &str) -> rusqlite::Result<Known> {
    let address = address(database, name)?;
    let account = match &address {
        Some(address) => by_address(database, address)?,
        None => None,
    };
    let Some(account) = account else {
        // Looked for all the same, so that it takes as long.
        for hash in [Hash::Sha1, Hash::Sha256] {
            scram_keys(database, AccountId(0), hash).optional()?;
        }
        let called = address.map_or_else(|| name.to_ascii_lowercase(), |address| address.to_string());
        return Ok(Known::Nobody { called });
    };
    let credentials = of_account(database, account.id)?;
    Ok(Known::Account(account, credentials))
}

/// Counts the accounts whose keys were made with another number of iterations than new ones are.
pub(super) fn outdated(database: &Connection) -> rusqlite::Result<u32> {
    database
        .prepare_cached("SELECT count(DISTINCT account) FROM scram_keys WHERE iterations <> ?1")?
        .query_row([Credentials::ITERATIONS], |row| row.get(0))
}

/// What the names of accounts that nobody has are kept apart by.
pub(super) fn login_secret(database: &Connection) -> rusqlite::Result<Secret> {
    let octets: Vec<u8> = database.query_row("SELECT value FROM login_secret", [], |row| row.get(0))?;
    Ok(Secret::from(octets))
}

/// The address that a login name means: the whole of it, or what stands before the `@` of a site's only domain.
///
/// Whether there is such an account makes no difference: were a name on its own enough where just one account has it,
/// it would show that account's salt, and so that there is one.
fn address(database: &Connection, name: &str) -> rusqlite::Result<Option<Address>> {
    if let Ok(address) = name.parse::<Address>() {
        return Ok(Some(address));
    }
    // The ends of the index, not DISTINCT: that would read all accounts, for anybody who says a name.
    let (first, last): (Option<String>, Option<String>) = database
        .prepare_cached("SELECT (SELECT min(domain) FROM accounts), (SELECT max(domain) FROM accounts)")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let only = first.filter(|first| last.as_ref() == Some(first));
    Ok(only.and_then(|only| Address::new(name, &only).ok()))
}

fn by_address(database: &Connection, address: &Address) -> rusqlite::Result<Option<Account>> {
    database
        .prepare_cached("SELECT id, local_part, domain FROM accounts WHERE local_part = ?1 AND domain = ?2")?
        .query_row([address.local_part(), address.domain()], account)
        .optional()
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let (local_part, domain): (String, String) = (row.get(1)?, row.get(2)?);
    let address = Address::new(&local_part, &domain)
        .map_err(|invalid| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, Box::new(invalid)))?;
    Ok(Account { id: AccountId(row.get(0)?), address })
}

fn of_account(database: &Connection, account: AccountId) -> rusqlite::Result<Credentials> {
    let sha_1 = scram_keys(database, account, Hash::Sha1)?;
    let sha_256 = scram_keys(database, account, Hash::Sha256)?;
    Credentials::from_keys(sha_1, sha_256).ok_or(rusqlite::Error::InvalidQuery)
}

/// Keeps credentials, in place of others that the account may have.
fn keep(database: &Connection, account: AccountId, credentials: &Credentials) -> rusqlite::Result<()> {
    for hash in [Hash::Sha1, Hash::Sha256] {
        let keys = credentials.keys(hash);
        let (stored_key, server_key) = (keys.stored_key().as_bytes(), keys.server_key().as_bytes());
        database
            .prepare_cached("INSERT OR REPLACE INTO scram_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                account.0,
                hash_name(hash),
                keys.salt(),
                keys.iterations(),
                stored_key,
                server_key
            ])?;
    }
    Ok(())
}

/// The name of a hash, as it stands in the mechanism's.
fn hash_name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SHA-1",
        Hash::Sha256 => "SHA-256",
    }
}

fn scram_keys(database: &Connection, account: AccountId, hash: Hash) -> rusqlite::Result<ScramKeys> {
    database
        .prepare_cached(
            "SELECT salt, iterations, stored_key, server_key FROM scram_keys
             WHERE account = ?1 AND hash = ?2",
        )?
        .query_row(params![account.0, hash_name(hash)], |row| {
            let key = |column| row.get::<_, Vec<u8>>(column).map(Secret::from);
            let salt: Vec<u8> = row.get(0)?;
            ScramKeys::from_parts(hash, row.get(1)?, &salt, key(2)?, key(3)?).map_err(|invalid| {
                rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, Box::new(invalid))
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
            .prepare_cached("INSERT INTO accounts (local_part, domain, created_at) VALUES (?1, ?2, ?3)")?
            .insert(params![self.address.local_part(), self.address.domain(), self.now])?;
        keep(database, AccountId(account), &self.credentials)?;
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

/// Credentials of the same password, to put in the place of old ones that are still there.
#[derive(Debug)]
pub(super) struct RenewCredentials {
    account: AccountId,
    old: Credentials,
    new: Credentials,
}

impl RenewCredentials {
    pub(super) fn new(account: AccountId, old: Credentials, new: Credentials) -> Self {
        Self { account, old, new }
    }
}

impl Work for RenewCredentials {
    type Output = ();

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<()> {
        // Another login may have done it, or the password is another by now.
        if of_account(database, self.account).optional()?.as_ref() == Some(&self.old) {
            keep(database, self.account, &self.new)?;
        }
        Ok(())
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
