//! What is read, and what it may cost.
use super::LineEnding;

/// Whose words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A server's framer reads commands: a literal may wait for the server's word.
    Server,
    /// A client's framer reads responses: a literal just follows, and free text may look like one.
    Client,
}

/// Which non-synchronising literals a server takes ([RFC 7888](https://www.rfc-editor.org/rfc/rfc7888)).
///
/// What is not taken is refused and swallowed: its sender has not waited for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NonSynchronising {
    /// None: neither LITERAL+ nor LITERAL- is offered.
    Refuse,
    /// LITERAL-: those of up to 4,096 octets. IMAP4rev2 has it built in.
    #[default]
    Minus,
    /// LITERAL+: all that the limits allow.
    Plus,
}

/// What to do with a NUL or a bare CR outside of literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strays {
    /// The unit is refused.
    #[default]
    Refuse,
    /// The grammar will say what they are. For clients: some servers put what a mail holds into quoted strings.
    Pass,
}

/// What a framer reads, and what it may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whose words are read.
    pub role: Role,
    /// Which octets end a line. A bare LF is for clients alone: two readings of one stream are an attack.
    pub ending: LineEnding,
    /// What to do with a NUL or a bare CR outside of literals.
    pub strays: Strays,
    /// Which non-synchronising literals a server takes. A client's framer does not ask.
    pub non_synchronising: NonSynchronising,
    /// What a unit may cost.
    pub limits: Limits,
}

/// What a unit may cost: five sizes, since each guards something else.
///
/// A framer itself holds no octets. What is held in the caller's input is one unit at most: [`unit`](Self::unit)
/// octets, and the caller's read block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text of one unit, in octets, line ends counted and literals not. It is held.
    ///
    /// [RFC 7162 §4](https://www.rfc-editor.org/rfc/rfc7162#section-4) asks a server for at least 8,192. It also
    /// bounds how many literals a unit may have.
    pub text: usize,
    /// Longest literal that is waited for without a word, in octets. It is held.
    pub inline: u64,
    /// Most octets of a unit that are held together: text and literals that are waited for.
    pub unit: usize,
    /// Longest literal that may stream, in octets. It is not held, and costs no memory.
    pub literal: u64,
    /// Most octets of a refused unit that are swallowed. They cost no memory, but time and traffic.
    pub swallow: u64,
}

impl Rules {
    /// For commands, strictly, with LITERAL-: 64 KiB of text, literals of up to 4 KiB inline and 64 MiB streamed,
    /// units of up to 256 KiB, 64 MiB swallowed.
    pub const fn server() -> Self {
        Self {
            role: Role::Server,
            ending: LineEnding::Crlf,
            strays: Strays::Refuse,
            non_synchronising: NonSynchronising::Minus,
            limits: Limits {
                text: 64 << 10,
                inline: 4096,
                unit: 256 << 10,
                literal: 64 << 20,
                swallow: 64 << 20,
            },
        }
    }

    /// For responses: 8 MiB of text, since SEARCH tells a million messages on one line; literals of up to 64 KiB
    /// inline and 4 GiB streamed, units of up to 16 MiB, 64 MiB swallowed.
    pub const fn client() -> Self {
        Self {
            role: Role::Client,
            ending: LineEnding::Crlf,
            strays: Strays::Refuse,
            non_synchronising: NonSynchronising::Plus,
            limits: Limits {
                text: 8 << 20,
                inline: 64 << 10,
                unit: 16 << 20,
                literal: 4 << 30,
                swallow: 64 << 20,
            },
        }
    }
}
