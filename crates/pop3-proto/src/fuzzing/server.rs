//! A server under any cut of what a client says.
use super::maildrop::Session;
use crate::{
    Charset, CleartextLogin, Language, LanguageTag, Leniency, Mechanism, Mechanisms, Offer, ServerConfig,
    Timestamp,
};
use alloc::{format, vec, vec::Vec};
use mail_wire::fuzzing::{Dice, Input, same_under_any_cut};

/// A session comes to the same however it is cut, and removes what was marked since the last RSET, if anything.
pub(super) fn cut(mut input: Input<'_>) {
    let config = server_config(&mut input.dice);
    let dice = input.dice.clone();
    let log = same_under_any_cut(input, |pieces| {
        let mut session = Session::new(config.clone(), dice.clone());
        for piece in pieces {
            session.say(piece);
        }
        session.end()
    });
    let mut marked = Vec::new();
    for entry in &log {
        match entry.split_once(' ') {
            Some(("dele", number)) => marked.push(number.parse::<u32>().unwrap()),
            Some(("remove", numbers)) => {
                marked.sort_unstable();
                assert_eq!(numbers, format!("{marked:?}"));
            }
            None if entry == "reset" => marked.clear(),
            _ => {}
        }
    }
}

/// Small enough for a session to break every limit.
pub(super) fn server_config(dice: &mut Dice<'_>) -> ServerConfig {
    ServerConfig {
        cleartext: CleartextLogin::Allow,
        mechanisms: Mechanisms::new([Mechanism::PLAIN, Mechanism::LOGIN]).unwrap(),
        stls: Offer::Yes,
        timestamp: Some(Timestamp::new("<1896.697170952@dbc.mtview.ca.us>").unwrap()),
        utf8: Some(Charset::Utf8),
        languages: vec![language("en"), language("de")],
        leniency: dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]),
        max_line: dice.one_of(&[32, 255]),
        max_auth_line: 64,
        max_unsent: dice.one_of(&[1 << 16, 1, 60]),
        ..ServerConfig::default()
    }
}

fn language(tag: &'static str) -> Language {
    Language::new(LanguageTag::new(tag).unwrap(), None).unwrap()
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<alloc::string::String> {
    let mut session = Session::new(server_config(&mut input.dice), input.dice);
    session.say(input.octets);
    session.end()
}
