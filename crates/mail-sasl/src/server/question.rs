//! What a server asks its host.
use crate::{ScramKeys, scram::Hash};
use mail_wire::Secret;

/// What only the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Is this the password of that name? (PLAIN, LOGIN.)
    ///
    /// A host that keeps keys asks [`ScramKeys::fit`]. It should take as long for a name that it does not know as for
    /// a wrong password: [`ServerConfig::keys_of_nobody`](crate::ServerConfig::keys_of_nobody) fit none.
    Password {
        /// Prepared by SASLprep.
        name: String,
        /// Prepared by SASLprep.
        password: Secret,
    },
    /// Which keys has that name? (SCRAM.)
    Keys {
        /// Prepared by SASLprep.
        name: String,
        /// What the keys are to be made with.
        hash: Hash,
    },
    /// Whose is this token? (OAUTHBEARER, XOAUTH2.)
    Token {
        /// Who the client says it is. The token decides: it must be that account's.
        name: Option<String>,
        /// Without the word `Bearer`.
        token: Secret,
    },
    /// Whom does the connection show, by a certificate or otherwise? (EXTERNAL.)
    External {
        /// Whom the client wants to act as, where it says.
        authorization: Option<String>,
    },
    /// May somebody come without a name? (ANONYMOUS.)
    Anonymous {
        /// What was told, unchecked: for the log.
        trace: String,
    },
    /// May one account act as another? The password or proof was right.
    ActAs {
        /// Who has logged in.
        name: String,
        /// Whom the client wants to act as.
        other: String,
    },
}

/// What the host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes, and this is the account's name; to [`Question::ActAs`], the name to act as.
    Granted(String),
    /// The keys of that name.
    Keys(ScramKeys),
    /// There is no such account.
    Unknown {
        /// How its name would be written, if there were one. Where two spellings mean one account, an account shows
        /// the same salt for both; so must a name that nobody has.
        called: String,
    },
    /// No, or there is no such account, and names are spelt in one way only.
    Refused,
}

/// A host that answers at once. Without a method of its own, a host refuses.
///
/// Where looking up an account or hashing a password must wait its turn, use [`Server::receive`] and
/// [`Server::answer`] instead.
///
/// [`Server::receive`]: crate::Server::receive
/// [`Server::answer`]: crate::Server::answer
pub trait Accounts {
    /// Checks a password: the account's name, if it is right ([`Question::Password`]).
    fn password(&self, name: &str, password: &Secret) -> Option<String> {
        let _ = (name, password);
        None
    }

    /// The keys of an account ([`Question::Keys`]).
    fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
        let _ = (name, hash);
        None
    }

    /// How the name of an account is written that could be meant, whether there is one or not
    /// ([`Answer::Unknown`]). Without this, each name is its own.
    fn called(&self, name: &str) -> String {
        name.to_owned()
    }

    /// Checks a token: the account's name, if it is good ([`Question::Token`]).
    fn token(&self, name: Option<&str>, token: &Secret) -> Option<String> {
        let _ = (name, token);
        None
    }

    /// Whom the connection shows ([`Question::External`]).
    fn external(&self, authorization: Option<&str>) -> Option<String> {
        let _ = authorization;
        None
    }

    /// The name for a guest ([`Question::Anonymous`]).
    fn anonymous(&self, trace: &str) -> Option<String> {
        let _ = trace;
        None
    }

    /// The name to act as, if the account may ([`Question::ActAs`]).
    fn act_as(&self, name: &str, other: &str) -> Option<String> {
        let _ = (name, other);
        None
    }

    /// Answers any question, by the methods above.
    fn answer(&self, question: &Question) -> Answer {
        let granted = match question {
            Question::Keys { name, hash } => {
                return match self.keys(name, *hash) {
                    Some(keys) => Answer::Keys(keys),
                    None => Answer::Unknown { called: self.called(name) },
                };
            }
            Question::Password { name, password } => self.password(name, password),
            Question::Token { name, token } => self.token(name.as_deref(), token),
            Question::External { authorization } => self.external(authorization.as_deref()),
            Question::Anonymous { trace } => self.anonymous(trace),
            Question::ActAs { name, other } => self.act_as(name, other),
        };
        granted.map_or(Answer::Refused, Answer::Granted)
    }
}
