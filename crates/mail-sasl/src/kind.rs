//! The mechanisms that are known here, from the strongest to the weakest.
use crate::Hash;
use mail_wire::Mechanism;
use rsasl::{
    mechanisms::{
        anonymous::ANONYMOUS,
        external::EXTERNAL,
        login::LOGIN,
        oauthbearer::OAUTHBEARER,
        plain::PLAIN,
        scram::{SCRAM_SHA1, SCRAM_SHA1_PLUS, SCRAM_SHA256, SCRAM_SHA256_PLUS},
        xoauth2::XOAUTH2,
    },
    prelude::{Mechanism as Implementation, Registry},
};

/// A mechanism, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    External,
    Scram { hash: Hash, form: Form },
    OAuthBearer,
    XOAuth2,
    Plain,
    Login,
    Anonymous,
}

/// Is an exchange of SCRAM tied to its channel?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Bare,
    Plus,
}

impl Kind {
    /// The strongest first.
    pub(crate) const ALL: [Self; 10] = [
        Self::External,
        Self::Scram { hash: Hash::Sha256, form: Form::Plus },
        Self::Scram { hash: Hash::Sha1, form: Form::Plus },
        Self::Scram { hash: Hash::Sha256, form: Form::Bare },
        Self::Scram { hash: Hash::Sha1, form: Form::Bare },
        Self::OAuthBearer,
        Self::XOAuth2,
        Self::Plain,
        Self::Login,
        Self::Anonymous,
    ];

    pub(crate) fn of(mechanism: Mechanism) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == mechanism.as_str())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Scram { hash: Hash::Sha256, form: Form::Plus } => "SCRAM-SHA-256-PLUS",
            Self::Scram { hash: Hash::Sha1, form: Form::Plus } => "SCRAM-SHA-1-PLUS",
            Self::Scram { hash: Hash::Sha256, form: Form::Bare } => "SCRAM-SHA-256",
            Self::Scram { hash: Hash::Sha1, form: Form::Bare } => "SCRAM-SHA-1",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::XOAuth2 => "XOAUTH2",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::Anonymous => "ANONYMOUS",
        }
    }

    /// Does it show a password or a token to whoever reads the line?
    pub(crate) fn shows_secret(self) -> bool {
        matches!(self, Self::OAuthBearer | Self::XOAuth2 | Self::Plain | Self::Login)
    }

    /// Does the client speak first?
    pub(crate) fn is_client_first(self) -> bool {
        self != Self::Login
    }

    pub(crate) fn is_plus(self) -> bool {
        matches!(self, Self::Scram { form: Form::Plus, .. })
    }

    /// The implementation alone, so that rsasl has nothing to choose from.
    pub(crate) fn registry(self) -> Registry {
        static IMPLEMENTATIONS: [[Implementation; 1]; 10] = [
            [EXTERNAL],
            [SCRAM_SHA256_PLUS],
            [SCRAM_SHA1_PLUS],
            [SCRAM_SHA256],
            [SCRAM_SHA1],
            [OAUTHBEARER],
            [XOAUTH2],
            [PLAIN],
            [LOGIN],
            [ANONYMOUS],
        ];
        let of_kind = Self::ALL.iter().zip(&IMPLEMENTATIONS).find(|(kind, _)| **kind == self);
        Registry::with_mechanisms(of_kind.map_or(&[], |(_, implementation)| implementation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_mechanism_and_leads_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(Mechanism::new(kind.name()).unwrap()), Some(kind));
        }
        assert_eq!(Kind::of(Mechanism::CRAM_MD5), None);
    }
}
