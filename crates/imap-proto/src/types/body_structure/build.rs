//! What to make a structure of.
use crate::Envelope;

/// The strings and numbers to make a [`BodyStructure`](crate::BodyStructure) of: those of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartFields<'a> {
    /// The media type; `multipart` for one with parts.
    pub media_type: &'a str,
    /// The media subtype.
    pub subtype: &'a str,
    /// The parameters of the media type: name and value.
    pub parameters: &'a [(&'a str, &'a str)],
    /// Content-ID.
    pub id: Option<&'a str>,
    /// Content-Description.
    pub description: Option<&'a str>,
    /// Content-Transfer-Encoding. A multipart has none.
    pub encoding: &'a str,
    /// Size in octets, encoded as it is. Not told of a multipart.
    pub octets: u64,
    /// Size in lines, told of texts and messages.
    pub lines: u64,
    /// The envelope of a message.
    pub envelope: Option<&'a Envelope>,
    /// Content-MD5. A multipart has none.
    pub md5: Option<&'a str>,
    /// Content-Disposition: its type and its parameters.
    pub disposition: Option<(&'a str, &'a [(&'a str, &'a str)])>,
    /// Content-Language.
    pub languages: &'a [&'a str],
    /// Content-Location.
    pub location: Option<&'a str>,
    /// The parts of a multipart; of a message, the one part that is its body.
    pub parts: &'a [PartFields<'a>],
}

impl<'a> PartFields<'a> {
    /// A part of octets, in 7BIT.
    pub fn single(media_type: &'a str, subtype: &'a str, octets: u64) -> Self {
        Self { media_type, subtype, encoding: "7BIT", octets, ..Self::default() }
    }

    /// A part of text, in 7BIT.
    pub fn text(subtype: &'a str, octets: u64, lines: u64) -> Self {
        Self { lines, ..Self::single("text", subtype, octets) }
    }

    /// A part of other parts.
    pub fn multipart(subtype: &'a str, parts: &'a [PartFields<'a>]) -> Self {
        Self { media_type: "multipart", subtype, parts, ..Self::default() }
    }

    /// A part that is a message: its size, its envelope, and the part that is its body.
    pub fn message(octets: u64, lines: u64, envelope: &'a Envelope, body: &'a PartFields<'a>) -> Self {
        let parts = core::slice::from_ref(body);
        Self { lines, envelope: Some(envelope), parts, ..Self::single("message", "rfc822", octets) }
    }

    /// With these parameters of its media type.
    #[must_use]
    pub fn with_parameters(self, parameters: &'a [(&'a str, &'a str)]) -> Self {
        Self { parameters, ..self }
    }

    /// With this Content-Transfer-Encoding.
    #[must_use]
    pub fn with_encoding(self, encoding: &'a str) -> Self {
        Self { encoding, ..self }
    }

    /// With this Content-Disposition.
    #[must_use]
    pub fn with_disposition(self, kind: &'a str, parameters: &'a [(&'a str, &'a str)]) -> Self {
        Self { disposition: Some((kind, parameters)), ..self }
    }
}
