//! BDAT: octets that are counted, and never read as anything else.
use super::{
    common::{chunking, config, lmtp},
    server_session::{Rejects, Session, script},
};
use core::time::Duration;
use smtp_proto::{
    Capabilities, Code, Extension, Phase, ProtocolError, Reply, ServerConfig, Step, Text,
    dot::Bare,
    server::{Event, Rejection},
};

/// The start of a session, up to a recipient.
const OPEN: &str = "
    S: 220 mx.example.net ESMTP
    C: EHLO c.example
    S: 250-mx.example.net
    S: 250-PIPELINING
    S: 250-SIZE 1000
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-ENHANCEDSTATUSCODES
    S: 250-CHUNKING
    S: 250-BINARYMIME
    S: 250 HELP
    C: MAIL FROM:<a@example.com>
    S: 250 2.1.0 sender ok
    C: RCPT TO:<b@example.net>
    S: 250 2.1.5 recipient ok
";

fn lmtp_chunking() -> ServerConfig {
    ServerConfig { extensions: Capabilities::new().with(Extension::Chunking), ..lmtp() }
}

/// What a server says to each of these, which are sent one after the other. Everything is accepted.
fn answers(config: ServerConfig, said: &[&str]) -> Vec<String> {
    let mut session = Session::new(config);
    session.say("");
    session.said();
    let answer = |said: &&str| {
        session.say(said);
        session.said()
    };
    said.iter().map(answer).collect()
}

/// The same, and only the code of each reply.
fn codes(config: ServerConfig, said: &[&str]) -> Vec<Vec<String>> {
    let codes = |said: String| {
        let ends = said.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
        ends.map(|line| line[..3].to_owned()).collect()
    };
    answers(config, said).into_iter().map(codes).collect()
}

const HELLO: &str = "EHLO c\r\n";
const LHLO: &str = "LHLO c\r\n";
const MAIL: &str = "MAIL FROM:<a@example.com>\r\n";
const RCPT: &str = "RCPT TO:<b@example.net>\r\n";
/// 27 octets that read like a command, behind octets that do not end a line.
const EVIL: &str = "x\r\nMAIL FROM:<evil@x.org>\r\n";

fn has_evil(seen: &[String]) -> bool {
    seen.iter().any(|entry| entry.starts_with("mail <evil"))
}

// covers rfc3030 2 chunk-250
// covers rfc3030 2 octets-counted
// covers rfc3030 2 chunks
// covers rfc3030 2 last-chunk
#[test]
fn the_octets_of_chunks_are_the_message_whatever_they_are() {
    for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
        let text = format!(
            "{OPEN}
            C: BDAT 7
            C> .\\r\\n.\\r\\n\\n
            S: 250 2.0.0 7 octets received
            C: BDAT 0
            S: 250 2.0.0 0 octets received
            C: bdat 8 last
            C> \\0\\rQUIT\\r\\n
            S: 250 2.0.0 message taken
            C: NOOP
            S: 250 2.0.0 ok"
        );
        let log = script(&text, || ServerConfig { bare, ..chunking() }, Rejects::Nothing);
        let expected = [
            "chunk of 7 octets",
            "payload \".\\r\\n.\\r\\n\\n\\x00\\rQUIT\\r\\n\"",
            "message of 15 octets for 1",
        ];
        assert_eq!(log[3..], expected);
    }
}

// covers rfc3030 2 refused-drained
// covers rfc3030 2 refused-behind-octets
// covers rfc3030 2 failed-transaction
#[test]
fn a_chunk_that_the_host_refuses_is_drained_and_those_behind_it_are_refused() {
    let text = format!(
        "{OPEN}
        C: BDAT 27
        C> x\\r\\nMAIL FROM:<evil@x.org>\\r\\n
        C: BDAT 27
        C> x\\r\\nMAIL FROM:<evil@x.org>\\r\\n
        C: BDAT 0 LAST
        S: 451 4.3.0 local error, try again later
        S: 503 5.5.1 no transaction is open
        S: 503 5.5.1 no transaction is open
        C: RSET
        S: 250 2.0.0 reset
        C: MAIL FROM:<a@example.com>
        S: 250 2.1.0 sender ok"
    );
    let log = script(&text, chunking, Rejects::Data);
    assert_eq!(log.iter().filter(|entry| entry.starts_with("mail")).count(), 2, "{log:?}");
    assert!(!has_evil(&log), "{log:?}");
}

// covers rfc1870 6.3 chunks-counted
#[test]
fn chunks_count_together_against_the_limit() {
    let half = "x".repeat(600);
    let text = format!(
        "{OPEN}
        C: BDAT 600
        C> {half}
        S: 250 2.0.0 600 octets received
        C: BDAT 600 LAST
        C> {half}
        S: 552 5.3.4 message longer than 1000 octets
        C: MAIL FROM:<a@example.com>
        S: 250 2.1.0 sender ok"
    );
    let log = script(&text, chunking, Rejects::Nothing);
    assert_eq!(log[4], "discarded: message longer than 1000 octets", "{log:?}");
    // A first chunk that is too long is not the host's to think about.
    let first = format!("BDAT 1001 LAST\r\n{}", "x".repeat(1001));
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}"));
    session.said();
    session.say(&first);
    assert_eq!(session.said(), "552 5.3.4 message longer than 1000 octets\r\n");
    assert!(!session.seen().iter().any(|entry| entry.starts_with("chunk")), "{:?}", session.seen());
}

// covers rfc3030 2 not-offered-502
// covers rfc5321 3.2 no-extension-behind-helo
#[test]
fn a_chunk_for_a_server_that_takes_none_is_drained_all_the_same() {
    let chunk = format!("BDAT {}\r\n{EVIL}", EVIL.len());
    let said = [HELLO, MAIL, RCPT, &chunk, "QUIT\r\n"];
    assert_eq!(codes(config(), &said)[3..], [["502"], ["221"]]);
    let said = ["HELO c\r\n", MAIL, RCPT, &chunk, "QUIT\r\n"];
    assert_eq!(codes(chunking(), &said)[3..], [["502"], ["221"]]);
}

// covers rfc3030 2 behind-last-503
// covers rfc3030 2 refused-drained
#[test]
fn a_chunk_out_of_sequence_is_drained_before_it_is_refused() {
    let chunk = format!("BDAT {} LAST\r\n{EVIL}", EVIL.len());
    let said = [&chunk, HELLO, &chunk, MAIL, &chunk, MAIL, RCPT, &chunk, &chunk, "QUIT\r\n"];
    let expected = ["503", "250", "503", "250", "503", "250", "250", "250", "503", "221"];
    assert_eq!(codes(chunking(), &said).concat(), expected);
}

/// Else the next message of a client that does not wait goes out in the name of the sender before it.
// covers rfc3030 2 nobody-to-get-it
#[test]
fn a_chunk_that_is_for_nobody_ends_its_transaction() {
    for last in ["", " LAST"] {
        let text = format!(
            "{HELLO}MAIL FROM:<first@example.com>\r\nRCPT TO:<Green@example.net>\r\nBDAT 1{last}\r\nx\
             MAIL FROM:<second@example.com>\r\n{RCPT}BDAT 1 LAST\r\ny"
        );
        let mut session = Session::new(chunking());
        session.say(&text);
        let seen = session.seen();
        assert!(seen.contains(&"mail <second@example.com>".to_owned()), "{seen:?}");
        assert_eq!(seen.last().map(String::as_str), Some("message of 1 octets for 1"));
    }
}

// covers rfc3030 2 data-behind-bdat
#[test]
fn a_message_that_began_in_chunks_goes_on_in_chunks() {
    let said = [HELLO, MAIL, RCPT, "BDAT 1\r\nx", "DATA\r\n", RCPT, MAIL, "BDAT 1 LAST\r\ny"];
    let expected = ["250", "250", "250", "250", "503", "503", "503", "250"];
    assert_eq!(codes(chunking(), &said).concat(), expected);
}

// covers rfc3030 3 binarymime-not-by-data
#[test]
fn octets_that_are_no_lines_do_not_come_by_data() {
    let mail = "MAIL FROM:<a@example.com> BODY=BINARYMIME\r\n";
    let said = [HELLO, mail, RCPT, "DATA\r\n", "BDAT 1 LAST\r\nx", MAIL, RCPT, "DATA\r\n"];
    let found = answers(chunking(), &said);
    assert_eq!(found[3], "503 5.5.1 BODY=BINARYMIME needs BDAT\r\n");
    assert!(found[4].starts_with("250 ") && found[7].starts_with("354 "), "{found:?}");
}

// covers rfc3030 2 reset-clears-chunks
#[test]
fn a_reset_between_two_chunks_forgets_the_first_one() {
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}BDAT 5\r\n12345RSET\r\n{MAIL}{RCPT}BDAT 2 LAST\r\nxy"));
    let seen = session.seen();
    assert!(seen.contains(&"Reset".to_owned()), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("message of 2 octets for 1"));
}

/// The octets that stand behind it would be commands.
// covers rfc3030 2 no-length-closes
#[test]
fn behind_a_chunk_without_a_length_nothing_is_read() {
    let lines = [
        "BDAT",
        "BDAT ",
        "BDAT LAST",
        "BDAT -1",
        "BDAT 99999999999999999999999",
        "BDAT 18446744073709551616",
        "BDAT\t5",
        "bdat 5 LUST",
        "BDAT 5 LAST LAST",
        "BDAT 0x5",
    ];
    for line in lines {
        let mut session = Session::new(chunking());
        session.say(&format!("{HELLO}{MAIL}{RCPT}"));
        session.said();
        session.say(&format!("{line}\r\nRSET\r\nMAIL FROM:<evil@x.org>\r\n"));
        let said = session.said();
        let codes: Vec<_> = said.lines().map(|line| &line[..4]).collect();
        let first = if line.contains('\t') { "500 " } else { "501 " };
        assert_eq!(codes, [first, "421 "], "{line}: {said}");
        assert!(!has_evil(&session.seen()), "{line}");
    }
}

/// Whoever passes it on may have taken it for a line, and its octets for a chunk's.
// covers rfc3030 2 broken-line-closes
#[test]
fn behind_a_chunk_whose_line_is_none_nothing_is_read() {
    let long = format!("BDAT {}27", "0".repeat(3000));
    let lines = [
        "BDAT 27 LAST\nx",
        "BDAT 27\0",
        "bdat 27 \rLAST",
        "\tBDAT 27",
        "  BDAT 27 LAST",
        "BDAT\u{b}27",
        &long,
    ];
    for line in lines {
        let stream = format!("{HELLO}{MAIL}{RCPT}{line}\r\nRSET\r\nMAIL FROM:<evil@x.org>\r\n");
        for cut in 0..stream.len() {
            let mut session = Session::new(chunking());
            let (front, behind) = stream.split_at(cut);
            session.say(front);
            session.said();
            session.say(behind);
            assert!(!has_evil(&session.seen()), "{line:?} cut at {cut}");
            assert_eq!(session.server.state().phase, Phase::Closed, "{line:?} cut at {cut}");
        }
    }
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}BDATA\0\r\nBDAT1\r\n"));
    assert_ne!(session.server.state().phase, Phase::Closed);
}

// covers rfc5321 7.8 endless-chunks
#[test]
fn a_chunk_without_end_is_given_up() {
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}BDAT 18446744073709551615 LAST\r\n"));
    session.said();
    let block = "MAIL FROM:<evil@x.org>\r\n".repeat(1000);
    let blocks = (0..100).take_while(|_| session.try_say(&block).is_ok()).count();
    assert!((40..60).contains(&blocks), "{blocks}");
    assert_eq!(session.said(), "552 5.3.4 far too much data\r\n");
    assert!(!has_evil(&session.seen()));
    assert_eq!(session.server.state().phase, Phase::Closed);
}

/// Each chunk by itself is within bounds.
#[test]
fn chunks_that_nobody_wants_are_given_up_in_the_end() {
    let mut session = Session::new(ServerConfig { max_idle_commands: 1000, ..chunking() });
    session.say(HELLO);
    let chunk = format!("BDAT 100000\r\n{}", "x".repeat(100_000));
    let chunks = (0..100).take_while(|_| session.try_say(&chunk).is_ok()).count();
    assert_eq!(chunks, 10);
}

// covers rfc2033 4.3 no-recipient-no-reply
#[test]
fn an_lmtp_message_in_chunks_is_answered_for_each_recipient() {
    let said = [LHLO, MAIL, RCPT, RCPT, "BDAT 1\r\nx", "BDAT 1 LAST\r\ny", MAIL, "BDAT 1 LAST\r\nz", MAIL];
    let found = codes(lmtp_chunking(), &said);
    assert_eq!(found[4..], [vec!["250"], vec!["250", "250"], vec!["250"], vec![], vec!["250"]]);
}

/// Else the replies to what follows are taken for those of the message.
// covers rfc2033 4.3 failed-last-chunk
#[test]
fn an_lmtp_message_whose_chunk_was_refused_is_refused_for_each_recipient() {
    let long = format!("BDAT 1001\r\n{}", "x".repeat(1001));
    let said = [LHLO, MAIL, RCPT, RCPT, &long, "BDAT 1\r\nx", "BDAT 1 LAST\r\ny", "BDAT 1 LAST\r\ny"];
    let found = codes(lmtp_chunking(), &said);
    assert_eq!(found[4..], [vec!["552"], vec!["503"], vec!["503", "503"], vec![]]);
    let long = long.replace("1001\r\n", "1001 LAST\r\n");
    assert_eq!(codes(lmtp_chunking(), &[LHLO, MAIL, RCPT, RCPT, &long])[4], ["552", "552"]);
}

/// A client that was refused its next message counts its replies from there.
#[test]
fn an_lmtp_message_behind_one_that_failed_gets_no_replies_of_that_one() {
    let long = format!("BDAT 1001\r\n{}", "x".repeat(1001));
    let refused = "MAIL FROM:<a@example.com> SIZE=1001\r\n";
    let said = [LHLO, MAIL, RCPT, RCPT, &long, refused, RCPT, "BDAT 1 LAST\r\ny"];
    let found = codes(lmtp_chunking(), &said);
    assert_eq!(found[4..], [vec!["552"], vec!["552"], vec!["503"], vec![]]);
}

#[test]
fn a_host_that_says_421_to_a_chunk_does_not_wait_for_its_octets() {
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}"));
    session.said();
    session.input.extend_from_slice(b"BDAT 1000\r\nQUIT\r\n");
    let Ok(Step::Event(Event::Data(ask))) = session.server.receive(&mut session.input) else {
        panic!("BDAT may stand there");
    };
    assert_eq!(ask.chunk.map(|chunk| chunk.length), Some(1000));
    let reply = Reply::new(Code::NOT_AVAILABLE, Text::from_static("bye"));
    session.server.reject(ask, Rejection::new(reply).unwrap()).unwrap();
    assert_eq!(session.said(), "421 bye\r\n");
    assert!(matches!(session.server.receive(&mut session.input), Ok(Step::Closed)));
}

#[test]
fn a_chunk_has_the_patience_of_a_message_and_is_cut_as_one() {
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}BDAT 1000\r\n"));
    let before = session.server.patience();
    assert_eq!(before.limit, Duration::from_secs(180));
    session.say(&"x".repeat(999));
    assert_eq!(session.server.patience().period, before.period);
    let cut = session.server.receive_eof(&session.input);
    assert_eq!(cut, Err(ProtocolError::Cut));

    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}BDAT 1\r\nx"));
    assert_eq!(session.server.patience().limit, Duration::from_secs(300));
    assert_eq!(session.server.receive_eof(&session.input), Err(ProtocolError::Cut));
}

#[test]
fn a_chunk_is_not_copied_on_its_way_to_the_host() {
    let mut session = Session::new(chunking());
    session.say(&format!("{HELLO}{MAIL}{RCPT}BDAT 900 LAST\r\n"));
    session.input.extend_from_slice(&[b'x'; 1000]);
    let read = session.input.as_ptr();
    let Ok(Step::Event(Event::Payload(piece))) = session.server.receive(&mut session.input) else {
        panic!("there are octets of the chunk");
    };
    assert_eq!((piece.as_ptr(), piece.len()), (read, 900));
    assert_eq!(session.input.len(), 100);
}
