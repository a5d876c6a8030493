//! What a host answers.
use crate::{DropListing, ReplyText, ResponseCode};
use alloc::vec::Vec;
use mail_wire::Text;

/// A refusal: what is said beside `-ERR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection(ReplyText);

impl Rejection {
    /// `[AUTH]`: the credentials are wrong, and nothing else is.
    pub const AUTHENTICATION_FAILED: Self = Self::known(ResponseCode::Auth, "authentication failed");
    /// `[IN-USE]`: the credentials are right, and another session holds the maildrop.
    pub const IN_USE: Self = Self::known(ResponseCode::InUse, "the maildrop is in use by another session");
    /// `[SYS/TEMP]`: a failure that will pass.
    pub const TEMPORARY_FAILURE: Self = Self::known(ResponseCode::SysTemp, "try again later");
    /// `[SYS/PERM]`: a failure that someone must mend.
    pub const PERMANENT_FAILURE: Self = Self::known(ResponseCode::SysPerm, "the maildrop cannot be opened");
    /// `[UTF8]`: the message holds UTF-8, and the client has not said UTF8.
    pub const NEEDS_UTF8: Self = Self::known(ResponseCode::Utf8, "the message holds UTF-8, say UTF8 first");
    /// A name or a password is not UTF-8, and is none therefore.
    pub(super) const NOT_UTF8: Self = Self::known(ResponseCode::Auth, "name and password must be UTF-8");
    /// Not every message that was marked could be removed.
    pub const NOT_REMOVED: Self = Self(ReplyText::from_static("some deleted messages not removed"));

    /// A refusal with this text.
    pub const fn new(text: ReplyText) -> Self {
        Self(text)
    }

    /// What is said beside `-ERR`.
    pub fn text(&self) -> &ReplyText {
        &self.0
    }

    pub(super) fn into_text(self) -> ReplyText {
        self.0
    }

    const fn known(code: ResponseCode, words: &'static str) -> Self {
        Self(ReplyText { code: Some(code), words: Text::from_static(words) })
    }
}

/// The next step of an AUTH exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthAnswer {
    /// The mechanism says this, and waits for a response.
    Challenge(Vec<u8>),
    /// The client has logged in, and this is what its maildrop holds.
    Success(DropListing),
}
