//! Sessions that end where they should not.
use super::sends::{Sends, delivers, greeting, lmtp, mail, new, open, rcpt, to};
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::{
    Reason, Step,
    delivery::{Delivery, Event, Message, Outcome, Unsent, Verdict},
};

const TWO: &str = r"
        C: MAIL FROM:<ann@example.org>
        C: RCPT TO:<bob@x.example>
        C: RCPT TO:<cy@x.example>
        C: DATA
";

/// A session that ends behind what the server says, in which two are to receive a message.
fn ends(said: &str) -> Vec<String> {
    let mut delivery = new(open());
    delivery.deliver(to(&["bob", "cy"])).unwrap();
    let (mut input, mut log) = (BytesMut::new(), Vec::new());
    let mut lines = said.lines();
    let mut upload = None;
    let mut ended = false;
    loop {
        match delivery.receive(&mut input) {
            Ok(Step::Event(Event::Body(body))) => upload = Some(body),
            Ok(Step::Event(Event::Report(report))) => {
                log.extend(report.outcomes.iter().map(super::sends::told));
            }
            Ok(Step::Event(_)) => {}
            Ok(Step::Closed) => return log,
            Err(error) => {
                log.push(error.to_string());
                return log;
            }
            Ok(_) => {
                let transmit = delivery.transmit();
                transmit.advance(transmit.remaining());
                match lines.next() {
                    Some("write") => {
                        let upload = upload.as_mut().unwrap();
                        delivery.write(upload, Bytes::from_static(b"half")).unwrap();
                    }
                    Some("finish") => delivery.finish(upload.take().unwrap()).unwrap(),
                    Some(line) => input.extend_from_slice(format!("{line}\r\n").as_bytes()),
                    None => {
                        assert!(!ended, "it ends once");
                        ended = true;
                        if let Err(error) = delivery.receive_eof(&input) {
                            log.push(error.to_string());
                            return log;
                        }
                    }
                }
            }
        }
    }
}

const OPENED: &str = "220 s\n250-s\n250 PIPELINING\n";
const CUT: &str = "the connection ended in the midst of a session";
const OVER: &str = "Later 4.4.2 the session ended before the message was sent";

// covers rfc5321 4.5.3.2.6 delivery-unknown
#[test]
fn a_message_without_a_verdict_may_have_been_delivered() {
    let log = ends(&format!("{OPENED}250 ok\n550 no\n250 ok\n354 go\nwrite\nfinish"));
    assert_eq!(log, ["Rcpt 550 Never", "Unknown", CUT]);
}

#[test]
fn a_message_that_was_cut_was_not_delivered() {
    for said in ["250 ok\n250 ok", "250 ok\n250 ok\n250 ok\n354 go\nwrite"] {
        assert_eq!(ends(&format!("{OPENED}{said}")), [OVER, OVER, CUT]);
    }
    assert_eq!(ends("220 s"), [OVER, OVER, CUT]);
    assert_eq!(ends(""), [OVER, OVER, CUT]);
}

#[test]
fn a_refusal_that_comes_while_the_body_is_written_is_its_verdict() {
    let log = ends(&format!("{OPENED}250 ok\n550 no\n250 ok\n354 go\nwrite\n552 5.3.4 too long"));
    assert_eq!(log, ["Rcpt 550 Never", "Message 552 Never", CUT]);
    let log = ends(&format!("{OPENED}250 ok\n550 no\n250 ok\n354 go\nwrite\n452 4.3.1 full"));
    assert_eq!(log, ["Rcpt 550 Never", "Message 452 Later", CUT]);
    // Where the server goes on, its last word counts.
    let log =
        ends(&format!("{OPENED}250 ok\n550 no\n250 ok\n354 go\nwrite\n552 5.3.4 too long\nfinish\n250 ok"));
    assert_eq!(log[..2], ["Rcpt 550 Never", "accepted 250"]);
}

/// Else a message that may have been delivered is told to its sender as refused.
#[test]
fn an_early_refusal_of_one_body_is_no_verdict_on_the_next() {
    let split = "250 ok\n250 ok\n452 too many\n354 go\nwrite\n552 5.3.4 too long\nfinish\n250 ok";
    let log = ends(&format!("{OPENED}{split}\n250 ok\n250 ok\n354 go\nwrite\nfinish"));
    assert_eq!(log, ["accepted 250", "Unknown", CUT]);
}

#[test]
fn a_server_that_breaks_the_protocol_ends_the_session_and_each_outcome_is_told() {
    let log = ends(&format!("{OPENED}250 ok\n250 ok\n354 go"));
    assert_eq!(log, [OVER, OVER, "reply 354 answers nothing that was asked"]);
    let log = ends(&format!("{OPENED}hello"));
    assert_eq!(log, [OVER, OVER, "bad reply: expected a reply code at octet 0, found 'h'"]);
}

#[test]
fn a_421_leaves_those_who_have_no_outcome_for_later() {
    let script = greeting("PIPELINING") + TWO + "S: 250 ok\nS: 421 4.3.2 going down";
    let log = delivers(&script, &open(), || Sends::new([to(&["bob", "cy"])]));
    let refused = "not sent: the session is over";
    assert_eq!(log, ["ready", "Rcpt 421 Later", OVER, refused, "closed"]);

    let script = greeting("PIPELINING")
        + TWO
        + "S: 250 ok\nS: 550 no\nS: 250 ok\nS: 354 go\nC: hi\nC: ..dot\nC: .\n"
        + "S: 421 4.3.2 going down";
    let log = delivers(&script, &open(), || Sends::new([to(&["bob", "cy"])]));
    assert_eq!(log, ["ready", "body", "Rcpt 550 Never", "Message 421 Later", refused, "closed"]);
}

// covers rfc5321 3.8 delivery-421
#[test]
fn the_words_that_ended_the_session_are_told() {
    let (mut delivery, upload) = writing();
    let step = hear(&mut delivery, "421 4.3.2 going down\r\n");
    let Step::Event(Event::Report(report)) = step else { panic!("{step:?}") };
    let [Outcome::Unsent(Unsent::SessionOver(Some(reply)))] = &report.outcomes[..] else {
        panic!("{report:?}")
    };
    assert_eq!(reply.to_string(), "421 4.3.2 going down");
    assert!(delivery.finish(upload).is_err());
    assert!(delivery.deliver(to(&["bob"])).is_err());
}

/// What the delivery says to this.
fn hear(delivery: &mut Delivery, said: &str) -> Step<Event> {
    let transmit = delivery.transmit();
    transmit.advance(transmit.remaining());
    delivery.receive(&mut BytesMut::from(said)).unwrap()
}

/// A delivery whose body is being written.
fn writing() -> (Delivery, smtp_proto::Upload) {
    let mut delivery = new(open());
    delivery.deliver(to(&["bob"])).unwrap();
    let mut input = BytesMut::new();
    let mut said = ["220 s\r\n", "250-s\r\n250 PIPELINING\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"].iter();
    loop {
        match delivery.receive(&mut input).unwrap() {
            Step::Event(Event::Body(upload)) => return (delivery, upload),
            Step::Event(_) => {}
            _ => {
                let transmit = delivery.transmit();
                transmit.advance(transmit.remaining());
                input.extend_from_slice(said.next().unwrap().as_bytes());
            }
        }
    }
}

#[test]
fn a_body_that_is_dropped_gets_no_end() {
    let (mut delivery, mut upload) = writing();
    delivery.write(&mut upload, Bytes::from_static(b"half")).unwrap();
    drop(upload);
    let Step::Event(Event::Report(report)) = delivery.receive(&mut BytesMut::new()).unwrap() else {
        panic!()
    };
    assert_eq!(report.outcomes[0].verdict(), Verdict::Later);
    let left = delivery.transmit().remaining();
    assert_eq!(delivery.transmit().copy_to_bytes(left), "half");
    assert!(matches!(delivery.receive(&mut BytesMut::new()), Ok(Step::Closed)));
}

#[test]
fn a_host_that_gives_up_is_told_what_became_of_the_message() {
    let (mut delivery, upload) = writing();
    delivery.finish(upload).unwrap();
    delivery.close(Reason::Timeout);
    let Step::Event(Event::Report(report)) = delivery.receive(&mut BytesMut::new()).unwrap() else {
        panic!()
    };
    assert_eq!(report.outcomes, [Outcome::Unknown]);
    assert!(matches!(delivery.receive(&mut BytesMut::new()), Ok(Step::Closed)));
}

#[test]
fn replies_that_nothing_asked_for_answer_nothing() {
    let (mut delivery, upload) = writing();
    delivery.finish(upload).unwrap();
    let step = hear(&mut delivery, "250 queued\r\n250 twice\r\n");
    assert!(matches!(step, Step::Event(Event::Report(_))), "{step:?}");
    delivery.deliver(to(&["cy"])).unwrap();
    // It came before the MAIL was sent.
    let step = delivery.receive(&mut BytesMut::from("250 thrice\r\n")).unwrap();
    assert!(matches!(step, Step::NeedInput { .. }), "{step:?}");
    let step = hear(&mut delivery, "550 no\r\n503 no\r\n503 no\r\n");
    let Step::Event(Event::Report(report)) = step else { panic!("{step:?}") };
    assert_eq!(super::sends::told(&report.outcomes[0]), "Mail 550 Never");
}

#[test]
fn a_server_that_refuses_quit_does_not_hold_the_session() {
    let (mut delivery, upload) = writing();
    delivery.finish(upload).unwrap();
    assert!(matches!(hear(&mut delivery, "250 queued\r\n"), Step::Event(Event::Report(_))));
    delivery.quit().unwrap();
    assert!(matches!(hear(&mut delivery, "500 5.3.0 no\r\n"), Step::Closed));
}

#[test]
fn an_idle_session_that_the_server_ends_takes_no_more_messages() {
    let (mut delivery, upload) = writing();
    delivery.finish(upload).unwrap();
    assert!(matches!(hear(&mut delivery, "250 queued\r\n"), Step::Event(Event::Report(_))));
    assert!(matches!(hear(&mut delivery, "421 idle for too long\r\n"), Step::Closed));
    let error = delivery.deliver(to(&["cy"])).unwrap_err();
    assert_eq!(error.to_string(), "not delivered: the session is over");
    assert_eq!(*error.message, to(&["cy"]));
}

/// Else the next message joins a transaction that failed, or is told that it can never be delivered.
#[test]
fn a_server_that_refuses_rset_gets_no_other_message() {
    let mut delivery = new(open());
    delivery.deliver(to(&["bob"])).unwrap();
    let _ = hear(&mut delivery, "220 s\r\n");
    let _ = hear(&mut delivery, "250-s\r\n250 PIPELINING\r\n");
    let _ = hear(&mut delivery, "");
    assert!(matches!(hear(&mut delivery, "250 ok\r\n550 no\r\n503 no\r\n"), Step::Event(Event::Report(_))));
    delivery.deliver(to(&["cy"])).unwrap();
    let _ = hear(&mut delivery, "");
    let Step::Event(Event::Report(report)) =
        hear(&mut delivery, "502 what\r\n503 nested\r\n550 no\r\n503 no\r\n")
    else {
        panic!("it goes on")
    };
    assert_eq!(report.outcomes[0].verdict(), Verdict::Later, "{report:?}");
    assert!(matches!(hear(&mut delivery, ""), Step::Closed));
}

/// Without PIPELINING it is known before the next message is taken.
#[test]
fn a_session_that_cannot_go_on_takes_no_other_message() {
    let mut delivery = new(open());
    delivery.deliver(to(&["bob"])).unwrap();
    let _ = hear(&mut delivery, "220 s\r\n");
    assert!(matches!(hear(&mut delivery, "250 s\r\n"), Step::Event(Event::Ready)));
    let _ = hear(&mut delivery, "250 ok\r\n");
    assert!(matches!(hear(&mut delivery, "550 no\r\n"), Step::Event(Event::Report(_))));
    // The RSET.
    assert!(matches!(hear(&mut delivery, "500 what\r\n"), Step::Closed));
    assert_eq!(*delivery.deliver(to(&["cy"])).unwrap_err().message, to(&["cy"]));
}

#[test]
fn one_message_at_a_time() {
    let (mut delivery, _upload) = writing();
    assert_eq!(
        delivery.deliver(to(&["cy"])).unwrap_err().to_string(),
        "not delivered: a reply must come first"
    );
    let mut delivery = new(open());
    delivery.deliver(to(&["bob"])).unwrap();
    assert!(delivery.deliver(to(&["cy"])).is_err());
}

#[test]
fn lmtp_that_is_cut_between_two_verdicts() {
    let mut delivery = new(lmtp());
    delivery.deliver(Message::new(mail(), vec![rcpt("a@x.example"), rcpt("b@x.example")])).unwrap();
    let mut input = BytesMut::new();
    let mut said = [
        "220 s\r\n",
        "250-s\r\n250 PIPELINING\r\n",
        "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
        "250 one\r\n",
    ]
    .iter();
    let report = loop {
        match delivery.receive(&mut input).unwrap() {
            Step::Event(Event::Body(upload)) => delivery.finish(upload).unwrap(),
            Step::Event(Event::Report(report)) => break report,
            Step::Event(_) => {}
            _ => {
                let transmit = delivery.transmit();
                transmit.advance(transmit.remaining());
                match said.next() {
                    Some(said) => input.extend_from_slice(said.as_bytes()),
                    None => delivery.receive_eof(&input).unwrap(),
                }
            }
        }
    };
    assert!(matches!(report.outcomes[..], [Outcome::Accepted(_), Outcome::Unknown]), "{report:?}");
    assert_eq!(delivery.receive(&mut input).unwrap_err().to_string(), CUT);
}

#[test]
fn a_bare_line_feed_is_not_sent() {
    let (mut delivery, mut upload) = writing();
    assert!(delivery.write(&mut upload, Bytes::from_static(b"a\n.\nb")).is_err());
    delivery.write(&mut upload, Bytes::from_static(b"a\r\n")).unwrap();
    delivery.finish(upload).unwrap();
    let left = delivery.transmit().remaining();
    assert_eq!(delivery.transmit().copy_to_bytes(left), "a\r\n.\r\n");
}
