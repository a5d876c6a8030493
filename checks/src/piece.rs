//! The piece of code that a rule's marker stands above, and the source without it.

use std::ops::Range;

use crate::marker::{Rule, closing, skip_attributes};
use crate::scan::{Kind, Token, tokens};

/// `source` without the code that keeps `rule`, or with what the marker names in its place.
///
/// Lines keep their numbers. `None` says that there is no code behind the marker.
#[must_use]
pub fn mutated(source: &str, rule: &Rule) -> Option<String> {
    let tokens = tokens(source);
    let at = tokens.iter().position(|token| token.start >= rule.end)?;
    let before = tokens[..at].iter().rev().find(|token| token.kind != Kind::Comment);
    let (attributes, code) = skip_attributes(&tokens[at..]);
    let first = code.first().filter(|token| token.kind != Kind::Close)?;
    let (range, replacement) = if is_operator(first, before) {
        let operand = operand(code);
        match &rule.instead {
            None => (first.start..code[operand.end - 1].end(), ""),
            Some(instead) => (code[operand.start].start..code[operand.end - 1].end(), instead.as_str()),
        }
    } else {
        match &rule.instead {
            None => {
                let attribute = attributes.iter().find(|token| token.kind != Kind::Comment);
                let start = attribute.unwrap_or(first).start;
                let end = without_else(code).unwrap_or_else(|| piece(code).end);
                (start..code[end - 1].end(), "")
            }
            Some(instead) => {
                let value = value(code, instead);
                let stays = code.get(value.end).is_some_and(|next| next.is(";") || next.is(","));
                let instead = if stays { instead.trim_end_matches([';', ',']) } else { instead };
                (code.get(value.start)?.start..code[value.end - 1].end(), instead)
            }
        }
    };
    let lines = "\n".repeat(source[range.clone()].matches('\n').count());
    Some(format!("{}{replacement}{lines}{}", &source[..range.start], &source[range.end..]))
}

/// Whether a line that begins with `first` goes on with what stands before it: `&& b` and `.c()`, but not `|x| x`.
fn is_operator(first: &Token<'_>, before: Option<&Token<'_>>) -> bool {
    let goes_on = before.is_some_and(|before| match before.kind {
        Kind::Word | Kind::Literal => true,
        Kind::Close => before.text != "}" || matches!(first.text, "&&" | "||" | "." | "|"),
        Kind::Sign => before.text == "?",
        _ => false,
    });
    goes_on && ["&&", "||", ".", "|", "+", "-", "*", "/", "&", "==", "!="].iter().any(|sign| first.is(sign))
}

/// What the operator that `code` begins with takes, by the positions of the tokens.
fn operand(code: &[Token<'_>]) -> Range<usize> {
    if code[0].is(".") {
        return 1..postfix(code);
    }
    let operator = code[0].text;
    let mut at = 1;
    while let Some(token) = code.get(at) {
        let ends = match token.kind {
            Kind::Close => true,
            Kind::Open if token.is("{") => {
                let is_own = is_block_expression(&code[1]) && !code[at - 1].is("}");
                operator != "|" && !is_own
            }
            Kind::Sign => match token.text {
                ";" | "," | "=>" | "=" => true,
                "&&" => operator != "||",
                "||" => true,
                "|" => operator == "|",
                "+" | "-" => !matches!(operator, "&&" | "||") && at > 1,
                _ => false,
            },
            Kind::Word => operator == "|" && token.is("if"),
            _ => false,
        };
        if ends && at > 1 {
            break;
        }
        at = if token.kind == Kind::Open { closing(code, at) + 1 } else { at + 1 };
    }
    1..at.min(code.len())
}

fn is_block_expression(first: &Token<'_>) -> bool {
    ["if", "match", "unsafe", "loop"].iter().any(|word| first.is(word))
}

/// The end of `.name(..)` and of what goes on in the line on which that ends.
fn postfix(code: &[Token<'_>]) -> usize {
    let mut at = 1;
    while let Some(token) = code.get(at) {
        let follows = match token.kind {
            Kind::Open => !token.is("{"),
            Kind::Word => code[at - 1].is(".") || code[at - 1].is("::"),
            Kind::Sign if token.is("<") => code[at - 1].is("::"),
            Kind::Sign => matches!(token.text, "." | "::" | "?"),
            _ => false,
        };
        // White space holds a line end, if there is one: rustfmt begins the next call on a line of its own.
        if !follows || (at > 1 && token.is(".") && code[at - 1].end() != token.start) {
            break;
        }
        at = match token.kind {
            Kind::Open => closing(code, at) + 1,
            Kind::Sign if token.is("<") => angle(code, at) + 1,
            _ => at + 1,
        };
    }
    at.min(code.len())
}

/// The `>` that closes the `<` at `open`.
fn angle(code: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in code.iter().enumerate().skip(open) {
        match token.text {
            "<" => depth += 1,
            ">" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len() - 1
}

/// What kind of syntax a piece is, as far as its end depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `let` and items: a comma does not end it.
    Declaration,
    /// `if` and the like: its block does.
    Block,
    /// Anything else: a statement, an arm, an element.
    Other,
}

fn form(first: &Token<'_>) -> Form {
    const DECLARATIONS: [&str; 13] = [
        "let", "fn", "pub", "const", "static", "type", "struct", "enum", "impl", "trait", "use", "mod",
        "async",
    ];
    const BLOCKS: [&str; 6] = ["if", "match", "for", "while", "loop", "unsafe"];
    if DECLARATIONS.iter().any(|word| first.is(word)) {
        Form::Declaration
    } else if BLOCKS.iter().any(|word| first.is(word)) || first.is("{") {
        Form::Block
    } else {
        Form::Other
    }
}

/// The statement, arm or element that `code` begins with; with the `;` or `,` that ends it.
fn piece(code: &[Token<'_>]) -> Range<usize> {
    let form = form(&code[0]);
    // `let a = if b { c } else { d };` goes on behind a block.
    let (mut is_arm, mut assigns) = (false, false);
    let mut at = parameters(code);
    while let Some(token) = code.get(at) {
        match token.kind {
            Kind::Close => return 0..at,
            Kind::Sign if token.is("<") && at > 0 && code[at - 1].is("::") => at = angle(code, at),
            Kind::Sign => match token.text {
                ";" => return 0..at + 1,
                "," if form != Form::Declaration => return 0..at + 1,
                "=>" => is_arm = true,
                "=" | "+=" | "-=" | "|=" | "&=" => assigns = true,
                _ => {}
            },
            Kind::Open => {
                let is_block = token.is("{");
                at = closing(code, at);
                if is_block && !goes_on(code, at, form, is_arm, assigns) {
                    let comma = usize::from(code.get(at + 1).is_some_and(|next| is_arm && next.is(",")));
                    return 0..(at + 1 + comma).min(code.len());
                }
            }
            _ => {}
        }
        at += 1;
    }
    0..code.len()
}

/// Behind the parameters of the closure that `code` is, if it is one: their commas end nothing.
fn parameters(code: &[Token<'_>]) -> usize {
    if !code[0].is("|") {
        return 0;
    }
    let end = code[1..].iter().position(|token| token.is("|"));
    end.map_or(0, |end| end + 2)
}

/// Whether the piece goes on behind the `}` at `close`.
fn goes_on(code: &[Token<'_>], close: usize, form: Form, is_arm: bool, assigns: bool) -> bool {
    let Some(next) = code.get(close + 1) else {
        return false;
    };
    if matches!(next.text, "." | "?" | ";" | "=" | "=>" | "else") || next.is("in") {
        return true;
    }
    match form {
        Form::Declaration => assigns,
        // `if let A { .. } | B { .. } = c {`
        Form::Block => next.is("|"),
        Form::Other if assigns && !is_arm => next.kind != Kind::Close,
        Form::Other if is_arm => false,
        // A pattern: `Some(A { .. }) | B { .. } if c => d`.
        Form::Other => next.is("|") || next.is("if") || next.is(","),
    }
}

/// The end of `if a { .. } else`: what is behind it stays.
fn without_else(code: &[Token<'_>]) -> Option<usize> {
    if !code[0].is("if") {
        return None;
    }
    let mut at = 0;
    while let Some(token) = code.get(at) {
        match token.kind {
            Kind::Close => return None,
            Kind::Open => {
                let is_block = token.is("{");
                at = closing(code, at);
                let next = code.get(at + 1)?;
                if is_block && next.is("else") {
                    return Some(at + 2);
                }
                if is_block && !goes_on(code, at, Form::Block, false, false) {
                    return None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// What `instead` takes the place of: the value of an arm, of an assignment, of a field or of `let`, else all.
fn value(code: &[Token<'_>], instead: &str) -> Range<usize> {
    let whole = piece(code);
    let mut end = whole.end;
    while end > 1 && (code[end - 1].is(";") || code[end - 1].is(",")) {
        end -= 1;
    }
    if form(&code[0]) == Form::Block {
        return 0..end;
    }
    let replacement = tokens(instead);
    let mut at = parameters(code);
    while at < end {
        let token = &code[at];
        let divides = match token.text {
            "=>" => true,
            "=" | "+=" | "-=" | "|=" | "&=" => token.kind == Kind::Sign,
            // A field; not `let a: T = b`.
            ":" => at == 1,
            "return" => at == 0,
            // The first operand of a chain that goes on in the next lines.
            "&&" | "||" if at > 0 && code[at - 1].end() != token.start && form(&code[0]) == Form::Other => {
                return 0..at;
            }
            _ => false,
        };
        if divides {
            let is_whole = replacement.iter().any(|token| token.text == code[at].text);
            return if is_whole { 0..end } else { at + 1..end };
        }
        at = if token.kind == Kind::Open { closing(code, at) + 1 } else { at + 1 };
    }
    0..end
}

#[cfg(test)]
mod tests;
