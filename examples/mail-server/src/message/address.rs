//! Lists of addresses, as they were written.
use super::{
    fields::unfold,
    lexer::{Lexer, is_space},
};
use imap_proto::AddressFields;

/// So many addresses of a field are told: an envelope has room for 65,535 in all.
const MAX_ADDRESSES: usize = 5_000;

/// An address, or the start or the end of a group: all four `None` for its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ListedAddress {
    name: Option<Vec<u8>>,
    route: Option<Vec<u8>>,
    mailbox: Option<Vec<u8>>,
    host: Option<Vec<u8>>,
}

impl ListedAddress {
    pub(super) fn as_fields(&self) -> AddressFields<'_> {
        AddressFields {
            name: self.name.as_deref(),
            route: self.route.as_deref(),
            mailbox: self.mailbox.as_deref(),
            host: self.host.as_deref(),
        }
    }

    /// What has no domain, or no local part, is told with what other servers put there.
    fn mailbox(name: Option<Vec<u8>>, route: Option<Vec<u8>>, local: Vec<u8>, domain: Vec<u8>) -> Self {
        let or = |text: Vec<u8>, missing: &[u8]| Some(if text.is_empty() { missing.to_vec() } else { text });
        Self { name, route, mailbox: or(local, b"MISSING_MAILBOX"), host: or(domain, b"MISSING_DOMAIN") }
    }
}

/// `address-list = (address *("," address))` ([RFC 5322 §3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)).
///
/// Encoded words stay as they are. A comment is the name of an address that has no other.
pub(super) fn list(value: &[u8], list: &mut Vec<ListedAddress>) {
    let value = unfold(value);
    let (mut lexer, mut in_group) = (Lexer::new(&value), false);
    while list.len() < MAX_ADDRESSES {
        let comment = lexer.skip_space();
        let Some(next) = lexer.peek() else { break };
        match next {
            b',' => _ = lexer.take(b','),
            b';' => {
                lexer.take(b';');
                if std::mem::take(&mut in_group) {
                    list.push(ListedAddress::default());
                }
            }
            _ => match address(&mut lexer, comment) {
                Entry::Group(_) if in_group => {}
                Entry::Group(name) => {
                    in_group = true;
                    list.push(ListedAddress { mailbox: Some(name), ..ListedAddress::default() });
                }
                Entry::Address(address) => list.push(address),
            },
        }
    }
    if in_group {
        list.push(ListedAddress::default());
    }
}

enum Entry {
    Address(ListedAddress),
    /// A group of this name begins.
    Group(Vec<u8>),
}

/// `address = mailbox / group`, up to what separates it from the next. Takes at least one octet.
fn address(lexer: &mut Lexer<'_>, mut comment: Option<Vec<u8>>) -> Entry {
    let mut words = Words::default();
    loop {
        comment = lexer.skip_space().or(comment);
        match lexer.peek() {
            Some(b'<') => {
                lexer.take(b'<');
                let name = Some(words.phrase).filter(|name| !name.is_empty());
                return Entry::Address(angle(lexer, name));
            }
            Some(b'@') => {
                lexer.take(b'@');
                let domain = domain(lexer, &mut comment);
                skip_rest(lexer);
                return Entry::Address(ListedAddress::mailbox(comment, None, words.joined, domain));
            }
            Some(b':') => {
                lexer.take(b':');
                return Entry::Group(words.phrase);
            }
            // One word alone is a local part, several are a name.
            None | Some(b',' | b';') => {
                let (name, local) = match words.count {
                    0 | 1 => (comment, words.joined),
                    _ => (Some(words.phrase), Vec::new()),
                };
                return Entry::Address(ListedAddress::mailbox(name, None, local, Vec::new()));
            }
            Some(_) => words.take(lexer),
        }
    }
}

/// `angle-addr = "<" [obs-route] addr-spec ">"`, behind the first of its brackets.
fn angle(lexer: &mut Lexer<'_>, name: Option<Vec<u8>>) -> ListedAddress {
    let mut comment = lexer.skip_space();
    let mut route = None;
    if lexer.peek() == Some(b'@') {
        let text = lexer.take_while(|octet| !matches!(octet, b':' | b'>'));
        route = Some(text.iter().copied().filter(|octet| !is_space(*octet)).collect());
        lexer.take(b':');
    }
    let mut local = Words::default();
    let mut host = Vec::new();
    loop {
        comment = lexer.skip_space().or(comment);
        match lexer.peek() {
            None => break,
            Some(b'>') => {
                lexer.take(b'>');
                break;
            }
            Some(b'@') => {
                lexer.take(b'@');
                host = domain(lexer, &mut comment);
            }
            Some(b',' | b';' | b':' | b'<') => {
                _ = lexer.take_while(|octet| matches!(octet, b',' | b';' | b':' | b'<'));
            }
            Some(_) => local.take(lexer),
        }
    }
    let name = name.or_else(|| lexer.skip_space()).or(comment);
    skip_rest(lexer);
    ListedAddress::mailbox(name, route, local.joined, host)
}

/// Skips what stands behind an address, up to what separates it from the next, and is no part of any.
fn skip_rest(lexer: &mut Lexer<'_>) {
    loop {
        lexer.take_while(|octet| !matches!(octet, b',' | b';' | b'(' | b'"'));
        match lexer.peek() {
            Some(b'(') => _ = lexer.skip_space(),
            Some(b'"') => _ = lexer.quoted(),
            _ => return,
        }
    }
}

/// `domain = dot-atom / domain-literal`; spaces may stand around its dots.
fn domain(lexer: &mut Lexer<'_>, comment: &mut Option<Vec<u8>>) -> Vec<u8> {
    let mut domain = Vec::new();
    loop {
        if let Some(found) = lexer.skip_space() {
            *comment = Some(found);
        }
        let goes_on = domain.is_empty() || domain.ends_with(b".") || lexer.peek() == Some(b'.');
        match lexer.peek().filter(|_| goes_on) {
            Some(b'[') => {
                domain.extend_from_slice(lexer.take_while(|octet| octet != b']'));
                domain.extend(lexer.take(b']').then_some(b']'));
                return domain;
            }
            Some(octet) if is_word(octet) => domain.extend_from_slice(lexer.take_while(is_word)),
            _ => return domain,
        }
    }
}

/// Words behind each other: as a name, and as a local part.
#[derive(Debug, Default)]
struct Words {
    /// With one space between them.
    phrase: Vec<u8>,
    /// With none.
    joined: Vec<u8>,
    count: usize,
}

impl Words {
    /// `word = atom / quoted-string`. Takes at least one octet, if there is one.
    fn take(&mut self, lexer: &mut Lexer<'_>) {
        let word = match lexer.quoted() {
            Some(text) => text,
            None => match lexer.take_while(is_word) {
                b"" => lexer.take_while(|octet| matches!(octet, b')' | b'>' | b'\\')).to_vec(),
                atom => atom.to_vec(),
            },
        };
        if !self.phrase.is_empty() {
            self.phrase.push(b' ');
        }
        self.phrase.extend_from_slice(&word);
        self.joined.extend_from_slice(&word);
        self.count += 1;
    }
}

/// An octet of an atom, a dot, or above ASCII: what else stands there is kept where it can be.
fn is_word(octet: u8) -> bool {
    !is_space(octet) && !matches!(octet, b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\' | b'"')
}
