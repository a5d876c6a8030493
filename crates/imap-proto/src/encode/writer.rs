//! Leaves, written as the peer takes them.
use super::{Hold, LiteralForm, Wire};
use crate::{
    Date, DateTime, Encoding, Flags, IdFields, MailboxName, Partial, SeqNumber, SequenceSet,
    grammar::class::{self, ASTRING, Class, LIST},
};
use bytes::Bytes;
use mail_wire::Output;

/// Longest string that is written in quotes: lines of commands are limited, literals less so.
const LONGEST_QUOTED: usize = 1024;

/// A non-synchronising literal of `LITERAL-` has at most so many octets.
const LITERAL_MINUS: u64 = 4096;

/// Who writes: a server never waits with a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writes {
    Commands,
    Responses,
}

/// Writes the leaves of one unit.
pub(crate) struct Writer<'o, O> {
    wire: &'o Wire,
    out: &'o mut O,
    writes: Writes,
    /// Has a hold been set?
    held: bool,
}

/// The forms that a string can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Atom,
    Quoted,
    Literal,
}

/// The form that these octets take where an atom may hold octets of `atom`.
fn form(octets: &[u8], atom: Class, encoding: Encoding) -> Form {
    // rule rfc3501 4.3 empty-is-quoted: the empty string is no atom
    if octets.is_empty() {
        return Form::Quoted;
    }
    // rule rfc2683 3.2.1.5 long-strings: a long string goes in a literal, so that lines stay short
    if octets.len() > LONGEST_QUOTED {
        return Form::Literal;
    }
    // rule rfc3501 4.5 nil-is-no-atom: a string of the octets NIL is quoted: it is not the absence of one
    if octets.eq_ignore_ascii_case(b"NIL") {
        return Form::Quoted;
    }
    // Whoever looks at the end of a line alone would see `}` and think of a literal.
    if !octets.ends_with(b"}")
        // rule rfc3501 4.1 atoms-of-atom-chars: an atom holds no special character
        && octets.iter().all(|octet| class::is(*octet, atom))
    {
        return Form::Atom;
    }
    // rule rfc3501 4.3 quoted-has-no-line-end: a quoted string holds neither CR, LF nor NUL
    if octets.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
        return Form::Literal;
    }
    // rule rfc3501 4.3 quoted-is-ascii: what is not ASCII goes in a literal, but where UTF-8 is enabled
    if !octets.is_ascii() && (encoding != Encoding::Utf8 || core::str::from_utf8(octets).is_err()) {
        return Form::Literal;
    }
    Form::Quoted
}

/// Writes octets as an `astring` in the form that values keep, which is not the one that is sent.
pub(crate) fn kept(octets: &[u8], out: &mut impl Output) {
    match form(octets, ASTRING, Encoding::ModifiedUtf7) {
        Form::Atom => out.text(octets),
        Form::Quoted => quoted(octets, out),
        Form::Literal => {
            out.text(b"{");
            out.number(octets.len() as u64);
            out.text(b"}\r\n");
            out.text(octets);
        }
    }
}

/// Writes octets in quotation marks: none of them CR, LF or NUL.
fn quoted(octets: &[u8], out: &mut impl Output) {
    out.text(b"\"");
    // Each run but the last ends in what must be escaped.
    for run in octets.split_inclusive(|octet| matches!(octet, b'"' | b'\\')) {
        match run.split_last() {
            // rule rfc3501 9 quoted-specials: a quotation mark or a backslash in quotes is escaped
            Some((special @ (b'"' | b'\\'), before)) => {
                out.text(before);
                out.text(&[b'\\', *special]);
            }
            _ => out.text(run),
        }
    }
    out.text(b"\"");
}

impl<O: Output> Output for Writer<'_, O> {
    fn text(&mut self, text: &[u8]) {
        self.out.text(text);
    }
    fn share(&mut self, segment: Bytes) {
        self.out.share(segment);
    }
}

impl<'o, O: Hold> Writer<'o, O> {
    /// Writes a command.
    pub(crate) fn command(wire: &'o Wire, out: &'o mut O) -> Self {
        Self { wire, out, writes: Writes::Commands, held: false }
    }

    /// Writes a response: literals are `{n}`, and nothing waits.
    pub(crate) fn response(wire: &'o Wire, out: &'o mut O) -> Self {
        Self { wire, out, writes: Writes::Responses, held: false }
    }

    /// What the peer takes.
    pub(crate) fn wire(&self) -> &Wire {
        self.wire
    }

    /// Ends the unit, and what of it was held.
    pub(crate) fn end(self) {
        self.out.text(b"\r\n");
        if self.held {
            self.out.end_held();
        }
    }

    /// `astring`, in the form that its content asks for.
    pub(crate) fn astring(&mut self, octets: &[u8]) {
        self.string_as(octets, form(octets, ASTRING, self.wire.encoding()));
    }

    /// `string`: quoted, or a literal.
    pub(crate) fn string(&mut self, octets: &[u8]) {
        self.string_as(octets, form(octets, 0, self.wire.encoding()));
    }

    /// `nstring`
    pub(crate) fn nstring(&mut self, octets: Option<&[u8]>) {
        match octets {
            Some(octets) => self.string(octets),
            None => self.out.text(b"NIL"),
        }
    }

    /// `list-mailbox`: an astring in which wildcards may stand.
    pub(crate) fn list_mailbox(&mut self, octets: &[u8]) {
        self.string_as(octets, form(octets, LIST, self.wire.encoding()));
    }

    /// `mailbox`
    pub(crate) fn mailbox(&mut self, name: &MailboxName) {
        self.astring(&name.to_wire(self.wire.encoding()));
    }

    /// `sequence-set`
    pub(crate) fn sequence_set(&mut self, set: &SequenceSet) {
        if set.is_saved() {
            self.out.text(b"$");
        }
        for (at, range) in set.ranges().iter().enumerate() {
            if at > 0 {
                self.out.text(b",");
            }
            self.sequence_number(range.first());
            // rule rfc3501 9 ranges: a range is written with its first and last number
            if range.first() != range.last() {
                self.out.text(b":");
                self.sequence_number(range.last());
            }
        }
    }

    fn sequence_number(&mut self, number: SeqNumber) {
        match number.number() {
            Some(number) => self.out.number(number.into()),
            None => self.out.text(b"*"),
        }
    }

    /// `date-text`
    pub(crate) fn date(&mut self, date: Date) {
        self.out.number(date.day().into());
        self.month_and_year(date);
    }

    fn month_and_year(&mut self, date: Date) {
        self.out.text(b"-");
        self.out.text(date.month_name().as_bytes());
        self.out.text(b"-");
        self.two_digits(date.year() / 100);
        self.two_digits(date.year() % 100);
    }

    /// `date-time`
    pub(crate) fn date_time(&mut self, date: DateTime) {
        self.out.text(b"\"");
        // rule rfc3501 9 day-of-two-places: a day of one digit has a space in front
        if date.date().day() < 10 {
            self.out.text(b" ");
        }
        self.out.number(date.date().day().into());
        self.month_and_year(date.date());
        for (before, number) in [(b" ", date.hour()), (b":", date.minute()), (b":", date.second())] {
            self.out.text(before);
            self.two_digits(number.into());
        }
        self.out.text(if date.zone() < 0 { b" -" } else { b" +" });
        let zone = date.zone().unsigned_abs();
        self.two_digits(zone / 60);
        self.two_digits(zone % 60);
        self.out.text(b"\"");
    }

    /// A number below 100.
    fn two_digits(&mut self, number: u16) {
        // rule rfc3501 9 two-digits: hours, minutes and seconds have two digits
        if number < 10 {
            self.out.text(b"0");
        }
        self.out.number(number.into());
    }

    /// `partial`, if there is one
    pub(crate) fn partial(&mut self, partial: Option<Partial>) {
        // rule rfc3501 6.4.5 partial: a partial FETCH names offset and length
        if let Some(partial) = partial {
            self.out.text(b"<");
            self.out.number(partial.offset());
            self.out.text(b".");
            self.out.number(partial.octets());
            self.out.text(b">");
        }
    }

    /// `id-params-list`
    pub(crate) fn id_fields(&mut self, fields: &IdFields) {
        // rule rfc2971 3.1 id-of-nothing: an ID of no fields is NIL
        if fields.is_empty() {
            return self.out.text(b"NIL");
        }
        self.list(fields.iter(), |(name, value), out| {
            out.string(name.as_bytes());
            out.text(b" ");
            out.nstring(value.map(crate::AString::as_bytes));
        });
    }

    /// `flag-list`, of flags that can be set.
    pub(crate) fn settable(&mut self, flags: &Flags) {
        self.list(flags.settable(), |name, out| out.text(name));
    }

    /// `"(" [item *(SP item)] ")"`
    pub(crate) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, item: impl Fn(T, &mut Self)) {
        self.out.text(b"(");
        self.spaced(items, item);
        self.out.text(b")");
    }

    /// `[item *(SP item)]`
    pub(crate) fn spaced<T>(&mut self, items: impl IntoIterator<Item = T>, item: impl Fn(T, &mut Self)) {
        for (at, value) in items.into_iter().enumerate() {
            // rule rfc3501 4.4 lists-are-spaced: one space divides the items of a list
            if at > 0 {
                self.out.text(b" ");
            }
            item(value, self);
        }
    }

    /// Announces a literal of so many octets: they are to be written next.
    pub(crate) fn announce(&mut self, octets: u64) {
        let waits = match (self.writes, self.wire.literals()) {
            (Writes::Responses, _) => false,
            (Writes::Commands, LiteralForm::Synchronising) => true,
            (Writes::Commands, LiteralForm::Minus) => {
                // rule rfc7888 5 minus-up-to-4096: with LITERAL- a larger literal waits [instead: false]
                octets > LITERAL_MINUS
            }
            (Writes::Commands, LiteralForm::Plus) => false,
        };
        self.out.text(b"{");
        self.out.number(octets);
        let is_plain = waits
            // rule rfc7888 3 never-from-a-server: a server's literal has no plus
            || self.writes == Writes::Responses;
        self.out.text(if is_plain { b"}\r\n" } else { b"+}\r\n" });
        // rule rfc3501 4.3 literals-wait: a client's literal waits for the server's word
        if waits {
            self.out.hold();
            self.held = true;
        }
    }

    fn string_as(&mut self, octets: &[u8], form: Form) {
        match form {
            Form::Atom => self.out.text(octets),
            Form::Quoted => quoted(octets, self.out),
            Form::Literal => {
                self.announce(octets.len() as u64);
                self.out.text(octets);
            }
        }
    }
}
