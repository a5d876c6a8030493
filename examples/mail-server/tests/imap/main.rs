//! What a user sees of the server by IMAP.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

#[path = "../support/mod.rs"]
mod support;

mod failures;
mod folders;
mod guests;
mod limits;
mod login;
mod messages;
mod search;
mod views;

const ALICE: &str = "alice@example.org";

/// A message with two parts, one of them a message.
const NESTED: &str = "From: Carol <carol@example.net>\r\nSubject: =?utf-8?q?L=C3=A4mmer?=\r\nMIME-Version: 1.0\r\n\
     Content-Type: multipart/mixed; boundary=b\r\n\r\n\
     --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsch=C3=B6n\r\n\
     --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n--b--\r\n";
