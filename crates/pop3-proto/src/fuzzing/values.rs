//! Commands and replies made of any strings.
use super::commands::{assert_is_one_line, one_line};
use crate::{
    Capability, Command, Digest, Implementation, Language, LanguageRange, LanguageTag, MessageNumber, Name,
    Password, Reply, ReplyText, ResponseCode, Secret, Status, Text, Timestamp, UniqueId, UniqueIdListing,
};
use alloc::{string::String, vec::Vec};
use bytes::Bytes;
use mail_wire::fuzzing::Input;

/// Whatever can be made is written as one line, and reads back equal.
pub(super) fn written(mut input: Input<'_>) {
    for octets in input.octets.split(|octet| *octet == 0xff) {
        let text = String::from_utf8_lossy(octets);
        let mut commands = Vec::new();
        commands.extend(Name::new(octets.to_vec()).map(Command::User));
        commands.extend(Password::new(octets).map(Command::Pass));
        commands.extend(text.parse().map(|mechanism| {
            let initial = [None, Some(Secret::copy_from(octets))];
            Command::Auth { mechanism, initial: input.dice.one_of(&initial) }
        }));
        if let Ok(name) = Name::new(octets.to_vec()) {
            commands.push(Command::Apop { name, digest: Digest::from_octets([input.dice.among(255); 16]) });
        }
        let tag = LanguageTag::new(octets.to_vec());
        commands.extend(tag.clone().map(|tag| Command::Lang(Some(LanguageRange::Tag(tag)))));
        if let Some(message) = MessageNumber::new(input.dice.number()) {
            let lines = u64::from(input.dice.number()) << 31;
            commands.extend([Command::Top { message, lines }, Command::List(Some(message))]);
        }
        for command in commands {
            assert_is_one_line(&command);
        }
        let code = ResponseCode::parse(&Bytes::copy_from_slice(octets)).unwrap_or(ResponseCode::InUse);
        let coded = ReplyText::with_code(code, octets.to_vec());
        for text in [ReplyText::new(octets.to_vec()), coded].into_iter().flatten() {
            let reply = Reply { status: input.dice.one_of(&[Status::Ok, Status::Err]), text };
            let mut wire = Vec::new();
            reply.encode(&mut wire);
            assert!(wire.len() <= 512, "a line of {} octets", wire.len());
            assert_eq!(Reply::parse(&one_line(&wire)), Ok(reply));
        }
        if let Ok(id) = UniqueId::new(octets) {
            assert_eq!(id.as_str().as_bytes(), octets);
            let listing = UniqueIdListing { message: MessageNumber::new(1).unwrap(), id };
            let mut wire = Vec::new();
            listing.encode(&mut wire);
            assert_eq!(UniqueIdListing::parse(&one_line(&wire)), Ok(listing));
        }
        let tag = tag.unwrap_or(LanguageTag::new("en").unwrap());
        let words = Text::new(octets.to_vec()).ok();
        if let Ok(language) = Language::new(tag, words) {
            let mut wire = Vec::new();
            language.encode(&mut wire);
            assert!(wire.len() + "+OK ".len() <= 512, "a line of {} octets", wire.len());
            assert_eq!(Language::parse(&one_line(&wire)), Ok(language));
        }
        if let Ok(timestamp) = Timestamp::new(octets.to_vec()) {
            assert_eq!(timestamp.as_str().as_bytes(), octets);
        }
        let implementation = Text::new(octets.to_vec()).ok().and_then(|text| Implementation::new(text).ok());
        if let Some(implementation) = implementation {
            let capability = Capability::Implementation(implementation);
            let mut wire = Vec::new();
            capability.encode(&mut wire);
            assert_eq!(Capability::parse(&one_line(&wire)), Ok(capability));
        }
    }
}
