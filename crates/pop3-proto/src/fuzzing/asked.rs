//! What the host of a client asks for, as it comes to its mind.
use crate::{
    CleartextLogin, ClientConfig, Command, Digest, InitialResponse, LanguageRange, LanguageTag, Leniency,
    Mechanism, MessageNumber, Name, Password, Secret, TlsPolicy,
};
use mail_wire::fuzzing::Dice;

/// Talks to any server, and is small enough for a session to break every limit.
pub(super) fn client_config(dice: &mut Dice<'_>) -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]),
        max_in_flight: dice.one_of(&[50, 1, 3]),
        max_unsent: dice.one_of(&[1 << 16, 10]),
        initial: dice.one_of(&[InitialResponse::Inline, InitialResponse::Behind]),
        ..ClientConfig::default()
    }
}

/// All but QUIT. The tamest is the first of a session.
pub(super) fn command(dice: &mut Dice<'_>) -> Command {
    let message = |dice: &mut Dice<'_>| MessageNumber::new(1 + u32::from(dice.among(3))).unwrap();
    match dice.among(26) {
        0 => Command::Capa,
        1..=2 => Command::User(Name::new("mrose").unwrap()),
        3..=5 => Command::Pass(Password::new(b"tan staaf").unwrap()),
        6 => {
            let initial = dice.one_of(&[None, Some(&b"x"[..]), Some(&[b'x'; 200])]).map(Secret::copy_from);
            Command::Auth { mechanism: Mechanism::PLAIN, initial }
        }
        7 => Command::AuthList,
        8 => Command::Stat,
        9 => Command::List(None),
        10 => Command::List(Some(message(dice))),
        11 => Command::Uidl(None),
        12 => Command::Uidl(Some(message(dice))),
        13..=15 => Command::Retr(message(dice)),
        16 => Command::Top { message: message(dice), lines: u64::from(dice.among(4)) },
        17..=18 => Command::Dele(message(dice)),
        19 => Command::Noop,
        20 => Command::Rset,
        21 => Command::Stls,
        22 => Command::Apop {
            name: Name::new("mrose").unwrap(),
            digest: Digest::from_octets([dice.among(255); 16]),
        },
        23 => Command::Utf8,
        24 => Command::Lang(None),
        _ => Command::Lang(Some(dice.one_of(&[
            LanguageRange::Any,
            LanguageRange::Tag(LanguageTag::new("de").unwrap()),
            LanguageRange::Tag(LanguageTag::new("uga").unwrap()),
        ]))),
    }
}

/// The faces of a command that is like the one on this line, if there is one.
pub(super) fn faces(line: &[u8]) -> Option<&'static [u8]> {
    let faces: [(&[u8], &[u8]); 20] = [
        (b"CAPA", &[0]),
        (b"USER", &[1]),
        (b"PASS", &[3]),
        (b"AUTH ", &[6, 0]),
        (b"AUTH", &[7]),
        (b"STAT", &[8]),
        (b"LIST ", &[10, 1]),
        (b"LIST", &[9]),
        (b"UIDL ", &[12, 1]),
        (b"UIDL", &[11]),
        (b"RETR", &[13, 0]),
        (b"TOP", &[16, 0, 1]),
        (b"DELE", &[17, 0]),
        (b"NOOP", &[19]),
        (b"RSET", &[20]),
        (b"STLS", &[21]),
        (b"APOP", &[22, 0]),
        (b"UTF8", &[23]),
        (b"LANG ", &[25, 1]),
        (b"LANG", &[24]),
    ];
    let is_like = |name: &[u8]| line.get(..name.len()).is_some_and(|front| front.eq_ignore_ascii_case(name));
    faces.iter().find(|(name, _)| is_like(name)).map(|(_, faces)| *faces)
}
