//! BODYSTRUCTURE.
use super::{
    content::Content,
    envelope::envelope,
    section::children,
    walk::{Kind, Part},
};
use imap_proto::{BodyStructure, Envelope, ParseError, PartFields};

/// The structure of a message of these parts.
///
/// # Errors
/// It would be larger than a structure may be.
pub(super) fn structure(
    octets: &[u8],
    parts: &[Part],
    contents: &[Content],
) -> Result<BodyStructure, ParseError> {
    let mut described = Vec::with_capacity(parts.len());
    for (at, (part, content)) in parts.iter().zip(contents).enumerate() {
        described.push(Described::new(octets, parts, at, part, content)?);
    }
    let levels = levels(parts);
    raise(&described, parts, &levels, &[])
}

/// The parts of each depth, in their order.
fn levels(parts: &[Part]) -> Vec<Vec<usize>> {
    let (mut levels, mut around) = (Vec::<Vec<usize>>::new(), Vec::<usize>::new());
    for (at, part) in parts.iter().enumerate() {
        while around.last().is_some_and(|end| *end <= at) {
            around.pop();
        }
        if levels.len() == around.len() {
            levels.push(Vec::new());
        }
        levels.get_mut(around.len()).into_iter().for_each(|level| level.push(at));
        around.push(part.end);
    }
    levels
}

/// What a structure borrows of a part.
#[derive(Debug)]
struct Described<'a> {
    part: &'a Part,
    content: &'a Content,
    parameters: Vec<(&'a str, &'a str)>,
    disposition: Vec<(&'a str, &'a str)>,
    languages: Vec<&'a str>,
    /// That of the message in a message/rfc822.
    envelope: Option<Envelope>,
}

impl<'a> Described<'a> {
    fn new(
        octets: &[u8],
        parts: &[Part],
        at: usize,
        part: &'a Part,
        content: &'a Content,
    ) -> Result<Self, ParseError> {
        let message = children(parts, at).next().and_then(|child| parts.get(child));
        let envelope = match message {
            Some(message) if part.kind == Kind::Message => Some(envelope(message.header_of(octets))?),
            _ => None,
        };
        let disposition = content.disposition.as_ref().map(|(_, parameters)| pairs(parameters));
        Ok(Self {
            part,
            content,
            parameters: pairs(&content.parameters),
            disposition: disposition.unwrap_or_default(),
            languages: content.languages.iter().map(String::as_str).collect(),
            envelope,
        })
    }

    /// With these parts within.
    fn fields<'b>(&'b self, parts: &'b [PartFields<'b>]) -> PartFields<'b> {
        let content = self.content;
        let disposition = content.disposition.as_ref();
        PartFields {
            media_type: &content.media_type,
            subtype: &content.subtype,
            parameters: &self.parameters,
            id: content.id.as_deref(),
            description: content.description.as_deref(),
            encoding: content.encoding.as_deref().unwrap_or("7bit"),
            octets: self.part.body.end - self.part.body.start,
            lines: self.part.lines,
            envelope: self.envelope.as_ref(),
            md5: content.md5.as_deref(),
            disposition: disposition.map(|(kind, _)| (kind.as_str(), &self.disposition[..])),
            languages: &self.languages,
            location: content.location.as_deref(),
            parts,
        }
    }
}

/// A multipart in which not one part begins is told to have an empty one: the grammar asks for it.
const EMPTY: &[PartFields<'_>] = &[PartFields {
    media_type: "text",
    subtype: "plain",
    parameters: &[("charset", "us-ascii")],
    id: None,
    description: None,
    encoding: "7bit",
    octets: 0,
    lines: 0,
    envelope: None,
    md5: None,
    disposition: None,
    languages: &[],
    location: None,
    parts: &[],
}];

/// Makes the parts of the deepest level, of those below them, then the levels above: no deeper than parts stand in
/// each other.
fn raise(
    described: &[Described<'_>],
    parts: &[Part],
    levels: &[Vec<usize>],
    below: &[PartFields<'_>],
) -> Result<BodyStructure, ParseError> {
    let Some((deepest, above)) = levels.split_last() else {
        return BodyStructure::new(below.first().unwrap_or(&PartFields::single(
            "application",
            "octet-stream",
            0,
        )));
    };
    let mut rest = below;
    let level: Vec<_> = deepest
        .iter()
        .filter_map(|at| {
            let part = described.get(*at)?;
            // Of a level, parts within the same one stand behind each other.
            let (within, behind) = rest.split_at_checked(children(parts, *at).count())?;
            rest = behind;
            let within = if within.is_empty() && part.part.kind == Kind::Multipart { EMPTY } else { within };
            Some(part.fields(within))
        })
        .collect();
    raise(described, parts, above, &level)
}

fn pairs(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
