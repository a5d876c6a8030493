//! What a peer takes.
use crate::Encoding;
use alloc::vec::Vec;
use bytes::BytesMut;
use mail_wire::{Offer, Outbox, Output};

/// Which literals may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LiteralForm {
    /// `{n}`: a client sends the octets when the server has said that it may.
    #[default]
    Synchronising,
    /// `LITERAL-`: up to 4096 octets `{n+}`, and the octets right behind; more than that `{n}`
    /// ([RFC 7888 §5](https://www.rfc-editor.org/rfc/rfc7888#section-5)).
    Minus,
    /// `LITERAL+`: always `{n+}` ([RFC 7888 §4](https://www.rfc-editor.org/rfc/rfc7888#section-4)).
    Plus,
}

/// What the peer takes: learned from its capabilities, and agreed upon by ENABLE.
///
/// ```
/// use imap_proto::{Encoding, LiteralForm, Wire};
/// let wire = Wire::new().with_literals(LiteralForm::Plus).with_encoding(Encoding::Utf8);
/// assert_eq!(wire.encoding(), Encoding::Utf8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wire {
    literals: LiteralForm,
    encoding: Encoding,
    binary: Offer,
    initial_response: Offer,
    multi_append: Offer,
}

impl Wire {
    /// What every server of IMAP4rev1 takes.
    pub const fn new() -> Self {
        Self {
            literals: LiteralForm::Synchronising,
            encoding: Encoding::ModifiedUtf7,
            binary: Offer::No,
            initial_response: Offer::No,
            multi_append: Offer::No,
        }
    }

    /// Sets which literals may be sent.
    #[must_use]
    pub const fn with_literals(self, literals: LiteralForm) -> Self {
        Self { literals, ..self }
    }

    /// Sets how text outside of ASCII is written.
    #[must_use]
    pub const fn with_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Sets whether `literal8` is taken: `BINARY` ([RFC 3516](https://www.rfc-editor.org/rfc/rfc3516)), or
    /// `UTF8=ACCEPT` enabled.
    #[must_use]
    pub const fn with_binary(self, binary: Offer) -> Self {
        Self { binary, ..self }
    }

    /// Sets whether AUTHENTICATE may bear its first response: `SASL-IR`
    /// ([RFC 4959](https://www.rfc-editor.org/rfc/rfc4959)), and all of IMAP4rev2.
    #[must_use]
    pub const fn with_initial_response(self, initial_response: Offer) -> Self {
        Self { initial_response, ..self }
    }

    /// Sets whether APPEND may bear several messages: `MULTIAPPEND`
    /// ([RFC 3502](https://www.rfc-editor.org/rfc/rfc3502)).
    #[must_use]
    pub const fn with_multi_append(self, multi_append: Offer) -> Self {
        Self { multi_append, ..self }
    }

    /// Which literals may be sent.
    pub const fn literals(&self) -> LiteralForm {
        self.literals
    }

    /// How text outside of ASCII is written.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Is `literal8` taken?
    pub const fn binary(&self) -> Offer {
        self.binary
    }

    /// May AUTHENTICATE bear its first response?
    pub const fn initial_response(&self) -> Offer {
        self.initial_response
    }

    /// May APPEND bear several messages?
    pub const fn multi_append(&self) -> Offer {
        self.multi_append
    }
}

/// Where commands are written: they may have to stop until the server says go.
pub trait Hold: Output {
    /// What is written from here on waits for the server's word.
    fn hold(&mut self) {}
    /// Ends what the holds of this command hold: a server's NO drops it up to here.
    fn end_held(&mut self) {}
}

/// Keeps everything as one text, as if the server had always said go.
impl Hold for Vec<u8> {}

/// Keeps everything as one text, as if the server had always said go.
impl Hold for BytesMut {}

impl Hold for Outbox {
    fn hold(&mut self) {
        Self::hold(self);
    }
    fn end_held(&mut self) {
        Self::end_held(self);
    }
}
