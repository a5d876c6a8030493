//! Many sessions at once: what they share stays as the database has it.

use std::time::{Duration, SystemTime};

use imap_proto::{
    StoreAction,
    mailbox::{Expunges, Recent, Stored},
};
use mail_server::store::*;

use crate::support::*;

const FOLDERS: [&str; 4] = ["INBOX", "Sent", "Junk", "Archive"];

/// A small generator, so that a failure can be looked at again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % u64::from(sides)) as u32
    }

    fn folder(&mut self) -> &'static str {
        FOLDERS[self.roll(4) as usize]
    }

    /// Some of the messages that are there, and perhaps one that is not.
    fn uids(&mut self, folder: &SqliteFolder) -> Vec<Uid> {
        let there = shared_uids(folder);
        let count = self.roll(4);
        let picked =
            (0..count).filter_map(|_| there.get(self.roll(there.len().max(1) as u32) as usize).copied());
        uids_of(picked.collect::<Vec<_>>().into_iter().chain([self.roll(500) + 1]))
    }
}

/// One session: opens folders, does this and that, and checks that its view never lies.
async fn session(store: SqliteStore, alice: AccountId, seed: u64) {
    let mut dice = Dice(seed * 7919 + 1);
    for _ in 0..6 {
        let folder = store.open_folder(alice, &name(dice.folder())).await.unwrap();
        let mut view = folder.with(|mailbox| mailbox.open(Recent::Claim));
        let mut known = view.exists();
        for _ in 0..12 {
            let uids = dice.uids(&folder);
            match dice.roll(8) {
                0 | 1 => {
                    append(&store, alice, dice.folder(), b"appended", &["\\Seen", "a"]).await;
                }
                2 => {
                    let recipients =
                        [Recipient::inbox(alice), Recipient { account: alice, folder: name(dice.folder()) }];
                    let incoming = spool(&store, b"delivered", 9).await;
                    let outcomes = store
                        .deliver(incoming, Envelope::default(), &recipients, SystemTime::now())
                        .await
                        .unwrap();
                    assert!(outcomes.iter().all(Result::is_ok));
                }
                3 => {
                    folder.copy_to(uids, &name(dice.folder())).await.unwrap();
                }
                4 => {
                    folder.move_to(uids, &name(dice.folder())).await.unwrap();
                }
                5 => {
                    folder.expunge(uids).await.unwrap();
                }
                _ => {
                    let action =
                        [StoreAction::Add, StoreAction::Remove, StoreAction::Replace][dice.roll(3) as usize];
                    let names =
                        [&["\\Deleted", "b"][..], &["\\Seen", "A"], &["\\Deleted"]][dice.roll(3) as usize];
                    folder.store_flags(uids, action, flags(names), None).await.unwrap();
                }
            }
            folder.with(|mailbox| {
                for change in view.pending(mailbox, Expunges::Allowed) {
                    match change {
                        imap_proto::mailbox::Change::Expunge { .. } => known -= 1,
                        imap_proto::mailbox::Change::Exists(exists) => known = exists,
                        _ => {}
                    }
                }
                assert_eq!((known, view.exists()), (mailbox.exists(), mailbox.exists()));
            });
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_sessions_share_is_what_the_database_has() {
    let (_dir, store, alice, _) = inbox_of(5).await;
    let mut held = Vec::new();
    for folder in FOLDERS {
        held.push(store.open_folder(alice, &name(folder)).await.unwrap());
    }
    let sessions: Vec<_> = (0..12).map(|seed| tokio::spawn(session(store.clone(), alice, seed))).collect();
    let popper = tokio::spawn({
        let store = store.clone();
        async move {
            for _ in 0..10 {
                let mut maildrop = store.maildrop(alice).await.unwrap();
                let first: Vec<Uid> = maildrop.messages().iter().take(2).map(|message| message.uid).collect();
                maildrop.delete(&first).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    for session in sessions {
        session.await.unwrap();
    }
    popper.await.unwrap();

    for (folder, open) in FOLDERS.into_iter().zip(held) {
        let (stored, before) = (open.with(|mailbox| mailbox.stored()), shared(&open));
        assert!(stored.highest_modseq > 1, "nothing has happened in {folder}");
        drop(open);
        // Behind this, what was told of as recent is written down, and holds no folder open any more.
        store.subscribe(alice, &name("x")).await.unwrap();
        let fresh = store.open_folder(alice, &name(folder)).await.unwrap();
        assert_eq!(fresh.with(|mailbox| mailbox.vanished_since(1)), None, "it was loaded anew");
        assert_eq!(fresh.with(|mailbox| mailbox.stored()), Stored { ..stored });
        assert_eq!(shared(&fresh), before);
        let status = store.status(alice, &name(folder)).await.unwrap();
        let count =
            |has: fn(&str) -> bool| listed(&fresh).iter().filter(|(_, flags)| has(flags)).count() as u32;
        assert_eq!(status.messages as usize, before.len());
        assert_eq!(status.unseen, count(|flags| !flags.contains("\\Seen")));
        assert_eq!(status.deleted, count(|flags| flags.contains("\\Deleted")));
        let facts = fresh.facts(before.iter().map(|message| Uid::new(message.uid)).collect()).await.unwrap();
        assert_eq!(facts.len(), before.len());
        assert_eq!(status.size, facts.iter().map(|facts| facts.size).sum::<u64>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_that_is_opened_amid_deliveries_misses_none_and_has_none_twice() {
    let (_dir, store, alice, inbox) = inbox_of(50).await;
    drop(inbox);
    let deliveries = tokio::spawn({
        let store = store.clone();
        async move {
            for _ in 0..150 {
                deliver(&store, b"x", alice).await;
            }
        }
    });
    let mut opened = 0;
    while !deliveries.is_finished() {
        let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
        let uids = shared_uids(&inbox);
        assert!((1..).take(uids.len()).eq(uids.iter().copied()), "{uids:?}");
        opened += 1;
    }
    deliveries.await.unwrap();
    assert!(opened > 1);
    assert_eq!(shared_uids(&store.open_folder(alice, &name("INBOX")).await.unwrap()).len(), 200);
}

/// Whether something was done, or its folder was not there, as may be.
fn is_fair<T>(outcome: &Result<T, FolderError>) -> bool {
    matches!(
        outcome,
        Ok(_)
            | Err(FolderError::NoSuchFolder | FolderError::Exists | FolderError::HasChildren)
            | Err(FolderError::Store(StoreError::NoSuchFolder))
    )
}

/// One session that makes, renames and deletes folders under the feet of others. Tells how many messages it appended.
async fn gardener(store: SqliteStore, alice: AccountId, seed: u64) -> usize {
    const NAMES: [&str; 4] = ["a", "a/b", "b", "c"];
    let mut dice = Dice(seed * 104_729 + 1);
    let mut appended = 0;
    for _ in 0..40 {
        let [one, other] = [dice.roll(4), dice.roll(4)].map(|at| name(NAMES[at as usize]));
        match dice.roll(5) {
            0 => assert!(is_fair(&store.create_folder(alice, &one).await)),
            1 => assert!(is_fair(&store.delete_folder(alice, &one).await)),
            2 => {
                let outcome = store.rename_folder(alice, &one, &other).await;
                assert!(is_fair(&outcome) || matches!(outcome, Err(FolderError::OwnInferior)));
            }
            _ => {
                let incoming = spool(&store, b"x", 1).await;
                let message = NewMessage { incoming, flags: flags(&["\\Deleted", "k"]), internal_date: 0 };
                let outcome = store.append(alice, &one, vec![message]).await;
                assert!(is_fair(&outcome));
                appended += usize::from(outcome.is_ok());
                let open = store.open_folder(alice, &one).await;
                assert!(is_fair(&open));
                let Ok(open) = open else { continue };
                let uids = dice.uids(&open);
                assert!(is_fair(&open.copy_to(uids.clone(), &other).await));
                assert!(is_fair(&open.move_to(uids, &other).await));
                let expunged = open.expunge(uids_of(1..3)).await;
                assert!(matches!(expunged, Ok(_) | Err(StoreError::NoSuchFolder)));
            }
        }
    }
    appended
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn folders_that_come_and_go_leave_no_message_without_a_folder_and_no_file_without_a_message() {
    let (dir, store, alice, _) = inbox_of(1).await;
    let gardeners: Vec<_> = (0..8).map(|seed| tokio::spawn(gardener(store.clone(), alice, seed))).collect();
    let mut appended = 0;
    for gardener in gardeners {
        appended += gardener.await.unwrap();
    }
    assert!(appended > 0);
    let database = dir.database();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM bodies") as usize, dir.bodies().len());
    for nothing in [
        "SELECT count(*) FROM messages WHERE folder NOT IN (SELECT id FROM folders)",
        "SELECT count(*) FROM keywords WHERE (folder, uid) NOT IN (SELECT folder, uid FROM messages)",
        "SELECT count(*) FROM bodies WHERE id NOT IN (SELECT body FROM messages)",
        "SELECT count(*) FROM messages WHERE (folder, uid) IN (SELECT folder, uid FROM expunged)",
        "SELECT count(*) FROM folders WHERE instr(name, '/') > 0
         AND rtrim(rtrim(name, 'abc'), '/') NOT IN (SELECT name FROM folders)",
        "SELECT count(*) FROM folders
         WHERE messages <> (SELECT count(*) FROM messages WHERE folder = folders.id)
         OR deleted <> (SELECT count(*) FROM messages WHERE folder = folders.id AND flags & 8 <> 0)
         OR highestmodseq < (SELECT ifnull(max(modseq), 0) FROM messages WHERE folder = folders.id)",
    ] {
        assert_eq!(count(nothing), 0, "{nothing}");
    }
}
