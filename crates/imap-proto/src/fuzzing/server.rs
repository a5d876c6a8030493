//! A server under any cut of what a client says.
use super::store::Store;
use crate::{
    CleartextLogin, Leniency, Mechanism, Offer, ProtocolError, ServerConfig, Step,
    response::Capability,
    server::{Event, Server, Welcome},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, BytesMut};
use mail_wire::fuzzing::{Dice, Host, Input, same_under_any_cut};

/// What a session came to.
#[derive(Debug)]
struct Outcome {
    said: String,
    told: Vec<String>,
    error: Option<ProtocolError>,
}

/// But for one thing: whether octets stand behind a literal that is refused when it is refused depends on the cuts,
/// and ends the session if they do.
impl PartialEq for Outcome {
    fn eq(&self, whole: &Self) -> bool {
        if whole.error == Some(ProtocolError::EarlyLiteral) {
            let sure = whole.said.rfind("* BYE").map_or("", |at| &whole.said[..at]);
            return self.said.starts_with(sure) && self.told.len() >= whole.told.len();
        }
        self.said == whole.said && self.told == whole.told && self.error == whole.error
    }
}

/// A session comes to the same however it is cut, and the work is linear.
pub(super) fn cut(mut input: Input<'_>) {
    let config = config(&mut input.dice);
    let welcome = input.dice.one_of(&[Welcome::PreAuth, Welcome::Ok]);
    let dice = input.dice.clone();
    same_under_any_cut(input, |pieces| Session::new(&config, welcome, dice.clone()).run(pieces));
}

/// Small enough for a session to break every limit.
fn config(dice: &mut Dice<'_>) -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.capabilities = config
        .capabilities
        .with(Capability::MultiAppend)
        .with_mechanism(Mechanism::PLAIN)
        .with_mechanism(Mechanism::LOGIN);
    if dice.once_in(2) {
        config.capabilities = config.capabilities.with(Capability::LiteralPlus);
    }
    config.enable = config.enable.with(Capability::Utf8Accept);
    config.starttls = Offer::Yes;
    config.others = Offer::Yes;
    config.leniency = dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]);
    config.limits.text = 120;
    config.limits.unit = 160;
    config.limits.inline = dice.one_of(&[32, 0]);
    config.limits.literal = 64;
    config.limits.swallow = dice.one_of(&[1000, 100]);
    // Responses of the host are not to be blocked: it does not keep them.
    config.max_unsent = 1 << 20;
    config.max_errors = 6;
    config
}

struct Session<'a> {
    server: Server,
    host: Store<'a>,
    input: BytesMut,
    said: Vec<u8>,
    told: Vec<String>,
    error: Option<ProtocolError>,
}

impl<'a> Session<'a> {
    fn new(config: &ServerConfig, welcome: Welcome, dice: Dice<'a>) -> Self {
        Self {
            server: Server::new(config.clone()),
            host: Store::new(dice, welcome),
            input: BytesMut::new(),
            said: Vec::new(),
            told: Vec::new(),
            error: None,
        }
    }

    fn run(mut self, pieces: &[&[u8]]) -> Outcome {
        let mut fed = 0;
        // Kept: dropped, it would end the session.
        let mut upgrade = None;
        for piece in pieces {
            self.input.extend_from_slice(piece);
            fed += piece.len() as u64;
            loop {
                let step = self.server.receive(&mut self.input);
                self.flush();
                match step {
                    Ok(Step::Event(event)) => {
                        self.note(&event);
                        upgrade = self.host.event(&mut self.server, event).or(upgrade);
                        self.flush();
                    }
                    Ok(Step::NeedFlush) => {}
                    Ok(Step::NeedInput { hint }) => {
                        assert!(hint > 0, "nothing is asked for");
                        break;
                    }
                    Ok(Step::NeedAnswer) => {
                        assert!(upgrade.is_some(), "all is answered");
                        break;
                    }
                    Ok(Step::Closed) => break,
                    Err(error) => {
                        self.error.get_or_insert(error);
                        break;
                    }
                }
            }
        }
        assert!(self.server.examined() <= 4 * fed + 64, "{} of {fed}", self.server.examined());
        Outcome { said: self.said.escape_ascii().to_string(), told: self.told, error: self.error }
    }

    /// Payload is told by its octets, however many pieces they come in.
    fn note(&mut self, event: &Event) {
        match (event, self.told.last_mut()) {
            (Event::Payload(piece), Some(last)) if last.starts_with("payload ") => {
                last.push_str(&piece.escape_ascii().to_string());
            }
            (Event::Payload(piece), _) => self.told.push(format!("payload {}", piece.escape_ascii())),
            _ => self.told.push(format!("{event:?}")),
        }
    }

    fn flush(&mut self) {
        let transmit = self.server.transmit();
        self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let config = config(&mut input.dice);
    let welcome = input.dice.one_of(&[Welcome::PreAuth, Welcome::Ok]);
    let mut outcome = Session::new(&config, welcome, input.dice).run(&[input.octets]);
    outcome.told.extend(outcome.error.map(|error| error.to_string()));
    outcome.told
}
