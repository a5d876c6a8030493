//! Bodies that are not lines.
use super::sends::{Sends, delivers, greeting, lmtp, mail, of, open};
use smtp_proto::{Body, ClientConfig, Mail, delivery::Message};

const OFFERS: &str = "PIPELINING,CHUNKING,BINARYMIME";

fn binary(size: Option<u64>) -> Message {
    let mail = mail().with_body(Body::BinaryMime);
    of(size.into_iter().fold(mail, Mail::with_size), &["bob", "cy"])
}

const NAMED: &str = r"
        C: MAIL FROM:<ann@example.org> BODY=BINARYMIME
        C: RCPT TO:<bob@x.example>
        C: RCPT TO:<cy@x.example>
        S: 250 ok
        S: 250 ok
        S: 550 no
";

#[test]
fn a_body_whose_length_is_known_is_one_chunk() {
    let script = greeting(OFFERS) + NAMED + "C: BDAT 6 LAST\nC> a\\nb\\r.\\0\nS: 250 ok\nC: QUIT\nS: 221 bye";
    let log = delivers(&script, &open(), || Sends::new([binary(Some(6))]).body(&[b"a\nb", b"\r.\0"]));
    assert_eq!(log, ["ready", "body", "accepted 250", "Rcpt 550 Never", "closed"]);
    // Without PIPELINING too.
    let named = NAMED.lines().filter(|line| line.contains("C:")).map(|line| {
        let code = if line.contains("cy@") { "550 no" } else { "250 ok" };
        format!("{line}\nS: {code}\n")
    });
    let script = greeting("CHUNKING,BINARYMIME")
        + &named.collect::<String>()
        + "C: BDAT 6 LAST\nC> a\\nb\\r.\\0\nS: 452 full\nC: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye";
    let log = delivers(&script, &open(), || Sends::new([binary(Some(6))]).body(&[b"a\nb", b"\r.\0"]));
    assert_eq!(log, ["ready", "body", "Message 452 Later", "Rcpt 550 Never", "closed"]);
}

/// Chunks of at least a hundred octets.
fn short() -> ClientConfig {
    ClientConfig { max_unsent: 100, ..open() }
}

const LONG: &[u8] = &[b'x'; 100];

/// A chunk of so many octets `x`, behind this.
fn chunk(octets: usize, front: &str) -> String {
    format!("C: BDAT {}\nC> {front}{}\n", octets + front.replace('\\', "").len(), "x".repeat(octets))
}

#[test]
fn a_body_whose_length_nobody_knows_goes_in_chunks() {
    let script = greeting(OFFERS)
        + NAMED
        + &chunk(100, "a\\n")
        + &chunk(100, "")
        + "C: BDAT 1 LAST\nC> i\n"
        + "S: 250 ok\nS: 250 ok\nS: 250 queued\nC: QUIT\nS: 221 bye";
    let log = delivers(&script, &short(), || {
        Sends::new([binary(None)]).body(&[b"a", b"", b"\n", LONG, LONG, b"i"])
    });
    assert_eq!(log, ["ready", "body", "accepted 250", "Rcpt 550 Never", "closed"]);
    let script = greeting(OFFERS) + NAMED + "C: BDAT 0 LAST\nS: 250 queued\nC: QUIT\nS: 221 bye";
    let log = delivers(&script, &short(), || Sends::new([binary(None)]).body(&[]));
    assert_eq!(log, ["ready", "body", "accepted 250", "Rcpt 550 Never", "closed"]);
}

// covers rfc3030 2 delivery-chunk-refused
#[test]
fn a_chunk_that_is_refused_refuses_the_message() {
    let script = greeting(OFFERS)
        + NAMED
        + &chunk(100, "")
        + "C: BDAT 1 LAST\nC> d\nS: 452 full\nS: 503 no\nC: RSET\nC: QUIT\nS: 250 ok\nS: 221 bye";
    let log = delivers(&script, &short(), || Sends::new([binary(None)]).body(&[LONG, b"d"]));
    assert_eq!(log, ["ready", "body", "Message 452 Later", "Rcpt 550 Never", "closed"]);
}

#[test]
fn behind_a_chunk_that_was_refused_the_host_need_not_go_on() {
    use bytes::{Buf, Bytes, BytesMut};
    use smtp_proto::{
        Step, WriteError,
        delivery::{Event, Outcome},
    };
    let mut delivery = super::sends::new(short());
    delivery.deliver(binary(None)).unwrap();
    let mut input = BytesMut::new();
    let hello = "250-s\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 BINARYMIME\r\n";
    let mut said =
        ["220 s\r\n", hello, "250 ok\r\n250 ok\r\n250 ok\r\n", "552 no\r\n", "250 ok\r\n"].into_iter();
    let (mut upload, mut report) = (None, None);
    let mut out = Vec::new();
    while report.is_none() {
        match delivery.receive(&mut input).unwrap() {
            Step::Event(Event::Body(mut body)) => {
                delivery.write(&mut body, Bytes::from_static(LONG)).unwrap();
                upload = Some(body);
            }
            Step::Event(Event::Report(told)) => report = Some(told),
            Step::Event(_) => {}
            _ => {
                let transmit = delivery.transmit();
                out.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
                let next = said.next().unwrap();
                input.extend_from_slice(next.as_bytes());
                if next.starts_with("552") {
                    assert!(matches!(delivery.receive(&mut input), Ok(Step::NeedInput { .. })));
                    let mut body = upload.take().unwrap();
                    let error = delivery.write(&mut body, Bytes::from_static(b"def")).unwrap_err();
                    assert!(matches!(error, WriteError::Refused { .. }));
                    delivery.finish(body).unwrap();
                }
            }
        }
    }
    assert!(matches!(report.unwrap().outcomes[..], [Outcome::Refused { .. }, Outcome::Refused { .. }]));
    let left = delivery.transmit().remaining();
    out.extend_from_slice(&delivery.transmit().copy_to_bytes(left));
    assert!(out.ends_with(b"xxxRSET\r\n"), "{}", out.escape_ascii());
}

#[test]
fn in_lmtp_the_last_chunk_waits_until_those_before_it_are_taken() {
    let script = greeting(OFFERS).replace("EHLO", "LHLO")
        + &NAMED.replace("550 no", "250 ok")
        + &chunk(100, "")
        + "S: 250 ok\nC: BDAT 1 LAST\nC> d\nS: 250 ok\nS: 452 full\nC: QUIT\nS: 221 bye";
    let config = ClientConfig { max_unsent: 100, ..lmtp() };
    let log = delivers(&script, &config, || Sends::new([binary(None)]).body(&[LONG, b"d"]));
    assert_eq!(log, ["ready", "body", "accepted 250", "Message 452 Later", "closed"]);
}

/// Else the session waits for a reply that nobody owes it.
#[test]
fn in_lmtp_a_chunk_that_is_refused_while_the_last_one_waits_ends_the_transaction() {
    let script = greeting(OFFERS).replace("EHLO", "LHLO")
        + &NAMED.replace("550 no", "250 ok")
        + &chunk(100, "")
        + "S: 452 full\nC: RSET\nC: QUIT\nS: 250 ok\nS: 221 bye";
    let config = ClientConfig { max_unsent: 100, ..lmtp() };
    let log = delivers(&script, &config, || Sends::new([binary(None)]).body(&[LONG, b"d"]));
    assert_eq!(log, ["ready", "body", "Message 452 Later", "Message 452 Later", "closed"]);
}

/// Else no further message can be sent in the session.
#[test]
fn behind_a_chunk_that_was_refused_the_reset_waits_until_it_may_be_sent() {
    use bytes::{Buf, Bytes, BytesMut};
    use smtp_proto::{Step, delivery::Event};
    let mut delivery = super::sends::new(ClientConfig { max_in_flight: 3, ..short() });
    delivery.deliver(binary(None)).unwrap();
    let mut input = BytesMut::new();
    let mut said = [
        "220 s\r\n",
        "250-s\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 BINARYMIME\r\n",
        "250 ok\r\n250 ok\r\n250 ok\r\n",
        "552 no\r\n",
        "503 no\r\n503 no\r\n503 no\r\n",
        "250 reset\r\n",
    ]
    .into_iter();
    let (mut upload, mut out) = (None, Vec::new());
    loop {
        match delivery.receive(&mut input).unwrap() {
            Step::Event(Event::Body(body)) => upload = Some((body, 0)),
            Step::Event(Event::Report(_)) => break,
            Step::Event(_) => {}
            _ => {
                let transmit = delivery.transmit();
                out.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
                match upload.take() {
                    Some((mut body, written)) if written < 4 => {
                        delivery.write(&mut body, Bytes::from_static(LONG)).unwrap();
                        upload = Some((body, written + 1));
                    }
                    Some((body, 4)) => {
                        input.extend_from_slice(said.next().unwrap().as_bytes());
                        upload = Some((body, 5));
                    }
                    Some((body, _)) => delivery.finish(body).unwrap(),
                    None => input.extend_from_slice(said.next().unwrap().as_bytes()),
                }
            }
        }
    }
    delivery.deliver(of(mail(), &["bob"])).unwrap();
    input.extend_from_slice(said.collect::<String>().as_bytes());
    let step = delivery.receive(&mut input).unwrap();
    assert!(matches!(step, Step::NeedInput { .. }), "{step:?}");
    let left = delivery.transmit().remaining();
    out.extend_from_slice(&delivery.transmit().copy_to_bytes(left));
    let next = b"xxxRSET\r\nMAIL FROM:<ann@example.org>\r\nRCPT TO:<bob@x.example>\r\n";
    assert!(out.ends_with(next), "{}", out.escape_ascii());
}
