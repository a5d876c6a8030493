//! What a host is told of a stream, whole, under every two cuts and byte by byte.
use bytes::BytesMut;
use imap_proto::frame::{Framed, Framer, Last, NonSynchronising, Rules};

/// What a host says to a large literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    Stream,
    Inline,
    Refuse,
    /// Takes the head, thinks, and refuses.
    TakeAndRefuse,
    /// Refuses where a literal waits, streams others.
    RefuseWaiting,
}

pub(crate) fn server() -> Rules {
    small(Rules { non_synchronising: NonSynchronising::Plus, ..Rules::server() })
}

pub(crate) fn client() -> Rules {
    small(Rules::client())
}

fn small(mut rules: Rules) -> Rules {
    let limits = &mut rules.limits;
    (limits.text, limits.inline, limits.unit, limits.literal, limits.swallow) = (100, 4, 120, 30, 200);
    rules
}

/// What is told, neighbouring payloads joined.
pub(crate) fn told(pieces: &[&[u8]], rules: Rules, say: Say) -> String {
    let (mut framer, mut input, mut log) = (Framer::new(rules), BytesMut::new(), Vec::<String>::new());
    let mut fed = 0;
    let text = |octets: &[u8]| octets.escape_ascii().to_string().replace("\\\"", "\"");
    for piece in pieces {
        input.extend_from_slice(piece);
        fed += piece.len() as u64;
        loop {
            match framer.next(&mut input) {
                Err(error) => {
                    log.push(error.to_string());
                    assert_eq!(framer.next(&mut input), Err(error), "there is no way on");
                    return log.join("|");
                }
                Ok(Framed::Need(hint)) => {
                    assert!(hint > 0);
                    break;
                }
                Ok(Framed::End(n)) => log.push(text(&input.split_to(n))),
                Ok(Framed::Waits(n)) => {
                    log.push(format!("go:{n}"));
                    if say == Say::RefuseWaiting {
                        framer.refuse(&mut input);
                    }
                }
                Ok(Framed::Payload(octets, last)) => {
                    match log.last_mut() {
                        Some(before) if before.starts_with('<') && !before.ends_with('>') => {
                            before.push_str(&text(&octets));
                        }
                        _ => log.push(format!("<{}", text(&octets))),
                    }
                    if last == Last::Yes {
                        log.last_mut().expect("a piece").push('>');
                    }
                }
                Ok(Framed::Broken(n, breach)) => {
                    assert_eq!(framer.next(&mut input), Ok(Framed::Broken(n, breach)), "told again");
                    log.push(format!("{breach}:{}", text(&input[..n])));
                    framer.refuse(&mut input);
                }
                Ok(Framed::Large(n, literal)) => {
                    assert_eq!(framer.next(&mut input), Ok(Framed::Large(n, literal)), "told again");
                    match say {
                        Say::Stream | Say::RefuseWaiting => {
                            log.push(format!("{}..{}", text(&framer.take(&mut input)), literal.len));
                            framer.stream(&mut input);
                        }
                        Say::Inline => match framer.inline() {
                            Ok(()) => log.push(format!("inline:{n}")),
                            Err(breach) => {
                                log.push(format!("{breach}:{n}"));
                                framer.refuse(&mut input);
                            }
                        },
                        Say::Refuse => framer.refuse(&mut input),
                        Say::TakeAndRefuse => {
                            framer.take(&mut input);
                            assert_eq!(framer.next(&mut input), Ok(Framed::Large(0, literal)));
                            framer.refuse(&mut input);
                        }
                    }
                }
                Ok(Framed::Refused) => log.push("refused".into()),
            }
        }
    }
    assert!(framer.examined() <= 4 * fed + 64, "{} octets looked at for {fed}", framer.examined());
    if framer.is_inside(&input) {
        log.push(format!("inside:{}", input.len().min(1)));
    }
    log.join("|")
}

#[track_caller]
pub(crate) fn check(stream: &str, rules: Rules, say: Say, expected: &str) {
    let octets = stream.as_bytes();
    assert_eq!(told(&[octets], rules, say), expected, "whole");
    for first in 0..=octets.len() {
        for second in first..=octets.len() {
            let pieces = [&octets[..first], &octets[first..second], &octets[second..]];
            assert_eq!(told(&pieces, rules, say), expected, "cut at {first} and {second}");
        }
    }
    assert_eq!(told(&octets.chunks(1).collect::<Vec<_>>(), rules, say), expected, "byte by byte");
}
