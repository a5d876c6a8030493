//! Languages ([RFC 6856 §3](https://www.rfc-editor.org/rfc/rfc6856#section-3)).
use super::run;
use crate::{Language, LanguageRange, LanguageTag};
use mail_wire::span::{Parsed, Span, expected, maybe, octet, rest, sp};
use nom::{
    Parser,
    branch::alt,
    combinator::{map, value},
    sequence::preceded,
};

/// `language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*"` ([RFC 4647 §2.1])
///
/// [RFC 4647 §2.1]: https://www.rfc-editor.org/rfc/rfc4647#section-2.1
pub(super) fn language_range(i: Span<'_>) -> Parsed<'_, LanguageRange> {
    // rule rfc6856 3.2 lang-star: `*` is a range [instead: map(language_tag, LanguageRange::Tag).parse(i)]
    alt((value(LanguageRange::Any, octet(b'*', "a language")), map(language_tag, LanguageRange::Tag)))
        .parse(i)
}

/// `language-tag = 1*8ALPHA *("-" 1*8alphanum)`: the form that all tags of [RFC 5646 §2.1] have
///
/// [RFC 5646 §2.1]: https://www.rfc-editor.org/rfc/rfc5646#section-2.1
pub(crate) fn language_tag(i: Span<'_>) -> Parsed<'_, LanguageTag> {
    let tag = run(i, |octet| octet == b'-' || octet.is_ascii_alphanumeric());
    let (after, tag) = i.part(tag);
    let is_letters = |part: &[u8]| part.iter().all(u8::is_ascii_alphabetic);
    let mut parts = tag.text().split(|octet| *octet == b'-');
    let begins = parts.clone().next().is_some_and(is_letters);
    if !begins || !parts.all(|part| (1..=8).contains(&part.len())) {
        return expected(i, "a language");
    }
    Ok((after, LanguageTag::checked(tag.share_text()?)))
}

/// `language-listing = language-tag [SP description]`
pub(crate) fn language(i: Span<'_>) -> Parsed<'_, Language> {
    let start = i;
    let (i, tag) = language_tag(i)?;
    // rule rfc6856 3.2 listing-words: words may stand behind a language [instead: (i, None::<Span<'_>>)]
    let (i, words) = maybe(preceded(sp, rest)).parse(i)?;
    let words = words.map(Span::share_text).transpose()?;
    match Language::new(tag, words) {
        Ok(language) => Ok((i, language)),
        Err(_) => expected(start, "a language of one line"),
    }
}
