//! What a server knows of the open transaction, beside its state.

/// What MAIL agreed on, and what has come in chunks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Transaction {
    pub(super) addresses: Addresses,
    pub(super) content: Content,
    /// Octets of the chunks that were taken.
    pub(super) octets: u64,
    /// Octets of the chunks that were refused, since MAIL.
    pub(super) drained: u64,
    /// Recipients of a message whose chunk was refused: in LMTP its last chunk gets so many replies.
    pub(super) failed: u32,
}

/// What addresses the open transaction may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Addresses {
    #[default]
    Ascii,
    /// MAIL said SMTPUTF8.
    Utf8,
}

/// What the message of the open transaction is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Content {
    #[default]
    Lines,
    /// MAIL said BODY=BINARYMIME.
    Octets,
}
