//! Which part of a message is which.
use imap_proto::{BodyPart, BodyStructure, PartKind};
use std::fmt;

/// A part that is no multipart, and its number.
#[derive(Clone)]
pub(crate) struct Numbered<'a> {
    pub(crate) number: Vec<u32>,
    pub(crate) part: BodyPart<'a>,
    /// It belongs to a message inside of this one.
    is_nested: bool,
}

/// All parts that are no multiparts, in their order.
pub(crate) fn leaves(structure: &BodyStructure) -> Vec<Numbered<'_>> {
    let mut leaves = Vec::new();
    let root = structure.root();
    let number = if root.kind() == PartKind::Multipart { vec![] } else { vec![1] };
    walk(&Numbered { number, part: root, is_nested: false }, &mut leaves);
    leaves
}

/// As deep as the structure, whose nesting is limited when it is read.
fn walk<'a>(at: &Numbered<'a>, leaves: &mut Vec<Numbered<'a>>) {
    match at.part.kind() {
        PartKind::Multipart => walk_children(at, at.part, at.is_nested, leaves),
        PartKind::Message => {
            leaves.push(at.clone());
            let Some(body) = at.part.children().next() else { return };
            if body.kind() == PartKind::Multipart {
                walk_children(at, body, true, leaves);
            } else {
                walk_children(at, at.part, true, leaves);
            }
        }
        PartKind::Text | PartKind::Basic => leaves.push(at.clone()),
    }
}

fn walk_children<'a>(at: &Numbered<'a>, of: BodyPart<'a>, is_nested: bool, leaves: &mut Vec<Numbered<'a>>) {
    for (number, part) in (1..).zip(of.children()) {
        let number = at.number.iter().copied().chain([number]).collect();
        walk(&Numbered { number, part, is_nested }, leaves);
    }
}

/// The part that is the message's text: plain rather than HTML, and no attachment.
pub(crate) fn text<'a, 'l>(leaves: &'l [Numbered<'a>]) -> Option<&'l Numbered<'a>> {
    let mut texts = leaves.iter().filter(|leaf| {
        let is_text = leaf.part.media_type().eq_ignore_ascii_case(b"text");
        is_text && !leaf.is_nested && !leaf.is_attachment()
    });
    let plain = texts.clone().find(|leaf| leaf.part.is("text", "plain"));
    plain.or_else(|| texts.clone().find(|leaf| leaf.part.is("text", "html"))).or_else(|| texts.next())
}

impl Numbered<'_> {
    pub(crate) fn is_attachment(&self) -> bool {
        self.part
            .disposition()
            .is_some_and(|disposition| disposition.kind().eq_ignore_ascii_case(b"attachment"))
    }

    /// The name that its sender gave it.
    pub(crate) fn file_name(&self) -> Option<String> {
        let of_disposition =
            self.part.disposition().and_then(|disposition| disposition.parameter("filename"));
        let name = of_disposition.or_else(|| self.part.parameter("name"))?;
        Some(crate::header::unstructured(&name))
    }
}

/// `1.2  application/pdf  34K  invoice.pdf`
impl fmt::Display for Numbered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number: Vec<String> = self.number.iter().map(u32::to_string).collect();
        let (media_type, subtype) = (self.part.media_type(), self.part.subtype());
        let kind = format!("{}/{}", String::from_utf8_lossy(&media_type), String::from_utf8_lossy(&subtype));
        let (kind, size) = (crate::text::line(&kind.to_lowercase()), crate::text::size(self.part.octets()));
        write!(f, "{:<6} {kind:<28} {size:>5}", number.join("."))?;
        match self.file_name() {
            Some(name) => write!(f, "  {name}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_proto::{Deviations, Dialect};

    const PLAIN: &str = r#"("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 3 1)"#;
    const HTML: &str = r#"("text" "html" NIL NIL NIL "7bit" 3 1)"#;
    const NOTES: &str = r#"("text" "plain" ("name" "n.txt") NIL NIL "7bit" 3 1 NIL ("attachment" ("filename" "n.txt")) NIL NIL)"#;
    const ENVELOPE: &str = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";

    fn numbers(structure: &str) -> (Vec<String>, Option<String>) {
        let octets = bytes::Bytes::copy_from_slice(structure.as_bytes());
        let read = BodyStructure::parse(&octets, &Dialect::default(), &mut Deviations::new()).unwrap();
        let leaves = leaves(&read);
        let shown = |leaf: &Numbered<'_>| {
            assert!(read.part(&leaf.number).is_some_and(|part| part == leaf.part), "{leaf}");
            leaf.to_string().split(' ').next().unwrap().to_owned()
        };
        (leaves.iter().map(shown).collect(), text(&leaves).map(shown))
    }

    #[test]
    fn parts_have_the_numbers_that_the_server_gives_them() {
        assert_eq!(numbers(PLAIN), (vec!["1".into()], Some("1".into())));
        let alternative = format!(r#"({HTML}{PLAIN} "alternative")"#);
        assert_eq!(numbers(&alternative), (vec!["1".into(), "2".into()], Some("2".into())));
        let mixed = format!(r#"({NOTES}{alternative} "mixed")"#);
        assert_eq!(numbers(&mixed), (vec!["1".into(), "2.1".into(), "2.2".into()], Some("2.2".into())));
        let forwarded =
            |body: &str| format!(r#"("message" "rfc822" NIL NIL NIL "7bit" 9 {ENVELOPE} {body} 3)"#);
        let mixed = format!(r#"({}{}{HTML} "mixed")"#, forwarded(PLAIN), forwarded(&alternative));
        let all = ["1", "1.1", "2", "2.1", "2.2", "3"].map(str::to_owned).to_vec();
        assert_eq!(numbers(&mixed), (all, Some("3".into())), "the text of a forwarded message is not ours");
        assert_eq!(numbers(&forwarded(PLAIN)), (vec!["1".into(), "1.1".into()], None));
    }
}
