//! Commands made of any strings.
use super::commands::{assert_is_one_command, assert_reads_back, wire};
use crate::{
    AString, Append, AppendMessage, Authenticate, Command, Copy, Enable, Encoding, Flag, Flags, HeaderKey,
    IdFields, Keyword, List, Login, MailboxName, MessageData, MessageKind, Numbering, OtherCommand, Rename,
    Report, Search, SearchKey, Section, SequenceSet, Status, StatusItem, StatusItems, Store, StoreAction,
    Tag, response::Continuation,
};
use alloc::{boxed::Box, string::String, vec, vec::Vec};
use bytes::Bytes;
use mail_wire::fuzzing::{Dice, Input};

/// Whatever can be made is written as one command, and reads back equal.
pub(super) fn written(mut input: Input<'_>) {
    let encoding = input.dice.one_of(&[Encoding::ModifiedUtf7, Encoding::Utf8]);
    let wire = wire(&mut input.dice).with_encoding(encoding);
    let mut strings: Vec<_> = input.octets.split(|octet| *octet == 0xff).collect();
    strings.truncate(4);
    for octets in &strings {
        let text = String::from_utf8_lossy(octets);
        let tag = Tag::new(&text).unwrap_or_else(|_| Tag::new("a1").unwrap());
        for command in commands(&text, octets, &mut input.dice) {
            assert_is_one_command(&tag, &command, &wire);
            assert_reads_back(&tag, &command, &wire);
        }
        let _ = Continuation::from_challenge(octets);
    }
}

fn commands(text: &str, octets: &[u8], dice: &mut Dice<'_>) -> Vec<Command> {
    let mut commands = Vec::new();
    if let Ok(name) = MailboxName::new(text) {
        commands.extend(of_mailbox(&name, octets, dice));
    }
    if let Ok(string) = AString::new(octets.to_vec()) {
        commands.extend(of_string(&string, dice));
    }
    commands.extend(Login::new(text, text).map(Command::Login));
    commands.extend(Enable::new(text).map(Command::Enable));
    commands.extend(text.parse().map(|mechanism| {
        let initial = [None, Some(octets.to_vec().into())];
        Command::Authenticate(Authenticate { mechanism, initial: dice.one_of(&initial) })
    }));
    commands.extend(Keyword::new(text).map(|keyword| {
        Command::Store(Store {
            numbering: numbering(dice),
            set: set(dice),
            action: dice.one_of(&[StoreAction::Add, StoreAction::Replace, StoreAction::Remove]),
            report: dice.one_of(&[Report::Told, Report::Silent]),
            flags: Flags::from_iter([Flag::Seen, Flag::Keyword(keyword)]),
        })
    }));
    commands.extend(OtherCommand::new("XOTHER", octets.to_vec()).map(Command::Other));
    commands.extend(OtherCommand::new(text, Vec::new()).map(Command::Other));
    commands.extend(Section::header_fields(&[1], &[text, "x"]).map(|section| {
        let section = crate::BodySection { seen: crate::Seen::Keep, section, partial: None };
        let items = crate::FetchItems::new([crate::FetchItem::Section(section)]).unwrap();
        Command::Fetch(crate::Fetch { numbering: numbering(dice), set: set(dice), items })
    }));
    commands
}

fn of_mailbox(name: &MailboxName, octets: &[u8], dice: &mut Dice<'_>) -> Vec<Command> {
    let kind = match dice.one_of(&[MessageKind::Text, MessageKind::Binary, MessageKind::Utf8]) {
        MessageKind::Text if octets.contains(&0) => MessageKind::Binary,
        kind => kind,
    };
    let message = AppendMessage {
        flags: Flag::Seen.into(),
        date: None,
        kind,
        data: MessageData::Whole(Bytes::copy_from_slice(octets)),
    };
    let mut append = Append::new(name.clone(), message.clone());
    if dice.once_in(2) {
        append.push(message);
    }
    let other = MailboxName::INBOX;
    vec![
        Command::Select(name.clone()),
        Command::Create(name.clone()),
        Command::Rename(Rename { from: other, to: name.clone() }),
        Command::List(List { reference: name.clone(), pattern: name.clone() }),
        Command::Copy(Copy { numbering: numbering(dice), set: set(dice), mailbox: name.clone() }),
        Command::Status(Status {
            mailbox: name.clone(),
            items: StatusItems::new([StatusItem::Messages]).unwrap(),
        }),
        Command::Append(Box::new(append)),
    ]
}

fn of_string(string: &AString, dice: &mut Dice<'_>) -> Vec<Command> {
    let header = HeaderKey { name: string.clone(), value: string.clone() };
    let key = dice.one_of(&[
        SearchKey::Subject(string.clone()),
        SearchKey::Header(Box::new(header)),
        SearchKey::Not(Box::new(SearchKey::Text(string.clone()))),
        SearchKey::Or(Box::new([SearchKey::All, SearchKey::To(string.clone())])),
    ]);
    let mut search = Search::new(numbering(dice), vec![key, SearchKey::Uid(set(dice))]);
    search.charset = dice.one_of(&[None, Some(string.clone())]);
    let fields = [(string.clone(), None), (string.clone(), Some(string.clone()))];
    vec![Command::Search(Box::new(search)), Command::Id(IdFields::from_iter(fields))]
}

fn numbering(dice: &mut Dice<'_>) -> Numbering {
    dice.one_of(&[Numbering::Sequence, Numbering::Uid])
}

fn set(dice: &mut Dice<'_>) -> SequenceSet {
    SequenceSet::from_numbers([1, dice.number().max(1), 7]).unwrap()
}
