//! Flags, as the database keeps them: bits, and rows of keywords.

use imap_proto::{Flag, Flags, Keyword};
use rusqlite::{Connection, params};

/// The bits of the RFC's own flags. They stand in the database for good.
const BITS: [(Flag, u8); 5] =
    [(Flag::Seen, 1), (Flag::Answered, 2), (Flag::Flagged, 4), (Flag::Deleted, DELETED), (Flag::Draft, 16)];

/// The bit of `\Deleted`.
pub(in crate::store) const DELETED: u8 = 8;

/// Most keywords of a message. A client could think of thousands, and have them stored with each of its messages.
const MAX_KEYWORDS: usize = 64;

/// Longest keyword that is kept, in octets.
const MAX_KEYWORD: usize = 100;

/// Those of the flags that are kept, each once, and free of the command they were read from.
pub(super) fn settable(flags: &Flags) -> Flags {
    let mut kept = Flags::NONE;
    add(&mut kept, flags);
    kept
}

/// Adds those of the flags that are kept, as long as there is room for keywords.
pub(super) fn add(flags: &mut Flags, added: &Flags) {
    let mut room = MAX_KEYWORDS.saturating_sub(flags.keywords().count());
    for flag in added.iter() {
        match &flag {
            Flag::Recent => {}
            Flag::Keyword(keyword) if flags.contains(&flag) || !is_kept(keyword) => {}
            Flag::Keyword(_) if room == 0 => break,
            Flag::Keyword(_) => {
                flags.insert(&flag);
                room -= 1;
            }
            _ => flags.insert(&flag),
        }
    }
}

/// Can it be read back? One that was tolerated in a command need not be a keyword.
fn is_kept(keyword: &Keyword) -> bool {
    keyword.as_str().len() <= MAX_KEYWORD && Keyword::new(keyword.as_str()).is_ok()
}

/// The flags that are bits.
pub(super) fn bits(flags: &Flags) -> u8 {
    BITS.iter().filter(|(flag, _)| flags.contains(flag)).fold(0, |bits, (_, bit)| bits | bit)
}

/// The flags that these bits are.
pub(super) fn of_bits(bits: u8) -> Flags {
    BITS.iter().filter(|(_, bit)| bits & bit != 0).map(|(flag, _)| flag.clone()).collect()
}

/// The flags of a message whose bits are known.
pub(super) fn read(database: &Connection, folder: i64, uid: u32, bits: u8) -> rusqlite::Result<Flags> {
    let mut query = database.prepare_cached("SELECT keyword FROM keywords WHERE folder = ?1 AND uid = ?2")?;
    let mut rows = query.query(params![folder, uid])?;
    let mut flags = of_bits(bits);
    while let Some(row) = rows.next()? {
        insert_stored(&mut flags, row.get_ref(0)?.as_str()?);
    }
    Ok(flags)
}

/// Adds a keyword as it is stored. All of those were keywords when they were stored.
pub(super) fn insert_stored(flags: &mut Flags, keyword: &str) {
    if let Ok(keyword) = keyword.parse() {
        flags.insert(&Flag::Keyword(keyword));
    }
}

/// Gives a message these keywords and no others.
pub(super) fn replace_keywords(
    database: &Connection,
    folder: i64,
    uid: u32,
    flags: &Flags,
) -> rusqlite::Result<()> {
    database
        .prepare_cached("DELETE FROM keywords WHERE folder = ?1 AND uid = ?2")?
        .execute(params![folder, uid])?;
    add_keywords(database, folder, uid, flags)
}

/// Gives a message that has none its keywords.
pub(super) fn add_keywords(
    database: &Connection,
    folder: i64,
    uid: u32,
    flags: &Flags,
) -> rusqlite::Result<()> {
    for keyword in flags.keywords() {
        database
            .prepare_cached("INSERT INTO keywords (folder, uid, keyword) VALUES (?1, ?2, ?3)")?
            .execute(params![folder, uid, keyword.as_str()])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_flags_that_they_were_made_of() {
        for all in 0..32 {
            assert_eq!(bits(&of_bits(all)), all);
        }
        assert_eq!(of_bits(DELETED).to_string(), "(\\Deleted)");
    }

    #[test]
    fn what_no_client_sets_is_not_kept() {
        let given = ["\\Recent", "\\Seen", "b", "B"].iter().map(|flag| flag.parse().unwrap());
        let given = Flags::from_iter::<Vec<Flag>>(given.collect()).with_new_keywords();
        assert_eq!(settable(&given).to_string(), "(\\Seen b)");
    }

    #[test]
    fn a_message_has_a_bounded_number_of_keywords_and_of_no_great_length() {
        let keyword = |name: String| name.parse::<Flag>().unwrap();
        let many: Flags = (0..10_000).map(|n| keyword(format!("k{n}"))).collect();
        let mut kept = settable(&many);
        assert_eq!(kept.keywords().count(), 64);
        add(&mut kept, &Flags::from_iter([keyword("K5".to_owned()), keyword("new".to_owned()), Flag::Seen]));
        assert_eq!(kept.keywords().count(), 64);
        assert!(kept.contains(&Flag::Seen) && !kept.has_keyword("new"));
        assert!(settable(&keyword("k".repeat(101)).into()).is_empty());
        assert!(!settable(&keyword("k".repeat(100)).into()).is_empty());
    }
}
