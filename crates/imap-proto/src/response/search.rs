//! What a search found.
use super::Raw;
use crate::{AString, SequenceSet};
use alloc::vec::Vec;
use mail_wire::Text;

/// Numbers or UIDs that a search found, of IMAP4rev1: `* SEARCH 2 84 882`
/// ([RFC 3501 §7.2.5](https://www.rfc-editor.org/rfc/rfc3501#section-7.2.5)). SORT answers in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Search {
    /// The numbers, in the order they came.
    pub numbers: Vec<u32>,
    /// The highest modification sequence among them
    /// ([RFC 7162 §3.1.5](https://www.rfc-editor.org/rfc/rfc7162#section-3.1.5)).
    pub mod_seq: Option<u64>,
}

/// What a search found: `* ESEARCH (TAG "a567") UID COUNT 5 ALL 4:19,21,28`
/// ([RFC 9051 §7.3.4](https://www.rfc-editor.org/rfc/rfc9051#section-7.3.4),
/// [RFC 4731](https://www.rfc-editor.org/rfc/rfc4731)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ESearch {
    /// The tag of the command it answers.
    pub tag: Option<AString>,
    /// Are the numbers those of messages, or UIDs?
    pub numbers: Numbers,
    /// What was found.
    pub items: Vec<ESearchItem>,
}

/// What numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Numbers {
    /// Numbers of messages.
    #[default]
    Messages,
    /// UIDs.
    Uids,
}

/// One thing that a search tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ESearchItem {
    /// `MIN`: the lowest; 0 where that was tolerated.
    Min(u32),
    /// `MAX`: the highest; 0 where that was tolerated.
    Max(u32),
    /// `ALL`
    All(SequenceSet),
    /// `COUNT`: how many.
    Count(u32),
    /// `MODSEQ`: the highest modification sequence ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    ModSeq(u64),
    /// Another one: its name and its value.
    Other(Text, Raw),
}

/// UIDs that are no more: `* VANISHED (EARLIER) 41,43:116`
/// ([RFC 7162 §3.2.10](https://www.rfc-editor.org/rfc/rfc7162#section-3.2.10)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Vanished {
    /// When they went.
    pub when: VanishedWhen,
    /// The UIDs.
    pub uids: SequenceSet,
}

/// When messages went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum VanishedWhen {
    /// Before: message numbers do not change.
    Earlier,
    /// Now: they do, as with EXPUNGE.
    Now,
}
