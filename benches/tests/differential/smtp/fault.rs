//! What is wrong with a command line, found without the parsers: a second reading of the RFC's grammar.
use super::values::is_value;
use std::net::Ipv6Addr;

/// What is wrong with a command line, its first fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No verb, or none that ends at a space.
    Verb,
    /// Nothing where an argument is due, or white space in front of it.
    Missing,
    /// An argument where none is allowed.
    Extra,
    /// No domain and no address literal.
    Host,
    /// No `FROM:` or `TO:`.
    Colon,
    /// A space in front of the path.
    SpaceBeforePath,
    /// No path.
    Path,
    /// Not one space between parameters, or control characters there.
    Spaces,
    /// No keyword, or a value that may not stand there.
    Parameter,
    /// A value of SIZE that is no number.
    Size,
    /// A value of SIZE past 2^64, or of more than 20 digits.
    LargeSize,
    /// A value of BODY that is none.
    Body,
    /// A value of AUTH that is no mailbox.
    Submitter,
    /// A value of another known parameter that is none, or no value.
    Value,
    /// HOLDFOR and HOLDUNTIL.
    BothHold,
    /// A parameter for the second time.
    Repeated,
    /// No name of a mechanism.
    Mechanism,
    /// An initial response that is not base64.
    Base64,
    /// An argument with control characters.
    Argument,
    /// Not UTF-8.
    Charset,
    /// No chunk: what stands behind BDAT or BURL.
    Chunk,
    /// No node, no queue and no domains: what stands behind ETRN or ATRN.
    Queue,
}

/// The first fault of a unit whose line ends are right.
pub(super) fn fault(unit: &[u8]) -> Option<Fault> {
    let line = unit.strip_suffix(b"\r\n").unwrap_or(unit);
    // "Receivers SHOULD tolerate trailing white space".
    let end = line.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |at| at + 1);
    let line = &line[..end];
    let verb_end = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
    let (verb, rest) = line.split_at(verb_end);
    if verb.is_empty() || !verb.iter().all(u8::is_ascii_graphic) {
        return Some(Fault::Verb);
    }
    let argument = rest.strip_prefix(b" ");
    match verb.to_ascii_uppercase().as_slice() {
        b"EHLO" | b"HELO" | b"LHLO" => match argument {
            None | Some([]) => Some(Fault::Missing),
            Some(host) => (!host.is_ascii() || !is_host(host)).then_some(Fault::Host),
        },
        b"MAIL" => path_and_parameters(argument, b"FROM:", |path| path == b"<>" || is_path(path)),
        b"RCPT" => path_and_parameters(argument, b"TO:", |path| {
            path.eq_ignore_ascii_case(b"<postmaster>") || is_path(path)
        }),
        b"DATA" | b"RSET" | b"QUIT" | b"STARTTLS" => argument.map(|_| Fault::Extra),
        b"AUTH" => auth(argument),
        b"VRFY" | b"EXPN" => argument.map_or(Some(Fault::Missing), text),
        b"BDAT" => (!argument.is_some_and(|argument| is_chunk(argument, is_length))).then_some(Fault::Chunk),
        b"BURL" => (!argument.is_some_and(|argument| is_chunk(argument, is_url))).then_some(Fault::Chunk),
        b"ETRN" => (!argument.is_some_and(is_node)).then_some(Fault::Queue),
        b"ATRN" => argument.filter(|domains| !is_domains(domains)).map(|_| Fault::Queue),
        _ => argument.and_then(text),
    }
}

/// `chunk-size [SP end-marker]` (RFC 3030 §2), or a URL in place of the size (RFC 4468 §3.1)
fn is_chunk(argument: &[u8], is: impl Fn(&[u8]) -> bool) -> bool {
    let mut words = argument.split(|octet| *octet == b' ');
    words.next().is_some_and(is)
        && words.next().is_none_or(|last| last.eq_ignore_ascii_case(b"LAST"))
        && words.next().is_none()
}

fn is_length(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit)
        && std::str::from_utf8(word).is_ok_and(|word| word.parse::<u64>().is_ok())
}

fn is_url(word: &[u8]) -> bool {
    let Some(colon) = word.iter().position(|octet| *octet == b':') else { return false };
    let (scheme, rest) = word.split_at(colon);
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(octet))
        && rest.len() > 1
        && rest.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-._~%:/?[]@!$&'()*+,;=".contains(octet))
}

/// `[option-character] node-name` (RFC 1985 §5)
fn is_node(argument: &[u8]) -> bool {
    match argument {
        [b'#', queue @ ..] => !queue.is_empty() && queue.iter().all(u8::is_ascii_graphic),
        [b'@', node @ ..] | node => node.is_ascii() && is_host(node),
    }
}

/// `domain *("," domain)`, `domain = sub-domain 1*("." sub-domain)` (RFC 2645 §5.2.1)
fn is_domains(argument: &[u8]) -> bool {
    argument.is_ascii()
        && argument.split(|octet| *octet == b',').all(|domain| is_domain(domain) && domain.contains(&b'.'))
}

fn text(argument: &[u8]) -> Option<Fault> {
    if argument.first().is_none_or(|first| matches!(first, b' ' | b'\t')) {
        return Some(Fault::Missing);
    }
    if argument.iter().any(|octet| matches!(octet, 0..=8 | 10..=31 | 127)) {
        return Some(Fault::Argument);
    }
    std::str::from_utf8(argument).is_err().then_some(Fault::Charset)
}

fn auth(argument: Option<&[u8]>) -> Option<Fault> {
    let Some(argument) = argument else { return Some(Fault::Missing) };
    let mut words = argument.splitn(2, |octet| *octet == b' ');
    let mechanism = words.next().unwrap_or_default();
    let named = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    if !(1..=20).contains(&mechanism.len()) || !mechanism.iter().all(named) {
        return Some(Fault::Mechanism);
    }
    words.next().and_then(|response| (!is_base64(response)).then_some(Fault::Base64))
}

/// Base64 with its padding, whose last digit has no bits to spare; `=` alone is an empty response.
fn is_base64(response: &[u8]) -> bool {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if response == b"=" {
        return true;
    }
    let padding = response.iter().rev().take_while(|octet| **octet == b'=').count();
    let digits = &response[..response.len() - padding];
    let place = |octet: &u8| DIGITS.iter().position(|digit| digit == octet);
    let last = digits.last().and_then(place).unwrap_or_default();
    !response.is_empty()
        && response.len() % 4 == 0
        && digits.iter().all(|octet| place(octet).is_some())
        && match padding {
            0 => true,
            1 => last % 4 == 0,
            2 => last % 16 == 0,
            _ => false,
        }
}

fn path_and_parameters(
    argument: Option<&[u8]>,
    word: &[u8],
    is_path: impl Fn(&[u8]) -> bool,
) -> Option<Fault> {
    let Some((head, rest)) = argument.and_then(|argument| argument.split_at_checked(word.len())) else {
        return Some(Fault::Colon);
    };
    if !head.eq_ignore_ascii_case(word) {
        return Some(Fault::Colon);
    }
    if rest.first() == Some(&b' ') {
        return Some(Fault::SpaceBeforePath);
    }
    let (path, rest) = rest.split_at(path_end(rest));
    if !is_path(path) {
        return Some(Fault::Path);
    }
    match rest {
        [] => None,
        [b' ', rest @ ..] => parameters(rest, word == b"FROM:"),
        _ => Some(Fault::Spaces),
    }
}

/// Where a path ends: behind the first `>` that is not quoted, or at a space.
fn path_end(rest: &[u8]) -> usize {
    let (mut quoted, mut escaped, mut literal) = (false, false, false);
    for (at, octet) in rest.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if quoted => quoted = false,
            // At the start of a local part.
            b'"' if !literal && at > 0 && matches!(rest[at - 1], b'<' | b':') => quoted = true,
            b'[' if !quoted => literal = true,
            b']' if !quoted => literal = false,
            b'>' if !quoted && !literal => return at + 1,
            b' ' if !quoted => return at,
            _ => {}
        }
    }
    rest.len()
}

fn parameters(rest: &[u8], of_mail: bool) -> Option<Fault> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for parameter in rest.split(|octet| *octet == b' ') {
        if parameter.is_empty() || parameter.iter().any(u8::is_ascii_control) {
            return Some(Fault::Spaces);
        }
        let mut parts = parameter.splitn(2, |octet| *octet == b'=');
        let keyword = parts.next().unwrap_or_default().to_ascii_uppercase();
        let value = parts.next();
        let named = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
        if keyword.first().is_none_or(|first| !first.is_ascii_alphanumeric()) || !keyword.iter().all(named) {
            return Some(Fault::Parameter);
        }
        if seen.contains(&keyword) {
            return Some(Fault::Repeated);
        }
        let wrong = match (keyword.as_slice(), value) {
            (b"HOLDFOR" | b"HOLDUNTIL", _) if of_mail && holds(&seen) => Some(Fault::BothHold),
            (b"SMTPUTF8" | b"REQUIRETLS" | b"CONPERM", Some(_)) if of_mail => Some(Fault::Parameter),
            (b"SMTPUTF8" | b"REQUIRETLS" | b"CONPERM", None) if of_mail => None,
            (b"CONNEG", Some(_)) if !of_mail => Some(Fault::Parameter),
            (b"SIZE", None | Some([])) if of_mail => Some(Fault::Size),
            (b"SIZE", Some(value)) if of_mail => match std::str::from_utf8(value).map(str::parse::<u64>) {
                _ if !value.iter().all(u8::is_ascii_digit) => Some(Fault::Size),
                Ok(Ok(_)) if value.len() <= 20 => None,
                _ => Some(Fault::LargeSize),
            },
            (b"BODY", value) if of_mail => {
                let known = [&b"7BIT"[..], b"8BITMIME", b"BINARYMIME"];
                let value = value.unwrap_or_default();
                (!known.iter().any(|known| value.eq_ignore_ascii_case(known))).then_some(Fault::Body)
            }
            (b"AUTH" | b"SUBMITTER", value) if of_mail => {
                let value = value.unwrap_or_default();
                if std::str::from_utf8(value).is_err() {
                    return Some(Fault::Charset);
                }
                let is = |plain: Vec<u8>| plain == b"<>" && keyword == b"AUTH" || is_mailbox(&plain);
                (value.contains(&b'=') || !unescaped(value).is_some_and(is)).then_some(Fault::Submitter)
            }
            (known, value) if is_value(known, of_mail, value.unwrap_or_default()) == Some(false) => {
                Some(Fault::Value)
            }
            (_, Some(value)) if value.is_empty() || value.contains(&b'=') => Some(Fault::Parameter),
            (_, Some(value)) => std::str::from_utf8(value).is_err().then_some(Fault::Charset),
            (_, None) => None,
        };
        if wrong.is_some() {
            return wrong;
        }
        seen.push(keyword);
    }
    None
}

/// Is HOLDFOR or HOLDUNTIL among these?
fn holds(seen: &[Vec<u8>]) -> bool {
    seen.iter().any(|keyword| keyword.starts_with(b"HOLD") && matches!(&keyword[4..], b"FOR" | b"UNTIL"))
}

/// Undoes xtext.
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let (mut plain, mut rest) = (Vec::new(), value);
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first == b'+' {
            let (digits, behind) = rest.split_at_checked(2)?;
            plain.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = behind;
        } else {
            plain.push(*first);
        }
    }
    Some(plain)
}

/// `Path = "<" [ A-d-l ":" ] Mailbox ">"`
fn is_path(path: &[u8]) -> bool {
    let Some(inner) = path.strip_prefix(b"<").and_then(|path| path.strip_suffix(b">")) else { return false };
    if inner.first() != Some(&b'@') {
        return is_mailbox(inner);
    }
    let Some(colon) = inner.iter().position(|octet| *octet == b':') else { return false };
    let (route, mailbox) = inner.split_at(colon);
    let at_domain = |at: &[u8]| at.strip_prefix(b"@").is_some_and(is_domain);
    route.split(|octet| *octet == b',').all(at_domain) && is_mailbox(&mailbox[1..])
}

/// `Mailbox = Local-part "@" ( Domain / address-literal )`
fn is_mailbox(mailbox: &[u8]) -> bool {
    if std::str::from_utf8(mailbox).is_err() || mailbox.iter().any(u8::is_ascii_control) {
        return false;
    }
    let (local, host) = if mailbox.first() == Some(&b'"') {
        let Some(end) = quoted_end(mailbox) else { return false };
        mailbox.split_at(end)
    } else {
        let Some(at) = mailbox.iter().position(|octet| *octet == b'@') else { return false };
        let atext = |octet: &u8| {
            octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(octet) || *octet > 127
        };
        let (local, host) = mailbox.split_at(at);
        if !local.split(|octet| *octet == b'.').all(|atom| !atom.is_empty() && atom.iter().all(atext)) {
            return false;
        }
        (local, host)
    };
    local.len() <= 64 && host.strip_prefix(b"@").is_some_and(is_host)
}

/// Where a quoted string ends that starts here.
fn quoted_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// `Domain / address-literal`
fn is_host(host: &[u8]) -> bool {
    let Some(literal) = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")) else {
        return is_domain(host);
    };
    let Ok(literal) = std::str::from_utf8(literal) else { return false };
    if literal.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("IPv6:")) {
        return literal[5..].parse::<Ipv6Addr>().is_ok();
    }
    if literal.split('.').count() == 4
        && literal.split('.').all(|part| {
            (1..=3).contains(&part.len())
                && part.bytes().all(|octet| octet.is_ascii_digit())
                && part.parse::<u8>().is_ok()
        })
    {
        return true;
    }
    literal.split_once(':').is_some_and(|(tag, content)| {
        let ldh = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        let dcontent = |octet: u8| octet.is_ascii_graphic() && !matches!(octet, b'[' | b'\\' | b']');
        !tag.is_empty()
            && tag.bytes().all(ldh)
            && !tag.ends_with('-')
            && !content.is_empty()
            && content.bytes().all(dcontent)
    })
}

/// `Domain = sub-domain *("." sub-domain)`
fn is_domain(domain: &[u8]) -> bool {
    domain.len() <= 255
        && std::str::from_utf8(domain).is_ok()
        && domain.split(|octet| *octet == b'.').all(|label| {
            let of_label = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-' || *octet > 127;
            !label.is_empty()
                && label.iter().all(of_label)
                && label.first() != Some(&b'-')
                && label.last() != Some(&b'-')
        })
}

/// What is wrong with a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReplyFault {
    /// A code that is none.
    Code,
    /// Another code than on the lines before.
    CodesDiffer,
    /// Not UTF-8.
    Charset,
    /// A line of the offer that is none.
    Offer,
}

/// The first fault of a reply whose line ends are right; `offer` says whether it is one to EHLO.
pub(super) fn reply_fault(unit: &[u8], offer: bool) -> Option<ReplyFault> {
    let lines = unit.strip_suffix(b"\r\n").unwrap_or(unit).split(|octet| *octet == b'\n');
    let mut first = None;
    for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
        let [b'2'..=b'5', b'0'..=b'5', b'0'..=b'9', rest @ ..] = line else { return Some(ReplyFault::Code) };
        if *first.get_or_insert(&line[..3]) != &line[..3] {
            return Some(ReplyFault::CodesDiffer);
        }
        if std::str::from_utf8(rest).is_err() {
            return Some(ReplyFault::Charset);
        }
    }
    let lines = unit.strip_suffix(b"\r\n").unwrap_or(unit).split(|octet| *octet == b'\n');
    let lines: Vec<&[u8]> = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).skip(1).collect();
    let wrong = |(at, line): (usize, &&[u8])| match line.get(4..).unwrap_or_default() {
        [] => at + 1 < lines.len(),
        text => !is_ehlo_line(text),
    };
    (offer && lines.iter().enumerate().any(wrong)).then_some(ReplyFault::Offer)
}

/// `ehlo-line = ehlo-keyword *( SP ehlo-param )`, with the parameters of SIZE and AUTH as they must be
fn is_ehlo_line(line: &[u8]) -> bool {
    let mut words = line.split(|octet| *octet == b' ');
    let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
    let named = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    let parameters: Vec<&[u8]> = words.collect();
    keyword.first().is_some_and(u8::is_ascii_alphanumeric)
        && keyword.iter().all(named)
        && parameters.iter().all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_graphic))
        && match keyword.as_slice() {
            b"SIZE" => match parameters[..] {
                [] => true,
                [size] => std::str::from_utf8(size).is_ok_and(|size| {
                    size.bytes().all(|octet| octet.is_ascii_digit()) && size.parse::<u64>().is_ok()
                }),
                _ => false,
            },
            b"AUTH" => parameters.iter().all(|name| {
                name.len() <= 20
                    && name.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
            }),
            _ => true,
        }
}
