//! Commands made of any strings.
use super::commands::assert_is_one_line;
use crate::{
    Argument, Atrn, Auth, Bdat, Body, Burl, Chunk, ClientAttributes, ClientName, Command, Etrn, ForwardPath,
    Mail, Mailbox, Mechanism, OriginalRecipient, OtherCommand, Queues, Rcpt, ReversePath, Secret, Text, Told,
    xtext,
};
use alloc::{string::String, vec::Vec};
use mail_wire::fuzzing::{Dice, Input};

/// Whatever can be made is written as one command, and reads back equal.
pub(super) fn written(mut input: Input<'_>) {
    let strings: Vec<_> = input.octets.split(|octet| *octet == 0xff).map(String::from_utf8_lossy).collect();
    for text in &strings {
        for command in commands(text, &strings[0], &mut input.dice) {
            assert_is_one_line(&command);
        }
        let mut value = Vec::new();
        xtext::encode(text.as_bytes(), &mut value);
        assert!(value.iter().all(|octet| octet.is_ascii_graphic() && *octet != b'='));
        match Text::new(text.as_bytes().to_vec()) {
            Ok(text) => assert_eq!(xtext::decode(&value).unwrap(), text),
            Err(_) => assert!(xtext::decode(&value).is_err()),
        }
    }
}

fn commands(text: &str, other: &str, dice: &mut Dice<'_>) -> Vec<Command> {
    let mut commands = Vec::new();
    if let Ok(name) = ClientName::new(text) {
        commands.extend([Command::Ehlo(name.clone()), Command::Helo(name.clone()), Command::Lhlo(name)]);
    }
    if let Ok(mailbox) = Mailbox::new(text) {
        let canonical = mailbox.canonical();
        assert_eq!(Mailbox::new(canonical.as_str()).unwrap().canonical(), canonical);
        let mail = Mail::new(mailbox.clone()).with_size(u64::from(dice.number()));
        commands.push(Command::Mail(mail.with_body(dice.one_of(&[Body::SevenBit, Body::EightBitMime]))));
        commands.push(Command::Rcpt(Rcpt::new(mailbox)));
    }
    commands.extend(text.parse::<ReversePath>().map(|path| Command::Mail(Mail::new(path).with_smtputf8())));
    commands.extend(text.parse::<ForwardPath>().map(|path| Command::Rcpt(Rcpt::new(path))));
    if let Ok(argument) = Argument::new(text) {
        commands.extend([Command::Vrfy(argument.clone()), Command::Expn(argument.clone())]);
        commands.extend([Command::Noop(Some(argument.clone())), Command::Help(Some(argument.clone()))]);
        commands.extend(OtherCommand::new(other, Some(argument)).map(Command::Other));
    }
    commands.extend(OtherCommand::new(text, None).map(Command::Other));
    commands.extend(Mail::new(ReversePath::Null).with_envid(text).map(Command::Mail));
    commands.extend(Mail::new(ReversePath::Null).with_solicit(text).map(Command::Mail));
    commands.extend(Mail::new(ReversePath::Null).with_transid(text).map(Command::Mail));
    for queues in [Queues::Node(text), Queues::Subdomains(text), Queues::Queue(text)] {
        if let Ok(etrn) = Etrn::new(queues) {
            assert_eq!(etrn.queues(), queues);
            commands.push(Command::Etrn(etrn));
        }
    }
    commands.extend(Atrn::new([text, other]).map(Command::Atrn));
    commands.extend(Burl::new(text, dice.one_of(&[Chunk::More, Chunk::Last])).map(Command::Burl));
    for name in ["NAME", "ADDR", "PORT", "SOURCE", other] {
        if let Ok(client) = ClientAttributes::new(name, Told::Value(text)) {
            let value = Text::new(text.as_bytes().to_vec()).ok().map(Told::Value);
            assert_eq!(client.value(name), value);
            commands.extend([Command::XClient(client.clone()), Command::XForward(client)]);
        }
    }
    let chunk = dice.one_of(&[Chunk::More, Chunk::Last]);
    commands.push(Command::Bdat(Bdat { length: u64::from(dice.number()), chunk }));
    for address_type in ["rfc822", "utf-8", other] {
        let rcpt = Rcpt::new(ForwardPath::Postmaster).with_orcpt(address_type, text);
        if let Ok(rcpt) = rcpt {
            assert_eq!(
                rcpt.parameters().orcpt().map(OriginalRecipient::address),
                Text::new(text.as_bytes().to_vec()).ok()
            );
            commands.push(Command::Rcpt(rcpt));
        }
    }
    commands.extend(text.parse::<Mechanism>().map(|mechanism| {
        let initial = [None, Some(Secret::copy_from(other.as_bytes()))];
        Command::Auth(Auth { mechanism, initial: dice.one_of(&initial) })
    }));
    commands.extend(
        [Some(other), None]
            .into_iter()
            .filter_map(|value| Mail::new(ReversePath::Null).with(text, value).ok().map(Command::Mail)),
    );
    commands
}
