//! Whatever a server says, each recipient gets one outcome, and the session comes to its end.
use super::sends::{lmtp, mail, new, of, open};
use bytes::{Buf, Bytes, BytesMut};
use proptest::prelude::*;
use smtp_proto::{
    Body, Chunking, ClientConfig, Leniency, Mail, Step, Upload,
    delivery::{Delivery, Event, Message, Outcome, Reading, Report},
};

const REPLIES: [&str; 24] = [
    "220 s\r\n",
    "250-s\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 BINARYMIME\r\n",
    "250-s\r\n250-CHUNKING\r\n250-SMTPUTF8\r\n250 LIMITS RCPTMAX=1 MAILMAX=2\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
    "250 ok\r\n250 ok\r\n250 ok\r\n",
    "354 go\r\n",
    "354 go\r\n",
    "550 no\r\n",
    "452 too many\r\n",
    "552 too many\r\n",
    "451 later\r\n",
    "421 bye\r\n",
    "500 what\r\n",
    "503 no\r\n",
    "334 \r\n",
    "220 go\r\n",
    "235 in\r\n",
    "221 bye\r\n",
    "250-half\r\n",
    "nonsense\r\n",
    "250 bare\n",
];

/// What a test decides beside the replies.
#[derive(Debug, Clone)]
struct Choices {
    config: ClientConfig,
    message: Message,
    /// How many pieces of the body are written before its end, or before it is dropped.
    pieces: usize,
    drops: bool,
}

/// The reports of a session, and whether its host was stuck.
fn reports(choices: &Choices, replies: &[&str]) -> Vec<Report> {
    let mut delivery = new(choices.config.clone());
    delivery.deliver(choices.message.clone()).unwrap();
    let (mut input, mut reports, mut replies) = (BytesMut::new(), Vec::new(), replies.iter());
    let mut writing: Option<(Upload, usize)> = None;
    let mut is_over = false;
    for _ in 0..10_000 {
        match delivery.receive(&mut input) {
            Ok(Step::Event(Event::Body(upload))) => writing = Some((upload, 0)),
            Ok(Step::Event(Event::Report(report))) => {
                reports.push(report);
                // As long as the session takes them.
                if reports.len() < 3 {
                    let _ = delivery.deliver(choices.message.clone());
                }
            }
            Ok(Step::Event(_)) => {}
            Ok(Step::Closed) => return reports,
            Err(_) => assert!(!std::mem::replace(&mut is_over, true), "it ends once"),
            Ok(Step::NeedAnswer | Step::NeedInput { .. } | Step::NeedFlush) => {
                let unsent = delivery.transmit().remaining();
                delivery.transmit().advance(unsent);
                match writing.take() {
                    Some((upload, written)) => writing = go_on(&mut delivery, choices, upload, written),
                    None => match replies.next() {
                        Some(reply) => input.extend_from_slice(reply.as_bytes()),
                        None => drop(delivery.receive_eof(&input)),
                    },
                }
            }
        }
    }
    panic!("it is stuck");
}

/// Writes one more piece, or ends the body.
fn go_on(
    delivery: &mut Delivery,
    choices: &Choices,
    mut upload: Upload,
    written: usize,
) -> Option<(Upload, usize)> {
    if written < choices.pieces {
        // Blocked it is not: all is written at once.
        return match delivery.write(&mut upload, Bytes::from_static(b"1234\r\n")) {
            Ok(()) => Some((upload, written + 1)),
            Err(_) => Some((upload, choices.pieces)),
        };
    }
    if !choices.drops {
        // Where octets are missing the upload is dropped with the error.
        let _ = delivery.finish(upload);
    }
    None
}

fn choices() -> impl Strategy<Value = Choices> {
    let body = prop::sample::select(vec![Body::SevenBit, Body::EightBitMime, Body::BinaryMime]);
    let size = prop::sample::select(vec![None, Some(12), Some(0)]);
    let reading = prop::sample::select(vec![Reading::Again, Reading::Once]);
    let who = prop::sample::subsequence(vec!["a", "b", "c@y.example", "d\u{f6}"], 0..=4);
    (body, size, reading, who, any::<[bool; 3]>(), 0..4_usize, prop::bool::weighted(0.1)).prop_map(
        |(body, size, reading, who, [is_lmtp, is_strict, is_preferred], pieces, drops)| {
            let config = if is_lmtp { lmtp() } else { open() };
            let leniency = if is_strict { Leniency::STRICT } else { Leniency::LENIENT };
            let mail = size.into_iter().fold(mail().with_body(body), Mail::with_size);
            let message = of(mail, &who).with_reading(reading);
            let chunking = if is_preferred { Chunking::Preferred } else { Chunking::WhenNeeded };
            let config = ClientConfig { leniency, chunking, max_unsent: 5, ..config };
            Choices { config, message, pieces, drops }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Else a message is lost or sent twice, or its sender waits for ever.
    #[test]
    fn each_recipient_gets_one_outcome(
        choices in choices(),
        offers in prop::collection::vec(1..3_usize, 1),
        replies in prop::collection::vec(0..REPLIES.len(), 0..30),
    ) {
        let opened = [0].into_iter().chain(offers);
        let replies: Vec<_> = opened.chain(replies).map(|reply| REPLIES[reply]).collect();
        let reports = reports(&choices, &replies);
        prop_assert!(!reports.is_empty(), "nothing is reported");
        for report in reports {
            prop_assert_eq!(report.outcomes.len(), choices.message.recipients().len());
        }
    }

    /// The same without a greeting that makes sense.
    #[test]
    fn a_session_that_never_begins_is_reported(
        choices in choices(),
        replies in prop::collection::vec(0..REPLIES.len(), 0..10),
    ) {
        let replies: Vec<_> = replies.into_iter().map(|reply| REPLIES[reply]).collect();
        let reports = reports(&choices, &replies);
        prop_assert!(!reports.is_empty(), "nothing is reported");
        prop_assert_eq!(reports[0].outcomes.len(), choices.message.recipients().len());
    }
}

#[test]
fn an_outcome_is_accepted_where_the_server_said_so_last() {
    let choices = Choices { config: open(), message: of(mail(), &["a"]), pieces: 1, drops: false };
    let reports =
        reports(&choices, &[REPLIES[0], REPLIES[1], "250 ok\r\n250 ok\r\n354 go\r\n", "250 queued\r\n"]);
    assert!(matches!(reports[0].outcomes[..], [Outcome::Accepted(_)]), "{reports:?}");
}
