//! The drivers against a toy protocol: they pass a machine that is right, and catch each kind that is wrong.
use bytes::BytesMut;
use mail_wire::{
    Machine, Mark, Outbox, Output, Patience, Reason, Step, Then, Transmit, Upgrade, UpgradeError,
    line::{Framed, LineEnding, LineFramer},
    sealed::Sealed,
};
use std::time::Duration;
use test_support::{Cuts, Host, Log, Pair, Pieces, Script, Who, host, run, run_client, run_server};

/// What is wrong with a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// Takes what has arrived for a line.
    TakesPieces,
    /// Answers in two events when a line came in two pieces.
    CountsPieces,
    /// Says more when asked again, the second time that it waits.
    Babbles,
}

/// Greets, echoes lines, and knows TLS and QUIT.
struct Echo {
    framer: LineFramer,
    out: Outbox,
    mark: Mark,
    flaw: Flaw,
    state: State,
    receives: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Upgrading,
    Closed,
}

#[derive(Debug)]
enum Event {
    Line(String),
    Upgrade(Upgrade),
}

#[derive(Debug)]
struct Fault(&'static str);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Fault {}

impl Echo {
    fn new(flaw: Flaw) -> Self {
        Self {
            framer: LineFramer::new(100, LineEnding::Crlf),
            out: Outbox::default(),
            mark: Mark::default(),
            flaw,
            state: State::New,
            receives: 0,
        }
    }
}

impl Sealed for Echo {}

impl Machine for Echo {
    type Event = Event;
    type Error = Fault;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, Fault> {
        self.receives += 1;
        match self.state {
            State::New => {
                self.out.text(b"hi\r\n");
                self.state = State::Open;
            }
            State::Closed => return Ok(Step::Closed),
            State::Upgrading if !input.is_empty() => return Err(Fault("injected plaintext")),
            State::Upgrading => return Ok(Step::NeedInput { hint: 1 }),
            State::Open => {}
        }
        if self.flaw == Flaw::Babbles && self.receives == 5 {
            self.out.text(b"bla\r\n");
        }
        if self.flaw == Flaw::TakesPieces && !input.is_empty() {
            return Ok(Step::Event(Event::Line(String::from_utf8_lossy(&input.split()).into_owned())));
        }
        match self.framer.next(input) {
            Framed::Line(line) if &line[..] == b"TLS" => {
                self.out.text(b"go\r\n");
                self.state = State::Upgrading;
                Ok(Step::Event(Event::Upgrade(self.mark.upgrade())))
            }
            Framed::Line(line) if &line[..] == b"QUIT" => {
                self.out.text(b"bye\r\n");
                self.state = State::Closed;
                Ok(Step::Closed)
            }
            Framed::Line(line) => {
                self.out.text(&line);
                self.out.text(b"\r\n");
                Ok(Step::Event(Event::Line(String::from_utf8_lossy(&line).into_owned())))
            }
            Framed::Broken(_) => Err(Fault("broken line")),
            Framed::NeedInput if self.flaw == Flaw::CountsPieces && !input.is_empty() => {
                self.flaw = Flaw::None;
                Ok(Step::Event(Event::Line("a piece".into())))
            }
            Framed::NeedInput => Ok(Step::NeedInput { hint: 1 }),
        }
    }

    fn receive_eof(&mut self, input: &BytesMut) -> Result<(), Fault> {
        if input.is_empty() { Ok(()) } else { Err(Fault("cut line")) }
    }

    fn transmit(&mut self) -> &mut Transmit {
        self.out.transmit()
    }

    fn patience(&self) -> Patience {
        Patience { limit: Duration::from_secs(1), period: 0, then: Then::GiveUp }
    }

    fn upgraded(&mut self, upgrade: Upgrade, input: &BytesMut) -> Result<(), UpgradeError<Fault>> {
        self.mark.upgraded(upgrade)?;
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(Fault("injected plaintext")));
        }
        self.state = State::Open;
        Ok(())
    }

    fn close(&mut self, _: Reason) {
        self.state = State::Closed;
    }
}

/// Says each of its lines when the one before was answered; upgrades when the answer is `go`.
struct Asker {
    framer: LineFramer,
    out: Outbox,
    mark: Mark,
    lines: Vec<&'static str>,
}

impl Asker {
    fn new(lines: &[&'static str]) -> Self {
        Self {
            framer: LineFramer::new(100, LineEnding::Crlf),
            out: Outbox::default(),
            mark: Mark::default(),
            lines: lines.iter().rev().copied().collect(),
        }
    }

    fn ask(&mut self) {
        if let Some(line) = self.lines.pop() {
            self.out.text(line.as_bytes());
            self.out.text(b"\r\n");
        }
    }
}

impl Sealed for Asker {}

impl Machine for Asker {
    type Event = Event;
    type Error = Fault;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, Fault> {
        match self.framer.next(input) {
            Framed::Line(line) if &line[..] == b"go" => Ok(Step::Event(Event::Upgrade(self.mark.upgrade()))),
            Framed::Line(line) if &line[..] == b"bye" => Ok(Step::Closed),
            Framed::Line(line) => Ok(Step::Event(Event::Line(String::from_utf8_lossy(&line).into_owned()))),
            Framed::Broken(_) => Err(Fault("broken line")),
            Framed::NeedInput => Ok(Step::NeedInput { hint: 1 }),
        }
    }

    fn receive_eof(&mut self, _: &BytesMut) -> Result<(), Fault> {
        Ok(())
    }

    fn transmit(&mut self) -> &mut Transmit {
        self.out.transmit()
    }

    fn patience(&self) -> Patience {
        Patience { limit: Duration::from_secs(1), period: 0, then: Then::GiveUp }
    }

    fn upgraded(&mut self, upgrade: Upgrade, _: &BytesMut) -> Result<(), UpgradeError<Fault>> {
        Ok(self.mark.upgraded(upgrade)?)
    }

    fn close(&mut self, _: Reason) {}
}

struct AskerHost;

impl Host<Asker> for AskerHost {
    fn event(&mut self, asker: &mut Asker, event: Event, log: &mut Log) {
        match event {
            Event::Line(line) => {
                log.note(line);
                asker.ask();
            }
            Event::Upgrade(upgrade) => log.upgrade(upgrade),
        }
    }

    fn upgraded(&mut self, asker: &mut Asker, _: &mut Log) {
        asker.ask();
    }
}

fn echo(flaw: Flaw) -> (Echo, impl Host<Echo>) {
    let answer = host(|_: &mut Echo, event, log| match event {
        Event::Line(line) => log.note(line),
        Event::Upgrade(upgrade) => log.upgrade(upgrade),
    });
    (Echo::new(flaw), answer)
}

const SESSION: &str = "
    S: hi
    C: one
    C: two
    S: one
    S: two
    C: TLS
    S: go
    --- TLS ---
    C: three
    S: three
    C: QUIT
    S: bye
";

#[test]
fn a_server_that_is_right_passes_under_every_cut() {
    let log = run_server(&Script::parse(SESSION), || echo(Flaw::None));
    assert_eq!(log, ["one", "two", "upgraded", "three", "closed"]);
}

#[test]
fn a_client_that_is_right_passes_under_every_cut() {
    let log = run_client(
        &Script::parse("S: hi\n C: a\n S: a\n C: TLS\n S: go\n --- TLS ---\n C: QUIT\n S: bye\n"),
        || (Asker::new(&["a", "TLS", "QUIT"]), AskerHost),
    );
    assert_eq!(log, ["hi", "a", "upgraded", "closed"]);
}

#[test]
fn a_cut_line_at_the_end_is_told() {
    assert_eq!(
        run_server(&Script::parse("S: hi\nC> ab\n--- EOF ---"), || echo(Flaw::None)),
        ["eof: cut line"]
    );
    assert_eq!(run_server(&Script::parse("S: hi\n--- EOF ---"), || echo(Flaw::None)), ["eof: clean"]);
}

#[test]
fn octets_pushed_in_front_of_an_upgrade_are_told_under_every_cut() {
    let script = Script::parse("S: hi\nC: TLS\nC: evil\nS: go");
    assert_eq!(run_server(&script, || echo(Flaw::None)), ["error: injected plaintext"]);
}

#[test]
#[should_panic(expected = "depends on how its input is cut")]
fn a_log_that_depends_on_the_cuts_is_caught() {
    let _ = run_server(&Script::parse(SESSION), || echo(Flaw::CountsPieces));
}

#[test]
#[should_panic(expected = "the machine says something else")]
fn a_machine_that_takes_a_piece_for_a_line_is_caught() {
    let _ = run_server(&Script::parse(SESSION), || echo(Flaw::TakesPieces));
}

#[test]
#[should_panic(expected = "asked again without new input")]
fn a_machine_that_says_more_when_asked_again_is_caught() {
    let _ =
        run(&Script::parse("S: hi\nC: a\nS: a\nC: b\nS: b"), Who::Server, Cuts::Whole, echo(Flaw::Babbles));
}

#[test]
#[should_panic(expected = "the machine says something that the script does not")]
fn an_answer_that_the_script_does_not_have_is_caught() {
    let _ = run_server(&Script::parse("S: hi\nC: a"), || echo(Flaw::None));
}

#[test]
#[should_panic(expected = "the machine has not agreed to")]
fn an_upgrade_that_nobody_granted_is_caught() {
    let _ = run_server(&Script::parse("S: hi\n--- TLS ---"), || echo(Flaw::None));
}

#[test]
#[should_panic(expected = "the script has no `--- TLS ---`")]
fn an_upgrade_that_the_script_forgets_is_caught() {
    let _ = run_server(&Script::parse("S: hi\nC: TLS\nS: go"), || echo(Flaw::None));
}

#[test]
fn a_pair_says_the_same_in_pieces_of_any_size() {
    let pieces = [Pieces::Whole, Pieces::Every(1), Pieces::Every(3)];
    for pieces in pieces.into_iter().chain((0..50).map(Pieces::Seeded)) {
        let (server, mut on_server) = echo(Flaw::None);
        let mut pair = Pair::new(Asker::new(&["a", "TLS", "b", "QUIT"]), server).pieces(pieces);
        pair.pump(&mut AskerHost, &mut on_server);
        assert_eq!(pair.client_log.entries(), ["hi", "a", "upgraded", "b", "closed"], "{pieces:?}");
        assert_eq!(pair.server_log.entries(), ["a", "upgraded", "b", "closed"], "{pieces:?}");
        assert!(pair.is_over(Who::Client) && pair.is_over(Who::Server));
        let script = "S: hi\nC: a\nS: a\nC: TLS\nS: go\nC: b\nS: b\nC: QUIT\nS: bye";
        assert_eq!(pair.transcript(), script, "{pieces:?}");
    }
}

#[test]
fn a_pair_hands_what_was_sent_in_clear_to_the_upgrade() {
    let (server, mut on_server) = echo(Flaw::None);
    let mut pair = Pair::new(Asker::new(&["a", "TLS", "b"]), server).pieces(Pieces::Every(1));
    let mut pushes = host(|asker: &mut Asker, event, log| {
        if let Event::Line(line) = &event {
            if line == "a" {
                asker.ask();
                asker.out.text(b"evil\r\n");
                return;
            }
        }
        AskerHost.event(asker, event, log);
    });
    pair.pump(&mut pushes, &mut on_server);
    assert_eq!(pair.server_log.entries(), ["a", "error: injected plaintext"]);
}

#[test]
fn a_pair_tells_the_other_of_a_hang_up() {
    let (server, mut on_server) = echo(Flaw::None);
    let mut pair = Pair::new(Asker::new(&[]), server);
    pair.client.out.text(b"half a line");
    pair.pump(&mut AskerHost, &mut on_server);
    pair.hang_up(Who::Client);
    assert_eq!(pair.server_log.entries(), ["eof: cut line"]);
}
