//! Whatever a client says and however it is cut, the session comes to the same.
use crate::common::{Told, open_config, untagged};
use bytes::{Buf, Bytes, BytesMut};
use imap_proto::{
    Offer, ProtocolError, Step,
    response::{Capability, Content, Fetch, FetchItem, Payload},
    server::{Completion, Event, Running, Server, TellError, Welcome},
};
use proptest::prelude::*;
use test_support::{Host, Log};

/// What a session came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    said: String,
    log: Vec<String>,
    error: Option<ProtocolError>,
}

/// A session whose client may say anything. What it says after an end is not read.
struct Session {
    server: Server,
    host: Told,
    input: BytesMut,
    said: Vec<u8>,
    log: Log,
    error: Option<ProtocolError>,
    max_unsent: usize,
}

impl Session {
    fn new(welcome: Welcome, max_unsent: usize) -> Self {
        let mut config = open_config();
        config.capabilities = config.capabilities.with(Capability::MultiAppend);
        config.enable = config.enable.with(Capability::Utf8Accept);
        config.starttls = Offer::Yes;
        config.others = Offer::Yes;
        config.limits.text = 120;
        config.limits.unit = 160;
        config.limits.inline = 32;
        config.limits.literal = 64;
        config.limits.swallow = 1000;
        config.max_unsent = max_unsent;
        config.max_errors = 6;
        let mut host = Told::new(&[]);
        host.welcome = welcome;
        Self {
            server: Server::new(config),
            host,
            input: BytesMut::new(),
            said: Vec::new(),
            log: Log::default(),
            error: None,
            max_unsent,
        }
    }

    fn hear(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        for _ in 0..10_000 {
            let step = match self.server.receive(&mut self.input) {
                Ok(step) => step,
                Err(error) => {
                    self.error.get_or_insert(error);
                    return self.flush();
                }
            };
            match step {
                Step::Event(Event::Fetch(ask)) => {
                    let running = self.server.accept(ask, ()).unwrap();
                    self.fetch(running);
                }
                Step::Event(event) => self.host.event(&mut self.server, event, &mut self.log),
                Step::NeedFlush => self.flush(),
                Step::NeedInput { hint } => {
                    assert!(hint > 0);
                    return self.flush();
                }
                // It is being upgraded, and nobody does that.
                Step::NeedAnswer | Step::Closed => return self.flush(),
            }
        }
        panic!("an endless loop");
    }

    /// A response whose payload streams, and one that does not.
    fn fetch(&mut self, running: Running<imap_proto::Fetch>) {
        self.log.note("fetch");
        let mut content = Content::body("".parse().unwrap(), Bytes::new());
        content.payload = Payload::Streamed(6);
        let mut head = Fetch { number: 1, items: vec![FetchItem::Content(Box::new(content))] };
        let mut upload = loop {
            match self.server.stream(&running, head) {
                Ok(upload) => break upload,
                Err(error) => head = error.into_items(),
            }
            self.flush();
        };
        for piece in ["abc", "def"] {
            while self.server.write(&mut upload, piece.into()).is_err() {
                self.flush();
            }
        }
        self.server.finish(upload).unwrap();
        let mut response = untagged("* 2 FETCH (FLAGS ())");
        while let Err(error) = self.server.data(&running, response) {
            assert!(matches!(error, TellError::Blocked { .. }));
            response = error.into_untagged();
            self.flush();
        }
        self.server.complete(running, Completion::OK).unwrap();
    }

    fn flush(&mut self) {
        // What may wait, and the longest response: the capabilities.
        assert!(self.server.unsent() <= self.max_unsent + 1000);
        let transmit = self.server.transmit();
        self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }

    fn outcome(self) -> Outcome {
        let said = String::from_utf8_lossy(&self.said).into_owned();
        Outcome { said, log: self.log.entries(), error: self.error }
    }
}

fn run(welcome: Welcome, max_unsent: usize, pieces: &[&[u8]]) -> Outcome {
    let mut session = Session::new(welcome, max_unsent);
    session.hear(b"");
    for piece in pieces {
        session.hear(piece);
    }
    session.outcome()
}

/// Lines that mean something here or there, and octets that mean nothing anywhere.
fn said() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "a LOGIN tim secret\r\n",
        "a LOGIN {3+}\r\ntim {6+}\r\nsecret\r\n",
        "a LOGIN {3}\r\ntim {6}\r\nsecret\r\n",
        "a LOGIN tim wrong\r\n",
        "b AUTHENTICATE PLAIN\r\n",
        "b AUTHENTICATE LOGIN dGlt\r\n",
        "AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n",
        "*\r\n",
        "c CAPABILITY\r\n",
        "c ENABLE UTF8=ACCEPT\r\n",
        "d SELECT INBOX\r\n",
        "d EXAMINE {5+}\r\nINBOX\r\n",
        "d SELECT nothing\r\n",
        "d CLOSE\r\n",
        "e FETCH 1:* FLAGS\r\n",
        "e UID FETCH 1 BODY[]\r\n",
        "e STORE 1 +FLAGS (\\Seen)\r\n",
        "e SEARCH SUBJECT {3+}\r\na\r\n\r\n",
        "e EXPUNGE\r\n",
        "f IDLE\r\n",
        "DONE\r\n",
        "g APPEND x {3+}\r\nabc\r\n",
        "g APPEND x (\\Seen) {3}\r\na\r\n\r\n",
        "g APPEND {1+}\r\nx {3+}\r\nabc {4+}\r\ndefg\r\n",
        "g APPEND x {3+}\r\nabc junk\r\n",
        "g APPEND x {3+}\r\nabc {0+}\r\n\r\n",
        "h XOTHER {2+}\r\nab c\r\n",
        "h UID\r\n",
        "i LIST \"\" *\r\n",
        "i NOOP\r\n",
        "{3+}\r\n",
        "\r\n",
        "\0",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]);
    // What is likely to end the session.
    let ending = prop::sample::select(vec![
        "c STARTTLS\r\n",
        "g APPEND x {65+}\r\n",
        "g APPEND x {65}\r\n",
        "h CREATE {33+}\r\nx",
        "h CREATE {40}\r\n",
        "i LOGOUT\r\n",
        "{99999999999999999999+}\r\n",
        "{3}\r\n",
        "x {1",
        "(",
        " ",
        "\n",
        "\r",
    ]);
    let line = prop_oneof![15 => line, 1 => ending];
    // Half of the sessions select a mailbox first: most commands want that.
    let select = prop_oneof![Just(""), Just("a LOGIN tim secret\r\nd SELECT INBOX\r\n")];
    (select, prop::collection::vec(line, 0..24))
        .prop_map(|(select, lines)| [select, &lines.concat()].concat().into_bytes())
}

/// Under these cuts it comes to what it came to whole.
///
/// But for one thing: whether octets stand behind a literal that is refused when it is refused depends on the cuts,
/// and ends the session if they do.
fn compare(whole: &Outcome, cut: &Outcome) -> Result<(), TestCaseError> {
    if whole.error == Some(ProtocolError::EarlyLiteral) {
        let sure = whole.said.rfind("* BYE").map_or("", |at| &whole.said[..at]);
        prop_assert!(cut.said.starts_with(sure));
        prop_assert!(cut.log.len() >= whole.log.len());
        return Ok(());
    }
    prop_assert_eq!(whole, cut);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_session_does_not_depend_on_how_it_is_cut(
        said in said(),
        cut in any::<prop::sample::Index>(),
        max_unsent in prop::sample::select(vec![0_usize, 1, 60, 1 << 16]),
        known in any::<bool>(),
    ) {
        let welcome = if known { Welcome::PreAuth } else { Welcome::Ok };
        let whole = run(welcome, max_unsent, &[&said]);
        let (front, back) = said.split_at(cut.index(said.len() + 1));
        compare(&whole, &run(welcome, 1 << 16, &[front, back]))?;
        let octets: Vec<&[u8]> = said.chunks(1).collect();
        compare(&whole, &run(welcome, max_unsent, &octets))?;
    }

    #[test]
    fn any_octets_at_all_are_answered_or_end_the_session(
        octets in prop::collection::vec(prop_oneof![
            any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'{'), Just(b'}'), Just(b'+'), Just(b' '), Just(b'1'), Just(b'a')
        ], 0..400),
        known in any::<bool>(),
    ) {
        let welcome = if known { Welcome::PreAuth } else { Welcome::Ok };
        let whole = run(welcome, 1 << 16, &[&octets]);
        let pieces: Vec<&[u8]> = octets.chunks(3).collect();
        compare(&whole, &run(welcome, 1 << 16, &pieces))?;
    }
}

#[test]
fn each_tag_is_answered_once_and_in_order() {
    let said: String = (0..500).map(|number| format!("t{number} FETCH {} FLAGS\r\n", number + 1)).collect();
    let said = format!("s SELECT INBOX\r\n{said}");
    let outcome = run(Welcome::PreAuth, 100, &[said.as_bytes()]);
    let answers = outcome.said.lines().filter(|line| line.starts_with('t'));
    let due = (0..500).map(|number| format!("t{number} OK FETCH completed"));
    assert!(answers.eq(due.collect::<Vec<_>>()));
}

#[test]
fn a_session_that_comes_octet_by_octet_is_looked_at_as_often_as_one_that_comes_whole() {
    let mut config = open_config();
    config.capabilities = config.capabilities.with(Capability::MultiAppend);
    config.limits.text = 1 << 20;
    config.limits.unit = 2 << 20;
    let said = format!("a NOOP {}\r\nb APPEND x{}\r\n", "x".repeat(50_000), " {1+}\r\nx".repeat(10_000));
    let work = |piece: usize| {
        let mut server = Server::new(config.clone());
        let mut host = Told::new(&[]);
        host.welcome = Welcome::PreAuth;
        let (mut input, mut log) = (BytesMut::new(), Log::default());
        for octets in said.as_bytes().chunks(piece) {
            input.extend_from_slice(octets);
            while let Step::Event(event) = server.receive(&mut input).unwrap() {
                host.event(&mut server, event, &mut log);
            }
        }
        assert_eq!(log.entries().last().unwrap(), "append end 10000 10000");
        server.examined()
    };
    assert_eq!(work(1), work(1 << 20));
    assert!(work(1) <= 2 * said.len() as u64);
}
