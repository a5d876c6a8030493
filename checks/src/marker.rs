//! The markers in a source: `// rule ..` above the code that keeps a rule, `// covers ..` above a test of it.

use std::fmt;

use crate::scan::{Kind, Token, tokens};

/// What a rule is called by: RFC, section and a word of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// `rfc5321`.
    pub rfc: String,
    /// `4.5.2`.
    pub section: String,
    /// `dot-unstuffed`.
    pub slug: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.rfc, self.section, self.slug)
    }
}

/// A `// rule` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it is called by.
    pub name: Name,
    /// What the code must do.
    pub sentence: String,
    /// What to put in the place of the code, where it cannot just be taken away.
    pub instead: Option<String>,
    /// The line it stands on, from 1.
    pub line: usize,
    /// The octet after the marker.
    pub end: usize,
}

/// A `// covers` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The rule.
    pub name: Name,
    /// The test's function, behind the modules of this source that it stands in: `tests::a_dot_is_taken_away`.
    pub test: String,
    /// The line it stands on, from 1.
    pub line: usize,
}

/// What is marked in a source.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Markers {
    /// From top to bottom.
    pub rules: Vec<Rule>,
    /// From top to bottom.
    pub covers: Vec<Cover>,
    /// Markers that cannot be read: line, and what is wrong.
    pub faults: Vec<(usize, String)>,
}

/// The longest line that a marker may have, in columns.
const COLUMNS: usize = 120;

/// Reads the markers of `source`.
#[must_use]
pub fn markers(source: &str) -> Markers {
    let mut found = Markers::default();
    let tokens = tokens(source);
    let mut modules = Modules::default();
    for (at, token) in tokens.iter().enumerate() {
        modules.enter(&tokens, at);
        if token.kind != Kind::Comment {
            continue;
        }
        let line = source[..token.start].matches('\n').count() + 1;
        let read = if let Some(text) = token.text.strip_prefix("// rule rfc") {
            own_line(source, token)
                .and_then(|()| modules.outside_of_tests())
                .and_then(|()| rule(text, line, token.end()))
                .map(|rule| found.rules.push(rule))
        } else if let Some(text) = token.text.strip_prefix("// covers rfc") {
            own_line(source, token)
                .and_then(|()| cover(text, line, &tokens[at + 1..], &modules))
                .map(|cover| found.covers.push(cover))
        } else if is_like_a_marker(token.text) {
            Err("a marker begins with `// rule rfc` or `// covers rfc`")
        } else {
            Ok(())
        };
        if let Err(fault) = read {
            found.faults.push((line, fault.to_owned()));
        }
    }
    found
}

/// Is it `//rule RFC 5321 ..`, `/// covers rfc5321 ..`? Who wrote that believes that it counts.
fn is_like_a_marker(comment: &str) -> bool {
    let text = comment.trim_start_matches(['/', '!', '*']).trim_start().to_ascii_lowercase();
    ["rule", "covers"].iter().any(|word| {
        let number = text.strip_prefix(word).map(str::trim_start).and_then(|rest| rest.strip_prefix("rfc"));
        number.is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn own_line(source: &str, token: &Token<'_>) -> Result<(), &'static str> {
    let start = source[..token.start].rfind('\n').map_or(0, |at| at + 1);
    if !source[start..token.start].trim().is_empty() {
        return Err("a marker has a line of its own");
    }
    if source[start..token.end()].chars().count() > COLUMNS {
        return Err("a marker has at most 120 columns");
    }
    Ok(())
}

/// Reads what follows `// rule rfc`.
fn rule(text: &str, line: usize, end: usize) -> Result<Rule, &'static str> {
    let (head, sentence) =
        text.split_once(": ").ok_or("a rule is `// rule rfcNNNN SECTION SLUG: what the code must do`")?;
    let name = name(head)?;
    let sentence = sentence.trim();
    let (sentence, instead) = match sentence.strip_suffix(']').and_then(|rest| rest.rsplit_once("[instead: "))
    {
        Some((sentence, instead)) => (sentence.trim_end(), Some(instead.trim().to_owned())),
        None => (sentence, None),
    };
    if sentence.is_empty() {
        return Err("a rule says what the code must do");
    }
    const PANICS: [&str; 6] = ["panic!", "unreachable!", "todo!", "unimplemented!", "unwrap()", "expect("];
    if instead.as_ref().is_some_and(|instead| PANICS.iter().any(|panics| instead.contains(panics))) {
        return Err("any test would miss code in whose place there is a panic");
    }
    Ok(Rule { name, sentence: sentence.to_owned(), instead, line, end })
}

/// Reads what follows `// covers rfc`; `rest` is what stands below it.
fn cover(text: &str, line: usize, rest: &[Token<'_>], modules: &Modules<'_>) -> Result<Cover, &'static str> {
    let name = name(text)?;
    let (attributes, code) = skip_attributes(rest);
    if !attributes.windows(2).any(|pair| pair[0].is("test") && (pair[1].is("]") || pair[1].is("("))) {
        return Err("`// covers` stands directly above `#[test]`");
    }
    if attributes.windows(2).any(|pair| pair[0].is("[") && (pair[1].is("ignore") || pair[1].is("cfg"))) {
        return Err("a test that is not always run covers nothing");
    }
    let function = code.iter().position(|token| token.is("fn")).and_then(|at| code.get(at + 1));
    let function = function.ok_or("no function behind `#[test]`")?;
    Ok(Cover { name, test: modules.path(function.text), line })
}

/// `NNNN SECTION SLUG`.
fn name(text: &str) -> Result<Name, &'static str> {
    let words: Vec<_> = text.split_whitespace().collect();
    let [number, section, slug] = words[..] else {
        return Err("a rule's name is `rfcNNNN SECTION SLUG`");
    };
    let is_kebab = |word: &str| {
        word.split('-').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
    };
    if number.is_empty() || !number.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err("an RFC's number has digits only");
    }
    if !is_kebab(slug) {
        return Err("a rule's slug has small letters, digits and `-`");
    }
    Ok(Name { rfc: format!("rfc{number}"), section: section.to_owned(), slug: slug.to_owned() })
}

/// Divides `tokens` into comments and attributes, and what follows them.
#[must_use]
pub fn skip_attributes<'a, 'b>(tokens: &'a [Token<'b>]) -> (&'a [Token<'b>], &'a [Token<'b>]) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.kind == Kind::Comment {
            at += 1;
        } else if token.is("#") {
            at += tokens[at..].iter().position(|token| token.is("[")).unwrap_or(0);
            at = closing(tokens, at) + 1;
        } else {
            break;
        }
    }
    tokens.split_at(at.min(tokens.len()))
}

/// The bracket that closes the one at `open`.
#[must_use]
pub fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// The modules with a body that a token stands in.
#[derive(Default)]
struct Modules<'a> {
    /// Each with the depth of its body.
    open: Vec<(&'a str, usize)>,
    /// The depths of those that stand behind `#[cfg(test)]`.
    tests: Vec<usize>,
    depth: usize,
}

impl<'a> Modules<'a> {
    fn enter(&mut self, tokens: &[Token<'a>], at: usize) {
        match tokens[at].kind {
            Kind::Open => {
                self.depth += 1;
                if at >= 2 && tokens[at].is("{") && tokens[at - 2].is("mod") {
                    self.open.push((tokens[at - 1].text, self.depth));
                    if is_of_tests(&tokens[..at - 2]) {
                        self.tests.push(self.depth);
                    }
                }
            }
            Kind::Close => {
                self.open.retain(|(_, depth)| *depth < self.depth);
                self.tests.retain(|depth| *depth < self.depth);
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn outside_of_tests(&self) -> Result<(), &'static str> {
        if self.tests.is_empty() { Ok(()) } else { Err("a rule is kept by code, not by a test") }
    }

    fn path(&self, function: &str) -> String {
        let modules = self.open.iter().map(|(name, _)| *name);
        modules.chain([function]).collect::<Vec<_>>().join("::")
    }
}

/// Whether the last attribute of `before` is `#[cfg(test)]`.
fn is_of_tests(before: &[Token<'_>]) -> bool {
    let attribute = ["[", "cfg", "(", "test", ")", "]"];
    before.len() >= attribute.len()
        && before[before.len() - attribute.len()..].iter().zip(attribute).all(|(token, text)| token.is(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<(String, String)> {
        let found = markers(source);
        assert_eq!(found.faults, []);
        found.covers.into_iter().map(|cover| (cover.name.to_string(), cover.test)).collect()
    }

    #[test]
    fn a_rule_is_read_with_what_takes_its_place() {
        let source = "fn f() -> bool {\n    // rule rfc5321 4.5.2 line-end: a line [ends]: so [instead: a[0] == 1]\n    true\n}";
        let found = markers(source);
        let rule = &found.rules[0];
        assert_eq!(rule.name.to_string(), "rfc5321 4.5.2 line-end");
        assert_eq!(rule.sentence, "a line [ends]: so");
        assert_eq!(rule.instead.as_deref(), Some("a[0] == 1"));
        assert_eq!(rule.line, 2);
        assert!(source[rule.end..].starts_with("\n    true"));
    }

    #[test]
    fn a_test_is_named_with_the_modules_it_stands_in() {
        let source = "
            mod empty {}
            mod tests {
                mod inner { fn f() { 'a'; } }
                // covers rfc1 1 one
                // covers rfc1 1 two
                #[test]
                #[should_panic]
                fn both() {}
                mod more {
                    /// What it is for.
                    // covers rfc1 1 one
                    #[tokio::test(start_paused = true)]
                    async fn later() {}
                }
            }
            proptest! {
                // covers rfc1 1 two
                #[test]
                fn any(x in 0..3) {}
            }";
        let expected = [
            ("rfc1 1 one", "tests::both"),
            ("rfc1 1 two", "tests::both"),
            ("rfc1 1 one", "tests::more::later"),
            ("rfc1 1 two", "any"),
        ];
        let found = names(source);
        let found: Vec<_> = found.iter().map(|(name, test)| (name.as_str(), test.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_marker_in_a_string_marks_nothing() {
        assert_eq!(markers("const A: &str = \"\n// rule rfc1 1 a: b\n\";"), Markers::default());
    }

    #[test]
    fn a_marker_that_cannot_be_read_is_not_passed_over() {
        let cases = [
            ("// rule rfc1 1 a", "a rule is `// rule rfcNNNN SECTION SLUG: what the code must do`"),
            ("// rule rfc1 a: b", "a rule's name is `rfcNNNN SECTION SLUG`"),
            ("// rule rfc1 1 A: b", "a rule's slug has small letters, digits and `-`"),
            ("// rule rfcx 1 a: b", "an RFC's number has digits only"),
            ("// rule rfc1 1 a: [instead: b]", "a rule says what the code must do"),
            ("f(); // rule rfc1 1 a: b", "a marker has a line of its own"),
            ("// covers rfc1 1 a\nfn f() {}", "`// covers` stands directly above `#[test]`"),
            ("// covers rfc1 1 a\n#[cfg(test)]\nfn f() {}", "`// covers` stands directly above `#[test]`"),
            (
                "// rule rfc1 1 a: b [instead: panic!()]\nf()",
                "any test would miss code in whose place there is a panic",
            ),
            ("/// rule rfc1 1 a: b\nf()", "a marker begins with `// rule rfc` or `// covers rfc`"),
            (
                "//covers RFC 1 1 a\n#[test]\nfn f() {}",
                "a marker begins with `// rule rfc` or `// covers rfc`",
            ),
            (
                "// covers rfc1 1 a\n#[test]\n#[ignore]\nfn f() {}",
                "a test that is not always run covers nothing",
            ),
            (
                "// covers rfc1 1 a\n#[cfg(windows)]\n#[test]\nfn f() {}",
                "a test that is not always run covers nothing",
            ),
        ];
        for (source, fault) in cases {
            assert_eq!(markers(source).faults, [(1, fault.to_owned())], "{source}");
        }
        let in_test = "#[cfg(test)] mod tests {\n// rule rfc1 1 a: b\nf()\n}";
        assert_eq!(markers(in_test).faults, [(2, "a rule is kept by code, not by a test".to_owned())]);
        assert_eq!(markers(&format!("{in_test}\n// rule rfc1 1 c: d\nf()")).rules.len(), 1);
        let long = format!("// rule rfc1 1 a: {}", "b".repeat(110));
        assert_eq!(markers(&long).faults, [(1, "a marker has at most 120 columns".to_owned())]);
    }
}
