//! A peer that sends and never reads cannot grow what waits for it.
use bytes::{Buf, BytesMut};
use mail_wire::{
    Machine, Mark, Outbox, Output, Patience, Reason, Step, Then, Transmit, Upgrade, UpgradeError,
    line::{Framed, LineEnding, LineFramer},
    sealed::Sealed,
};
use std::{convert::Infallible, time::Duration};
use test_support::{
    Pair, Pieces, Script, Who,
    heap::{self, Counting},
    host, run_server,
};

#[global_allocator]
static HEAP: Counting = Counting;

const MAX_UNSENT: usize = 1000;

/// Echoes every line, as any machine is built: a framer, an output queue, and `NeedFlush` above its limit.
struct Echo {
    framer: LineFramer,
    out: Outbox,
    mark: Mark,
}

impl Echo {
    fn new() -> Self {
        let framer = LineFramer::new(100, LineEnding::Crlf);
        Self { framer, out: Outbox::default(), mark: Mark::default() }
    }
}

impl Sealed for Echo {}

impl Machine for Echo {
    type Event = usize;
    type Error = Infallible;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Step<usize>, Infallible> {
        if self.out.unsent() >= MAX_UNSENT {
            return Ok(Step::NeedFlush);
        }
        match self.framer.next(input) {
            Framed::Line(line) => {
                self.out.text(&line);
                self.out.text(b"\r\n");
                Ok(Step::Event(line.len()))
            }
            Framed::Broken(broken) => {
                self.out.text(broken.to_string().as_bytes());
                self.out.text(b"\r\n");
                Ok(Step::Event(0))
            }
            Framed::NeedInput => Ok(Step::NeedInput { hint: 512 }),
        }
    }

    fn receive_eof(&mut self, _: &BytesMut) -> Result<(), Infallible> {
        Ok(())
    }

    fn transmit(&mut self) -> &mut Transmit {
        self.out.transmit()
    }

    fn patience(&self) -> Patience {
        Patience { limit: Duration::from_secs(300), period: 0, then: Then::GiveUp }
    }

    fn upgraded(&mut self, upgrade: Upgrade, _: &BytesMut) -> Result<(), UpgradeError<Infallible>> {
        Ok(self.mark.upgraded(upgrade)?)
    }

    fn close(&mut self, _: Reason) {}
}

#[test]
fn a_peer_that_never_reads_is_not_read_from_any_more() {
    let mut echo = Echo::new();
    let mut input = BytesMut::with_capacity(4096);
    let (mut sent, mut refused) = (0, 0);
    let (peak, ()) = heap::peak(|| {
        for _ in 0..10_000 {
            // The host reads only when the machine asks for input.
            if echo.receive(&mut input) == Ok(Step::NeedFlush) {
                refused += 1;
                continue;
            }
            input.extend_from_slice(b"NOOP\r\n");
            sent += 1;
        }
    });
    assert!(echo.out.unsent() < MAX_UNSENT + 6, "{} octets wait", echo.out.unsent());
    assert!(refused > 9_000 && sent < 400, "{sent} lines were read, {refused} times it was told to flush");
    assert!(peak < 4 * MAX_UNSENT, "{peak} octets of heap");
}

#[test]
fn one_octet_read_by_the_peer_lets_one_more_answer_out() {
    let mut echo = Echo::new();
    let mut input = BytesMut::from(&b"NOOP\r\n".repeat(1000)[..]);
    while echo.receive(&mut input) != Ok(Step::NeedFlush) {}
    let (waiting, left) = (echo.out.unsent(), input.len());
    for _ in 0..3 {
        assert_eq!(echo.receive(&mut input), Ok(Step::NeedFlush));
    }
    assert_eq!((echo.out.unsent(), input.len()), (waiting, left), "nothing happens before the queue drains");
    let over = waiting - MAX_UNSENT + 1;
    echo.transmit().advance(over);
    assert_eq!(echo.receive(&mut input), Ok(Step::Event(4)));
    assert_eq!(echo.receive(&mut input), Ok(Step::NeedFlush));
}

#[test]
fn a_burst_of_commands_is_answered_whole_under_every_cut() {
    let burst = b"NOOP\r\n".repeat(400);
    let script = Script::default().say(Who::Client, &burst[..]).say(Who::Server, burst);
    let log =
        run_server(&script, || (Echo::new(), host(|_: &mut Echo, octets, log| log.note(octets.to_string()))));
    assert_eq!(log.len(), 400);
}

#[test]
fn two_that_answer_each_other_are_stopped_by_nothing_but_the_end_of_what_they_say() {
    let mut pair = Pair::new(Echo::new(), Echo::new()).pieces(Pieces::Seeded(1));
    pair.client.out.text(b"ping\r\n");
    let mut rounds = 0;
    let mut on_client = host(|echo: &mut Echo, _, _| {
        rounds += 1;
        if rounds == 5 {
            let all = echo.out.unsent();
            echo.transmit().advance(all);
        }
    });
    pair.pump(&mut on_client, &mut host(|_: &mut Echo, octets, log| log.note(octets.to_string())));
    assert_eq!(pair.server_log.entries(), ["4"; 5]);
}
