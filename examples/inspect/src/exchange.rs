//! How long a SASL exchange is, for who hears one side of it alone.
use smtp_proto::Mechanism;

/// What a client still has to say of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// None is going on.
    None,
    /// So many responses, which the mechanism tells.
    Left(u8),
    /// Nobody knows how many: until a command comes.
    Open,
    /// All that the mechanism tells were said. An empty line is one more, as to a challenge that holds the end of
    /// SCRAM, or an error of XOAUTH2.
    Ended,
}

impl Exchange {
    /// An exchange of this mechanism has begun, perhaps with a response already.
    pub(crate) fn begun(mechanism: Mechanism, has_initial: impl Into<u8>) -> Self {
        match responses(mechanism) {
            Some(responses) => Self::counted(responses.saturating_sub(has_initial.into())),
            None => Self::Open,
        }
    }

    /// Is this line a response? `is_command`: it can be read as a command that is known.
    pub(crate) fn takes(self, line: &[u8], is_command: impl FnOnce() -> bool) -> bool {
        match self {
            Self::None => false,
            Self::Left(_) => true,
            Self::Open => !is_command(),
            Self::Ended => line.is_empty(),
        }
    }

    /// Behind a line that was taken as a response, or was not.
    pub(crate) fn after(self, line: &[u8]) -> Self {
        match self {
            _ if line == b"*" => Self::None,
            Self::Left(left) => Self::counted(left - 1),
            Self::Open => Self::Open,
            Self::None | Self::Ended => Self::None,
        }
    }

    fn counted(left: u8) -> Self {
        if left == 0 { Self::Ended } else { Self::Left(left) }
    }
}

/// How many responses a client says in an exchange that succeeds.
fn responses(mechanism: Mechanism) -> Option<u8> {
    match mechanism.as_str() {
        "PLAIN" | "EXTERNAL" | "ANONYMOUS" | "OAUTHBEARER" | "XOAUTH2" | "CRAM-MD5" => Some(1),
        "LOGIN" | "DIGEST-MD5" | "NTLM" => Some(2),
        scram if scram.starts_with("SCRAM-") => Some(2),
        _ => None,
    }
}
