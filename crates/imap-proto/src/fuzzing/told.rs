//! Responses made of any strings.
use super::responses::{assert_is_one_unit, written};
use crate::{
    AString, AddressFields, BodyStructure, Deviations, Dialect, Encoding, Envelope, EnvelopeFields, Flag,
    Flags, IdFields, Keyword, Leniency, MailboxName, PartFields, Section, Tag, Text,
    response::{
        Attribute, Capabilities, Code, Content, Continuation, ESearch, ESearchItem, Fetch, FetchItem, List,
        ListExtended, ListKind, Namespace, Namespaces, Numbers, OtherCode, OtherItem, OtherResponse, Quota,
        QuotaResource, QuotaRoot, Raw, Response, Status, StatusData, StatusItem, StatusKind, Tagged,
        Untagged,
    },
};
use alloc::{borrow::Cow, boxed::Box, string::String, vec, vec::Vec};
use bytes::Bytes;
use mail_wire::fuzzing::{Dice, Input};

/// Whatever can be made is written as one response, and reads back equal.
pub(super) fn written_back(mut input: Input<'_>) {
    let encoding = input.dice.one_of(&[Encoding::ModifiedUtf7, Encoding::Utf8]);
    let mut strings: Vec<_> = input.octets.split(|octet| *octet == 0xff).collect();
    strings.truncate(4);
    for octets in strings {
        let words = Words { octets, text: String::from_utf8_lossy(octets) };
        for response in words.responses(&mut input.dice) {
            let unit = written(&response, encoding);
            assert_is_one_unit(&unit);
            let dialect = Dialect::new(Leniency::LENIENT).with_encoding(encoding);
            let again = Response::parse(&unit, &dialect, &mut Deviations::new());
            assert_eq!(again.as_ref(), Ok(&response), "{}", unit.escape_ascii());
        }
        for response in words.names() {
            assert_is_one_unit(&written(&response, encoding));
        }
    }
}

/// What responses are made of.
struct Words<'a> {
    octets: &'a [u8],
    text: Cow<'a, str>,
}

impl Words<'_> {
    fn responses(&self, dice: &mut Dice<'_>) -> Vec<Response> {
        let mut responses = vec![Response::Continuation(Box::new(Continuation::from_challenge(self.octets)))];
        responses.extend(self.statuses(dice).into_iter().map(|status| {
            let tag = Tag::new(&self.text).unwrap_or_else(|_| Tag::new("a1").unwrap());
            match dice.among(2) {
                0 => Response::Tagged(Box::new(Tagged { tag, status })),
                _ => Response::Untagged(Untagged::Status(Box::new(status))),
            }
        }));
        let mut untagged = self.of_a_mailbox(dice);
        untagged.extend(self.of_a_string());
        untagged.extend(Keyword::new(&self.text).map(|keyword| {
            Untagged::Flags(Box::new(Flags::from_iter([Flag::Seen, Flag::Keyword(keyword)])))
        }));
        untagged.extend(
            Capabilities::new().with_named(&self.text).map(|list| Untagged::Capability(Box::new(list))),
        );
        let raw = Raw::new(self.octets.to_vec());
        untagged
            .extend(raw.and_then(|raw| OtherResponse::new(Some(dice.number()), "XOTHER", &raw)).map(other));
        untagged.extend(OtherResponse::new(None, &self.text, &Raw::EMPTY).map(other));
        untagged.push(Untagged::Fetch(Fetch { number: dice.number().max(1), items: self.items(dice) }));
        responses.extend(untagged.into_iter().map(Response::Untagged));
        responses
    }

    fn statuses(&self, dice: &mut Dice<'_>) -> Vec<Status> {
        let kind = dice.one_of(&[StatusKind::Ok, StatusKind::No, StatusKind::Bad]);
        let Ok(text) = Text::new(self.octets.to_vec()) else { return Vec::new() };
        let mut codes = vec![Code::Alert];
        codes.extend(OtherCode::new(&self.text, None).map(|code| Code::Other(Box::new(code))));
        codes.extend(OtherCode::new("X", Some(text.clone())).map(|code| Code::Other(Box::new(code))));
        codes.extend(AString::new(self.octets.to_vec()).map(|charset| Code::BadCharset(vec![charset])));
        let mut statuses = Vec::from_iter(Status::new(kind, text.clone()));
        statuses.extend(codes.into_iter().map(|code| Status::with_code(kind, code, text.clone())));
        statuses
    }

    fn of_a_mailbox(&self, dice: &mut Dice<'_>) -> Vec<Untagged> {
        let (Ok(mailbox), Ok(string)) = (MailboxName::new(&self.text), AString::new(self.octets.to_vec()))
        else {
            return Vec::new();
        };
        let extended = vec![
            ListExtended::OldName(mailbox.clone()),
            ListExtended::ChildInfo(vec![string.clone(), string.clone()]),
        ];
        let list = List {
            kind: dice.one_of(&[ListKind::List, ListKind::Lsub]),
            attributes: [Attribute::NoSelect].into_iter().collect(),
            delimiter: dice.one_of(&[None, Some('/'), Some('"'), Some('\\')]),
            mailbox: mailbox.clone(),
            extended,
        };
        let items = vec![StatusItem::Messages(dice.number())];
        vec![
            Untagged::List(Box::new(list)),
            Untagged::MailboxStatus(Box::new(StatusData { mailbox: mailbox.clone(), items })),
            Untagged::QuotaRoot(Box::new(QuotaRoot { mailbox, roots: vec![string] })),
        ]
    }

    fn of_a_string(&self) -> Vec<Untagged> {
        let Ok(string) = AString::new(self.octets.to_vec()) else { return Vec::new() };
        let space = Namespace {
            prefix: string.clone(),
            delimiter: Some('"'),
            extensions: vec![(string.clone(), vec![string.clone()])],
        };
        let namespaces = Namespaces { personal: vec![space], other_users: Vec::new(), shared: Vec::new() };
        let fields = [(string.clone(), None), (string.clone(), Some(string.clone()))];
        vec![
            Untagged::Namespace(Box::new(namespaces)),
            Untagged::Id(IdFields::from_iter(fields)),
            Untagged::Quota(Box::new(Quota { root: string.clone(), resources: Vec::new() })),
            Untagged::ESearch(Box::new(ESearch {
                tag: Some(string),
                numbers: Numbers::Uids,
                items: vec![ESearchItem::Min(1)],
            })),
        ]
    }

    fn items(&self, dice: &mut Dice<'_>) -> Vec<FetchItem> {
        let octets = dice.one_of(&[None, Some(self.octets)]);
        let addresses =
            [AddressFields { name: octets, route: None, mailbox: octets, host: Some(self.octets) }];
        let envelope = Envelope::new(&EnvelopeFields {
            date: None,
            subject: Some(self.octets),
            from: &addresses,
            sender: &[],
            reply_to: &addresses,
            to: &addresses,
            cc: &[],
            bcc: &[],
            in_reply_to: octets,
            message_id: octets,
        });
        let mut items = vec![FetchItem::Uid(dice.number().max(1))];
        items.extend(envelope.iter().map(|envelope| FetchItem::Envelope(Box::new(envelope.clone()))));
        items.extend(
            envelope
                .iter()
                .filter_map(|envelope| self.structure(envelope).ok())
                .map(|structure| FetchItem::BodyStructure(Box::new(structure))),
        );
        let content = |section| {
            let content = Content::body(section, Bytes::copy_from_slice(self.octets));
            FetchItem::Content(Box::new(content))
        };
        items.push(content(Section::WHOLE));
        items.extend(Section::header_fields(&[1], &[&self.text, "x"]).map(content));
        items.extend(OtherItem::new("X-ITEM", self.octets).map(|item| FetchItem::Other(Box::new(item))));
        items.extend(OtherItem::new(&self.text, b"5").map(|item| FetchItem::Other(Box::new(item))));
        items
    }

    fn structure(&self, envelope: &Envelope) -> Result<BodyStructure, crate::ParseError> {
        let text = &*self.text;
        let parameters = [(text, text)];
        let plain = PartFields {
            id: Some(text),
            languages: &[text],
            ..PartFields::text(text, 5, 1).with_parameters(&parameters).with_disposition(text, &parameters)
        };
        let parts =
            [plain, PartFields::single("image", text, 5), PartFields::message(9, 1, envelope, &plain)];
        BodyStructure::new(&PartFields::multipart(text, &parts).with_parameters(&parameters))
    }

    /// Whose names and values are any text: what comes of it is read otherwise, perhaps, but not as two.
    fn names(&self) -> Vec<Response> {
        let (Ok(name), Ok(raw)) = (Text::new(self.octets.to_vec()), Raw::new(self.octets.to_vec())) else {
            return Vec::new();
        };
        let resources = vec![QuotaResource { name: name.clone(), usage: 1, limit: 2 }];
        let string = AString::new(b"x".to_vec()).unwrap();
        let items = vec![StatusItem::Other(name.clone(), raw.clone())];
        let found = vec![ESearchItem::Other(name, raw.clone())];
        let list = List {
            kind: ListKind::List,
            attributes: [Attribute::NoSelect].into_iter().collect(),
            delimiter: None,
            mailbox: MailboxName::INBOX,
            extended: vec![ListExtended::Other(string.clone(), raw)],
        };
        let untagged = [
            Untagged::Quota(Box::new(Quota { root: string, resources })),
            Untagged::MailboxStatus(Box::new(StatusData { mailbox: MailboxName::INBOX, items })),
            Untagged::ESearch(Box::new(ESearch { tag: None, numbers: Numbers::Messages, items: found })),
            Untagged::List(Box::new(list)),
        ];
        untagged.into_iter().map(Response::Untagged).collect()
    }
}

fn other(response: OtherResponse) -> Untagged {
    Untagged::Other(Box::new(response))
}
