//! What was said of a message beside its octets is there as long as the message.

use std::time::SystemTime;

use mail_server::store::*;
use smtp_proto::{Body, Mail, Mailbox, Notify, Rcpt, Ret};

use crate::support::*;

fn mailbox(address: &str) -> Mailbox {
    Mailbox::new(address).unwrap()
}

/// Everything that a notification would need.
fn asking() -> Envelope {
    let mail =
        Mail::new(mailbox("bob@example.net")).with_ret(Ret::Headers).with_envid("QQ+31=4 159").unwrap();
    let alice = Rcpt::new(mailbox("alice@example.org"))
        .with_notify(Notify::SUCCESS.and(Notify::DELAY))
        .with_orcpt("rfc822", "\"al ice\"@old.example")
        .unwrap();
    let carol = Rcpt::new(mailbox("carol@example.org")).with_notify(Notify::NEVER);
    Envelope { mail: mail.with_body(Body::EightBitMime), recipients: vec![alice, carol] }
}

#[tokio::test]
async fn what_a_sender_asked_of_notifications_outlives_the_server() {
    let dir = TempDir::new();
    let store = dir.serve();
    let accounts = [add(&store, "alice@example.org").await, add(&store, "carol@example.org").await];
    let incoming = spool(&store, b"asking", 3).await;
    store.deliver(incoming, asking(), &accounts.map(Recipient::inbox), SystemTime::now()).await.unwrap();
    deliver(&store, b"from nobody", accounts[0]).await;
    append(&store, accounts[0], "INBOX", b"appended", &[]).await;
    drop(store);

    for store in [dir.serve(), dir.admin()] {
        let [alice, carol] = accounts;
        let told = store.envelopes(alice, &name("INBOX")).await.unwrap();
        assert_eq!(told, [(Uid::new(1), asking()), (Uid::new(2), Envelope::default())]);
        assert_eq!(told[0].1.mail.parameters().envid().unwrap().to_string(), "QQ+31=4 159");
        assert_eq!(store.envelopes(carol, &name("INBOX")).await.unwrap(), [(Uid::new(1), asking())]);
        assert_eq!(store.envelopes(alice, &name("Sent")).await.unwrap(), []);
        let error = store.envelopes(alice, &name("Nowhere")).await.unwrap_err();
        assert!(matches!(error, FolderError::NoSuchFolder), "{error}");
    }
}

#[tokio::test]
async fn an_envelope_goes_with_the_last_of_its_messages() {
    let dir = TempDir::new();
    let store = dir.serve();
    let accounts = [add(&store, "alice@example.org").await, add(&store, "carol@example.org").await];
    let incoming = spool(&store, b"asking", 3).await;
    store.deliver(incoming, asking(), &accounts.map(Recipient::inbox), SystemTime::now()).await.unwrap();
    for (account, left) in accounts.into_iter().zip([2, 0]) {
        let mut maildrop = store.maildrop(account).await.unwrap();
        maildrop.delete(&[Uid::new(1)]).await.unwrap();
        let count = "SELECT count(*) FROM envelope_recipients";
        let found: u32 = dir.database().query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(found, left);
    }
}
