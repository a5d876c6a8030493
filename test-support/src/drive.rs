//! One machine against a script, under every cut.
use crate::{Host, Idle, Log, Script, Step, Who};
use bytes::{Buf, BytesMut};
use mail_wire::{Machine, Step as Next};
use std::fmt;

/// How the peer's octets are cut on their way in.
///
/// What the peer says without waiting for the machine is one piece to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cuts {
    /// Not at all.
    Whole,
    /// Once, before this octet of all that the peer says.
    Before(usize),
    /// Every so many octets. What the machine says is written in pieces of that size too.
    Every(usize),
}

impl fmt::Display for Cuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("whole"),
            Self::Before(octet) => write!(f, "cut before octet {octet} of what the peer says"),
            Self::Every(1) => f.write_str("byte by byte"),
            Self::Every(octets) => write!(f, "in pieces of {octets}"),
        }
    }
}

/// Runs a server against a script: whole, cut at every octet, byte by byte, in pieces of 2, 3, 5 and 7.
///
/// `make` gives the server and its host, anew for each run. What the server says at each turn must be what the
/// script says, and the log must be the same whatever the cuts; it is returned. The driver adds `upgraded`,
/// `closed`, `eof: clean`, `eof: ` and an error, `error: ` and an error.
///
/// Quadratic in what the peer says: for a long session take [`run`] and cuts of your own.
///
/// # Panics
/// The server does not do what the script says, or not under every cut.
pub fn run_server<M: Machine, H: Host<M>>(script: &Script, make: impl FnMut() -> (M, H)) -> Vec<String> {
    every_way(script, Who::Server, make)
}

/// Runs a client against a script, as [`run_server`] runs a server. What the client says first, its `make` sends.
///
/// # Panics
/// The client does not do what the script says, or not under every cut.
pub fn run_client<M: Machine, H: Host<M>>(script: &Script, make: impl FnMut() -> (M, H)) -> Vec<String> {
    every_way(script, Who::Client, make)
}

fn every_way<M: Machine, H: Host<M>>(
    script: &Script,
    role: Who,
    mut make: impl FnMut() -> (M, H),
) -> Vec<String> {
    let whole = run(script, role, Cuts::Whole, make());
    let octets = script.said_by(role.peer()).len();
    let cuts = (1..octets).map(Cuts::Before).chain([1, 2, 3, 5, 7].map(Cuts::Every));
    for cuts in cuts {
        let log = run(script, role, cuts, make());
        if let Some(at) = (0..log.len().max(whole.len())).find(|at| log.get(*at) != whole.get(*at)) {
            let entry = |log: &[String]| log.get(at).cloned().unwrap_or_else(|| "(nothing more)".into());
            panic!(
                "the session depends on how its input is cut\n  {cuts}\n  log entry {at}\n  whole: {}\n  cut:   {}",
                entry(&whole),
                entry(&log)
            );
        }
    }
    whole
}

/// Runs one machine, which plays `role`, against a script with these cuts, and returns its log.
///
/// # Panics
/// The machine does not do what the script says.
pub fn run<M: Machine, H: Host<M>>(
    script: &Script,
    role: Who,
    cuts: Cuts,
    (machine, host): (M, H),
) -> Vec<String> {
    let mut session = Session {
        machine,
        host,
        role,
        cuts,
        log: Log::default(),
        input: BytesMut::new(),
        output: Vec::new(),
        fed: 0,
        line: 0,
        over: false,
        closed: false,
    };
    session.proceed();
    for turn in turns(script) {
        session.line = turn.line();
        match turn {
            Turn::Said { who, octets, lines } if who == role => session.expect(&octets, &lines),
            Turn::Said { octets, .. } => {
                session.expect_silence();
                session.feed(&octets);
            }
            Turn::Upgrade { .. } => {
                session.expect_silence();
                session.upgrade();
            }
            Turn::Eof { .. } => {
                session.expect_silence();
                session.eof();
            }
        }
    }
    session.expect_silence();
    if session.log.has_upgrade() && !session.over && !session.closed {
        session.fail("the session waits for an upgrade, and the script has no `--- TLS ---`");
    }
    session.log.entries()
}

/// What one of the two says without waiting, or a marker.
enum Turn {
    Said {
        who: Who,
        octets: Vec<u8>,
        /// Where each line of the script starts in `octets`, and its number.
        lines: Vec<(usize, usize)>,
    },
    Upgrade {
        line: usize,
    },
    Eof {
        line: usize,
    },
}

impl Turn {
    fn line(&self) -> usize {
        match self {
            Self::Said { lines, .. } => lines.first().map_or(0, |(_, line)| *line),
            Self::Upgrade { line } | Self::Eof { line } => *line,
        }
    }
}

fn turns(script: &Script) -> Vec<Turn> {
    let mut turns = Vec::new();
    for step in script.steps() {
        match step {
            Step::Said { who: speaker, octets: said, line } => match turns.last_mut() {
                Some(Turn::Said { who, octets, lines }) if who == speaker => {
                    lines.push((octets.len(), *line));
                    octets.extend_from_slice(said);
                }
                _ => turns.push(Turn::Said { who: *speaker, octets: said.clone(), lines: vec![(0, *line)] }),
            },
            Step::Upgrade { line } => turns.push(Turn::Upgrade { line: *line }),
            Step::Eof { line } => turns.push(Turn::Eof { line: *line }),
        }
    }
    turns
}

struct Session<M, H> {
    machine: M,
    host: H,
    role: Who,
    cuts: Cuts,
    log: Log,
    input: BytesMut,
    /// What the machine said and the script has not.
    output: Vec<u8>,
    /// Octets of the peer that have been delivered.
    fed: usize,
    line: usize,
    /// The machine told of an error: nothing more is asked of it.
    over: bool,
    closed: bool,
}

impl<M: Machine, H: Host<M>> Session<M, H> {
    fn feed(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let piece = match self.cuts {
                Cuts::Before(at) if at > self.fed => at - self.fed,
                Cuts::Whole | Cuts::Before(_) => octets.len(),
                Cuts::Every(size) => size,
            };
            let (piece, behind) = octets.split_at(piece.min(octets.len()));
            self.fed += piece.len();
            self.input.extend_from_slice(piece);
            self.proceed();
            octets = behind;
        }
    }

    /// Lets the machine run until it waits for the peer.
    fn proceed(&mut self) {
        let mut idle_rounds = 0;
        let mut steps = 0;
        while !self.over {
            steps += 1;
            if steps > 1_000_000 {
                self.fail("a million steps and no wish for input: an endless loop");
            }
            let before = self.input.len();
            match self.machine.receive(&mut self.input) {
                Ok(Next::Event(event)) => self.host.event(&mut self.machine, event, &mut self.log),
                Ok(Next::NeedInput { hint }) => {
                    if hint == 0 {
                        self.fail(
                            "the machine wants input and hints at no octet: a read of nothing is an end",
                        );
                    }
                    self.flush();
                    idle_rounds += 1;
                    if idle_rounds > 100_000 {
                        self.fail("the host is busy for ever");
                    }
                    if self.host.idle(&mut self.machine, &mut self.log) == Idle::Quiet {
                        self.flush();
                        return self.expect_rest();
                    }
                }
                Ok(Next::NeedAnswer) => {
                    self.flush();
                    if self.host.idle(&mut self.machine, &mut self.log) == Idle::Quiet {
                        // A session that is being upgraded waits for `upgraded`.
                        if self.log.has_upgrade() {
                            return;
                        }
                        self.fail("the machine waits for an answer that its host does not give");
                    }
                }
                Ok(Next::NeedFlush) => {
                    if self.flush() == 0 {
                        self.fail("the machine wants to be flushed and has nothing to write");
                    }
                }
                Ok(Next::Closed) => {
                    self.flush();
                    if !self.closed {
                        self.closed = true;
                        self.log.note("closed");
                    }
                    return;
                }
                Err(error) => {
                    self.flush();
                    self.over = true;
                    self.log.note(format!("error: {error}"));
                }
            }
            if self.input.len() > before {
                self.fail("the machine put octets into its input");
            }
        }
    }

    /// Asked again without new input, a machine that waits for input still does.
    fn expect_rest(&mut self) {
        if !matches!(self.machine.receive(&mut self.input), Ok(Next::NeedInput { .. })) {
            self.fail("asked again without new input, the machine does not wait for input any more");
        }
        if self.flush() > 0 {
            self.fail("asked again without new input, the machine says something");
        }
    }

    /// Writes what the machine has ready, and tells how much that was.
    fn flush(&mut self) -> usize {
        let most = if let Cuts::Every(size) = self.cuts { size } else { usize::MAX };
        let transmit = self.machine.transmit();
        let mut written = 0;
        while transmit.has_remaining() {
            let chunk = transmit.chunk();
            let octets = chunk.len().min(most);
            self.output.extend_from_slice(&chunk[..octets]);
            transmit.advance(octets);
            written += octets;
        }
        written
    }

    fn upgrade(&mut self) {
        if self.over {
            return;
        }
        let Some(upgrade) = self.log.take_upgrade() else {
            self.fail("the script upgrades the transport, and the machine has not agreed to");
        };
        match self.machine.upgraded(upgrade, &self.input) {
            Ok(()) => {
                self.log.note("upgraded");
                self.host.upgraded(&mut self.machine, &mut self.log);
                self.proceed();
            }
            Err(error) => {
                self.flush();
                self.over = true;
                self.log.note(format!("error: {error}"));
            }
        }
    }

    fn eof(&mut self) {
        if self.over {
            return;
        }
        match self.machine.receive_eof(&self.input) {
            Ok(()) => self.log.note("eof: clean"),
            Err(error) => self.log.note(format!("eof: {error}")),
        }
        self.flush();
        self.over = true;
    }

    fn expect(&mut self, octets: &[u8], lines: &[(usize, usize)]) {
        if self.output == octets {
            self.output.clear();
            return;
        }
        let same = self.output.iter().zip(octets).take_while(|(said, due)| said == due).count();
        let (start, line) = lines.iter().rev().find(|(start, _)| *start <= same).copied().unwrap_or_default();
        self.line = line;
        let due = octets.get(start..).unwrap_or_default();
        let said = self.output.get(start..).unwrap_or_default();
        let letter = self.role.letter();
        self.fail(&format!(
            "the machine says something else\n  expected: {}\n  got:      {}",
            shown(letter, due),
            shown(letter, said)
        ));
    }

    fn expect_silence(&mut self) {
        if !self.output.is_empty() {
            let said = shown(self.role.letter(), &self.output);
            self.fail(&format!("the machine says something that the script does not\n  got: {said}"));
        }
    }

    fn fail(&self, what: &str) -> ! {
        panic!(
            "{what}\n  at script line {}, {}\n  octets of the peer so far: {}, of which wait in the input: \"{}\"\n  log so far: {:#?}",
            self.line,
            self.cuts,
            self.fed,
            self.input.escape_ascii(),
            self.log.entries()
        )
    }
}

/// Octets as lines of a script.
pub(crate) fn shown(letter: char, octets: &[u8]) -> String {
    if octets.is_empty() {
        return "(nothing)".into();
    }
    let lines =
        octets.split_inclusive(|octet| *octet == b'\n').map(|line| match line.strip_suffix(b"\r\n") {
            Some(line) => format!("{letter}: {}", line.escape_ascii()),
            None => format!("{letter}> {}", line.escape_ascii()),
        });
    lines.collect::<Vec<_>>().join("\n            ")
}
