//! Message numbers, UIDs, and who has been told what.
//!
//! A message has a UID for good, and a number that each session counts for itself: it changes when, and only when,
//! that session is told of an EXPUNGE, which may not be told at all times
//! ([RFC 3501 §7.4.1](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.1)). So a server keeps one [`Mailbox`] for
//! all sessions that have it open, and a [`MailboxView`] for each of them:
//!
//! ```
//! use imap_proto::mailbox::{Change, Expunges, Mailbox, Recent};
//!
//! let mut mailbox = Mailbox::new(1);
//! mailbox.append(&[(10, "\\Seen"), (11, ""), (12, "")], 1)?;
//! let mut view = mailbox.open(Recent::Ignore);
//!
//! // Another session expunges message 1, and mail arrives, while ours fetches.
//! mailbox.expunge(&[10], 2)?;
//! mailbox.append(&[(13, "")], 3)?;
//! assert!(view.pending(&mut mailbox, Expunges::Forbidden).eq([Change::Exists(4)]));
//! assert_eq!(view.uid(1), Some(10));
//! assert!(mailbox.get(10).is_none(), "it has a number still, and is gone");
//!
//! // The next NOOP tells.
//! assert!(view.pending(&mut mailbox, Expunges::Allowed).eq([Change::Expunge { number: 1, uid: 10 }]));
//! assert_eq!((view.exists(), view.uid(1)), (3, Some(11)));
//! # Ok::<(), imap_proto::mailbox::ChangeError>(())
//! ```
//!
//! A client counts on the other end, from what it is told: [`ClientView`].
//!
//! # What it costs
//!
//! | | time | memory |
//! |---|---|---|
//! | number to UID, UID to number, flags of a UID | O(log n) | |
//! | append, change or expunge a message | O(log n) | |
//! | open a mailbox, poll without news | O(1) | |
//! | poll | O(log n) a change | as the changes |
//! | a message | | 12 octets and its flags, padded; its UID 8 octets a gap |
//! | a session | | about 150 octets, and what is different from other sessions |
//!
//! A view holds the UIDs it has told of as a snapshot that shares all of its chunks with the mailbox and with other
//! views, but for those that have changed since. A session that sleeps while others expunge thus keeps old chunks
//! alive: up to 2 KiB for each expunge, and never more than a copy of all UIDs a session. A host that cannot afford
//! that ends sessions that sleep for too long.
mod changes;
mod client;
mod messages;
mod recent;
mod runs;
mod shared;
mod tree;
mod view;

pub use changes::{Change, Changes, Expunges};
pub use client::{ClientView, Contradiction};
pub use messages::{Messages, OutOfRange};
pub use recent::Recent;
pub use shared::{ChangeError, Mailbox, Message, Stored};
pub use view::{Echo, MailboxView};
