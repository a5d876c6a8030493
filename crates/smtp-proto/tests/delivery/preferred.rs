//! Bodies of lines by BDAT, where the caller prefers it.
use super::{
    common::{chunking, config, server_host},
    sends::{BODY, QUIT, Sends, delivers, greeting, group, lmtp, new, of, one_by_one, open, to},
};
use proptest::prelude::*;
use smtp_proto::{Body, Chunking, ClientConfig, Protocol, ServerConfig, dot::Outgoing, server::Server};
use test_support::{Pair, Pieces};

const OFFERS: &str = "PIPELINING,CHUNKING,8BITMIME";

fn preferred(config: ClientConfig) -> ClientConfig {
    ClientConfig { chunking: Chunking::Preferred, ..config }
}

const NAMED: &str = r"
        C: MAIL FROM:<ann@example.org>
        C: RCPT TO:<bob@x.example>
        C: RCPT TO:<cy@x.example>
        S: 250 ok
        S: 550 no
        S: 250 ok
";

// covers rfc3030 2 delivery-prefers-chunks
// covers rfc5321 4.1.1.4 last-line-ended-by-bdat
#[test]
fn a_message_goes_as_it_is_and_without_a_354_once_there_is_somebody_to_receive_it() {
    let script = greeting(OFFERS)
        + NAMED
        + "C: BDAT 14 LAST\nC> hi\\r\\n.dot\\r\\n..\\r\\n\nS: 250 queued\nC: QUIT\nS: 221 bye";
    let sends = || Sends::new([to(&["bob", "cy"])]).body(&[b"hi\r", b"\n.do", b"t\r\n.."]);
    let log = delivers(&script, &preferred(open()), sends);
    assert_eq!(log, ["ready", "body", "Rcpt 550 Never", "accepted 250", "closed"]);
    // Where nobody receives it none of it is sent.
    let script = greeting(OFFERS)
        + &NAMED
            .replace("S: 250 ok\n        S: 550 no\n        S: 250 ok", "S: 250 ok\nS: 550 no\nS: 550 no")
        + "C: RSET\nC: QUIT\nS: 250 ok\nS: 221 bye";
    let log = delivers(&script, &preferred(open()), || Sends::new([to(&["bob", "cy"])]));
    assert_eq!(log, ["ready", "Rcpt 550 Never", "Rcpt 550 Never", "closed"]);
}

#[test]
fn a_server_that_does_not_offer_it_hears_data() {
    let replies = ["250 ok", "250 ok", "354 go"];
    for (offers, named) in
        [("PIPELINING", group(&["bob"], &replies)), ("CHUNKING", one_by_one(&["bob"], &replies))]
    {
        let script = greeting(offers) + &named + BODY + "S: 250 queued\n" + QUIT;
        let log = delivers(&script, &preferred(open()), || Sends::new([to(&["bob"])]));
        assert_eq!(log, ["ready", "body", "accepted 250", "closed"], "{offers}");
    }
}

// covers rfc5321 2.3.8 bare-not-in-chunks
#[test]
fn a_bare_cr_or_lf_is_not_sent_by_bdat_either() {
    let sends = || Sends::new([to(&["bob", "cy"])]).body(&[b"hi", b"\nthere", b"\r\n"]);
    let log = delivers(&(greeting(OFFERS) + NAMED), &preferred(open()), sends);
    assert_eq!(log[2..4], ["bare CR or LF at octet 0 of the chunk", "Rcpt 550 Never"], "{log:?}");
    let normalising = ClientConfig { bare: Outgoing::Normalise, ..preferred(open()) };
    let script = greeting(OFFERS)
        + NAMED
        + "C: BDAT 11 LAST\nC> hi\\r\\nthere\\r\\n\nS: 250 queued\nC: QUIT\nS: 221 bye";
    let log = delivers(&script, &normalising, sends);
    assert_eq!(log, ["ready", "body", "Rcpt 550 Never", "accepted 250", "closed"]);
}

#[test]
fn a_long_message_goes_in_several_chunks_that_share_a_group() {
    let line = "x".repeat(98);
    let script = greeting(OFFERS)
        + NAMED
        + &format!("C: BDAT 100\nC> {line}\\r\\n\n").repeat(2)
        + "C: BDAT 4 LAST\nC> hi\\r\\n\nS: 250 ok\nS: 250 ok\nS: 250 queued\nC: QUIT\nS: 221 bye";
    let config = ClientConfig { max_unsent: 100, ..preferred(open()) };
    let long: &'static [u8] = format!("{line}\r\n").leak().as_bytes();
    let sends = || Sends::new([to(&["bob", "cy"])]).body(&[long, long, b"hi\r\n"]);
    let log = delivers(&script, &config, sends);
    assert_eq!(log, ["ready", "body", "Rcpt 550 Never", "accepted 250", "closed"]);
}

/// A server that forgets what it has refused takes the next message all the same.
#[test]
fn behind_a_refused_chunk_the_session_goes_on_also_where_the_last_one_is_taken() {
    let line = "x".repeat(98);
    let script = greeting(OFFERS)
        + NAMED
        + &format!("C: BDAT 100\nC> {line}\\r\\n\nC: BDAT 4 LAST\nC> hi\\r\\n\n")
        + "S: 452 no room\nS: 250 queued\n"
        + &NAMED.replace("550 no", "250 ok")
        + "C: BDAT 100\nC> "
        + &line
        + "\\r\\n\nC: BDAT 4 LAST\nC> hi\\r\\n\nS: 250 ok\nS: 250 queued\nC: QUIT\nS: 221 bye";
    let config = ClientConfig { max_unsent: 100, ..preferred(open()) };
    let long: &'static [u8] = format!("{line}\r\n").leak().as_bytes();
    let sends = || Sends::new([to(&["bob", "cy"]), to(&["bob", "cy"])]).body(&[long, b"hi\r\n"]);
    let log = delivers(&script, &config, sends);
    let (first, second) = log[1..].split_at(3);
    assert_eq!(first, ["body", "Rcpt 550 Never", "Message 452 Later"]);
    assert_eq!(second, ["body", "accepted 250", "accepted 250", "closed"]);
}

/// What comes of a message, and what arrives.
fn arrives(
    client: ClientConfig,
    server: &ServerConfig,
    sends: Sends,
    pieces: Pieces,
) -> (Vec<String>, Vec<String>) {
    let mut pair = Pair::new(new(client), Server::new(server.clone())).pieces(pieces);
    pair.pump(&mut { sends }, &mut server_host());
    let mut arrived = pair.server_log.entries();
    arrived.retain(|entry| entry.starts_with("payload") || entry.starts_with("message"));
    (pair.client_log.entries(), arrived)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Else what a host prefers changes what its messages say, or who receives them.
    #[test]
    fn by_bdat_the_same_comes_to_the_same_as_by_data(
        lines in prop::collection::vec(prop::sample::select(vec!["", ".", "..", "a", ".a", "QUIT", "\u{e5}"]), 0..12),
        cut in 1..9_usize,
        who in prop::sample::subsequence(vec!["bob", "Green", "full", "d\u{f6}mi", "e", "f"], 0..=6),
        is_lmtp in any::<bool>(),
        is_normalised in any::<bool>(),
        max_unsent in prop::sample::select(vec![5, 20, 64 << 10]),
        seed in 0..1000_u64,
    ) {
        let end = if is_normalised { "\n" } else { "\r\n" };
        let body: &'static [u8] = lines.join(end).leak().as_bytes();
        let cut: Vec<&'static [u8]> = body.chunks(cut).collect();
        let mail = super::sends::mail().with_body(Body::EightBitMime);
        let sends = || Sends::new([of(mail.clone(), &who), to(&["cy"])]).body(&cut);
        let bare = if is_normalised { Outgoing::Normalise } else { Outgoing::Refuse };
        let (base, protocol) = if is_lmtp { (lmtp(), Protocol::Lmtp) } else { (open(), Protocol::Smtp) };
        let client = ClientConfig { bare, max_unsent, ..base };
        let server = ServerConfig { protocol, max_message: config().max_message, ..chunking() };
        let by_data = arrives(client.clone(), &server, sends(), Pieces::Whole);
        for pieces in [Pieces::Whole, Pieces::Every(1), Pieces::Seeded(seed)] {
            let by_bdat = arrives(preferred(client.clone()), &server, sends(), pieces);
            prop_assert_eq!(&by_bdat, &by_data, "{:?}", pieces);
        }
    }
}
