//! The framer under any cut.
use crate::frame::{Framed, Framer, Last, LineEnding, NonSynchronising, Rules, Strays};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::BytesMut;
use mail_wire::fuzzing::{Dice, Input, same_under_any_cut};

/// What a host says to a large literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Say {
    Stream,
    Inline,
    Refuse,
    /// Takes the head, thinks, and refuses.
    TakeAndRefuse,
    /// Refuses where a literal waits, streams others.
    RefuseWaiting,
}

/// The same is told however the stream is cut, and the work is linear.
pub(super) fn cut(mut input: Input<'_>) {
    let rules = rules(&mut input.dice);
    let say =
        input.dice.one_of(&[Say::Stream, Say::Inline, Say::Refuse, Say::TakeAndRefuse, Say::RefuseWaiting]);
    same_under_any_cut(input, |pieces| told(pieces, rules, say));
}

fn rules(dice: &mut Dice<'_>) -> Rules {
    let mut rules = dice.one_of(&[Rules::server(), Rules::client()]);
    rules.ending = dice.one_of(&[LineEnding::Crlf, LineEnding::CrlfOrLf]);
    rules.strays = dice.one_of(&[Strays::Refuse, Strays::Pass]);
    rules.non_synchronising =
        dice.one_of(&[NonSynchronising::Plus, NonSynchronising::Minus, NonSynchronising::Refuse]);
    rules.limits.text = dice.one_of(&[100, 1, 30]);
    rules.limits.inline = dice.one_of(&[4, 0, 20]);
    rules.limits.unit = dice.one_of(&[120, 1, 40]);
    rules.limits.literal = dice.one_of(&[30, 0, 5000]);
    rules.limits.swallow = dice.one_of(&[200, 0, 5000]);
    rules
}

/// What is told, neighbouring payloads joined.
fn told(pieces: &[&[u8]], rules: Rules, say: Say) -> Vec<String> {
    let (mut framer, mut input, mut log) = (Framer::new(rules), BytesMut::new(), Vec::<String>::new());
    let mut fed = 0;
    for piece in pieces {
        input.extend_from_slice(piece);
        fed += piece.len() as u64;
        loop {
            match framer.next(&mut input) {
                Err(error) => {
                    log.push(error.to_string());
                    assert_eq!(framer.next(&mut input), Err(error), "there is no way on");
                    return log;
                }
                Ok(Framed::Need(hint)) => {
                    assert!(hint > 0, "nothing is asked for");
                    break;
                }
                Ok(Framed::Refused) => log.push("refused".into()),
                Ok(Framed::Payload(octets, last)) => {
                    match log.last_mut() {
                        Some(before) if before.starts_with('<') && !before.ends_with('>') => {
                            before.push_str(&text(&octets));
                        }
                        _ => log.push(format!("<{}", text(&octets))),
                    }
                    if let (Last::Yes, Some(payload)) = (last, log.last_mut()) {
                        payload.push('>');
                    }
                }
                Ok(framed) => log.push(answer(&mut framer, &mut input, framed, say)),
            }
        }
    }
    assert!(framer.examined() <= 4 * fed + 64, "{} octets looked at for {fed}", framer.examined());
    if framer.is_inside(&input) {
        log.push("inside".into());
    }
    log
}

/// Says to a unit or a literal what is to be said.
fn answer(framer: &mut Framer, input: &mut BytesMut, framed: Framed, say: Say) -> String {
    match framed {
        Framed::End(n) => text(&input.split_to(n)),
        Framed::Waits(n) => {
            if say == Say::RefuseWaiting {
                framer.refuse(input);
            }
            format!("go:{n}")
        }
        Framed::Broken(n, breach) => {
            assert_eq!(framer.next(input), Ok(Framed::Broken(n, breach)), "told again");
            let head = text(&input[..n]);
            framer.refuse(input);
            format!("{breach}:{head}")
        }
        Framed::Large(n, literal) => {
            assert_eq!(framer.next(input), Ok(Framed::Large(n, literal)), "told again");
            let told = format!("large {n} {}", literal.len);
            match say {
                Say::Stream | Say::RefuseWaiting => {
                    let head = framer.take(input);
                    framer.stream(input);
                    return format!("{told}:{}", text(&head));
                }
                Say::Inline => {
                    if let Err(breach) = framer.inline() {
                        framer.refuse(input);
                        return format!("{told}:{breach}");
                    }
                }
                Say::Refuse => framer.refuse(input),
                Say::TakeAndRefuse => {
                    framer.take(input);
                    assert_eq!(framer.next(input), Ok(Framed::Large(0, literal)));
                    framer.refuse(input);
                }
            }
            told
        }
        other => panic!("{other:?}"),
    }
}

/// Printable, and without the marks of a payload.
fn text(octets: &[u8]) -> String {
    octets.escape_ascii().to_string().replace('<', "\\x3c").replace('>', "\\x3e")
}
