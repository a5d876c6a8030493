//! Octets of a part, as the text or the file that they are.
use imap_proto::BodyPart;
use mail_parser::{MessageParser, PartType, decoders::html::html_to_text};

/// The text of a part: its transfer encoding and its charset undone, HTML made readable.
pub(crate) fn text(part: BodyPart<'_>, octets: &[u8]) -> String {
    // A message inside of a message is shown as it is.
    if !part.media_type().eq_ignore_ascii_case(b"text") {
        return String::from_utf8_lossy(&file(part, octets)).into_owned();
    }
    let charset = part.parameter("charset").map(|charset| format!("; charset=\"{}\"", token(&charset)));
    let subtype = if part.is("text", "html") { "html" } else { "plain" };
    decoded(&format!("text/{subtype}{}", charset.unwrap_or_default()), part, octets, |body| match body {
        PartType::Html(html) => html_to_text(&html),
        PartType::Text(text) => text.into_owned(),
        PartType::Binary(octets) | PartType::InlineBinary(octets) => {
            String::from_utf8_lossy(&octets).into_owned()
        }
        _ => String::new(),
    })
}

/// The file that a part is: its transfer encoding undone, and nothing else.
pub(crate) fn file(part: BodyPart<'_>, octets: &[u8]) -> Vec<u8> {
    decoded("application/octet-stream", part, octets, |body| match body {
        PartType::Text(text) | PartType::Html(text) => text.into_owned().into_bytes(),
        PartType::Binary(octets) | PartType::InlineBinary(octets) => octets.into_owned(),
        _ => Vec::new(),
    })
}

/// The parser reads whole messages: one is made of what the structure says of the part.
fn decoded<T>(media_type: &str, part: BodyPart<'_>, octets: &[u8], take: impl FnOnce(PartType<'_>) -> T) -> T
where
    T: Default,
{
    let encoding = part.encoding().map(|encoding| token(&encoding)).unwrap_or_default();
    let head = format!("Content-Type: {media_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
    let message = [head.as_bytes(), octets].concat();
    let parsed = MessageParser::new().with_mime_headers().parse(&message);
    let body = parsed.and_then(|message| message.parts.into_iter().next()).map(|part| part.body);
    body.map(take).unwrap_or_default()
}

/// What may stand in a header whatever was told: a name of a charset or an encoding has nothing else.
fn token(octets: &[u8]) -> String {
    let is_plain = |octet: &&u8| octet.is_ascii_alphanumeric() || b"-_.:+".contains(octet);
    octets.iter().filter(is_plain).map(|octet| char::from(*octet)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_proto::{BodyStructure, Deviations, Dialect};

    fn with(structure: &str, octets: &[u8]) -> (String, Vec<u8>) {
        let text_of = bytes::Bytes::copy_from_slice(structure.as_bytes());
        let read = BodyStructure::parse(&text_of, &Dialect::default(), &mut Deviations::new()).unwrap();
        (text(read.root(), octets), file(read.root(), octets))
    }

    #[test]
    fn a_text_is_readable_whatever_it_was_sent_as() {
        let plain = |charset: &str, encoding: &str, octets: &[u8]| {
            let charset = format!(r#"("text" "plain" ("charset" "{charset}") NIL NIL "{encoding}" 9 1)"#);
            with(&charset, octets).0
        };
        assert_eq!(plain("us-ascii", "7bit", b"a\r\nb\r\n"), "a\r\nb\r\n");
        assert_eq!(plain("UTF-8", "quoted-printable", b"Gr=C3=BC=\r\n=C3=9Fe"), "Gr\u{fc}\u{df}e");
        assert_eq!(plain("iso-8859-15", "8bit", b"10 \xa4"), "10 \u{20ac}");
        assert_eq!(plain("shift_jis", "BASE64", b"k/qWe4zq"), "\u{65e5}\u{672c}\u{8a9e}");
        assert_eq!(plain("no-such-charset", "7bit", b"abc"), "abc");
        // What a server tells cannot add fields.
        assert_eq!(plain("x: 1", "7bit", b"--\r\nabc"), "--\r\nabc");
        let html = r#"("text" "html" ("charset" "utf-8") NIL NIL "7bit" 9 1)"#;
        assert_eq!(with(html, b"<p>a &lt; <b>b</b></p>").0.trim(), "a < b");
    }

    #[test]
    fn a_file_is_saved_octet_for_octet() {
        let part = |kind: &str, encoding: &str| format!(r#"({kind} NIL NIL NIL "{encoding}" 9)"#);
        let all: Vec<u8> = (0..=255).collect();
        let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xN\r\nTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqb\r\nnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp\r\n6uvs7e7v8PHy8/T19vf4+fr7/P3+/w==\r\n";
        assert_eq!(with(&part(r#""image" "png""#, "base64"), base64.as_bytes()).1, all);
        assert_eq!(with(&part(r#""image" "png""#, "binary"), &all).1, all);
        let csv = r#"("text" "csv" ("charset" "iso-8859-1") NIL NIL "8bit" 9 1)"#;
        assert_eq!(with(csv, b"caf\xe9,1\r\n").1, b"caf\xe9,1\r\n", "in its own charset");
    }
}
