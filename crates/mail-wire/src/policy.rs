//! What all configurations say alike.

/// Is the connection encrypted?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// Octets go in clear.
    #[default]
    Clear,
    /// Octets go by TLS.
    Tls,
}

/// Whether something is on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Offer {
    /// It is not offered, and refused when asked for.
    #[default]
    No,
    /// It is.
    Yes,
}

/// Whether passwords may cross the network in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CleartextLogin {
    /// Without TLS nobody logs in, and no way to log in is offered.
    #[default]
    Refuse,
    /// For tests, and for networks that are protected otherwise.
    Allow,
}

/// When a client wants TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsPolicy {
    /// In clear nothing is sent but what leads to TLS, and what ends the session.
    #[default]
    Required,
    /// TLS where it is offered, and no more than that is asked for: the caller decides.
    Opportunistic,
    /// TLS is never asked for: for hosts that have none, and for tests.
    Never,
}
