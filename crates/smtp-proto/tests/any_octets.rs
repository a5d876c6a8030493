//! Whatever a peer sends: a client hears nonsense, a server is cut anywhere and left at any moment.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::{
    client::{Client, Event as Ev},
    sasl::Response,
    server::{Ack, AuthAnswer, Delivered, Event, Rejection, Server},
    *,
};
use std::collections::BTreeMap;
struct Rng(u64);
impl Rng {
    fn next(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 20) % n as u64) as usize
    }
    fn one_in(&mut self, n: usize) -> bool {
        self.next(n) == 0
    }
}

/// Client against a server that says anything: no panic, and every ticket gets its end when there is nothing left in flight.
#[test]
fn client_against_nonsense() {
    let mut bad: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for seed in 1..60_000_u64 {
        let mut r = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let lmtp = r.one_in(2);
        let mut c = Client::new(ClientConfig {
            protocol: if lmtp { Protocol::Lmtp } else { Protocol::Smtp },
            tls: TlsPolicy::Opportunistic,
            cleartext: CleartextLogin::Allow,
            bare: dot::Outgoing::Normalise,
            ..ClientConfig::default()
        });
        let mut open: BTreeMap<_, String> = BTreeMap::new();
        let mut trace = vec![];
        let mut input = BytesMut::new();
        let (mut up, mut upg) = (None, None);
        let mut over = false;
        // how many replies a proper server owes: what was written to the wire
        for _ in 0..40 {
            if r.one_in(2) {
                let n = ClientName::new("c.example").unwrap();
                let cmd = match r.next(12) {
                    0 | 1 => {
                        if lmtp {
                            Command::Lhlo(n)
                        } else {
                            Command::Ehlo(n)
                        }
                    }
                    2 => Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial: None }),
                    3 => Command::StartTls,
                    4 | 5 => Command::Mail(Mail::new(Mailbox::new("a@x.example").unwrap())),
                    6..=8 => Command::Rcpt(Rcpt::new(Mailbox::new("a@x.example").unwrap())),
                    9 | 10 => Command::Data,
                    _ => Command::Rset,
                };
                let s = format!("{cmd:?}");
                if let Ok(t) = c.send(cmd) {
                    trace.push(format!("send {t:?} {s}"));
                    open.insert(t, s);
                }
            }
            if let Some((t, u)) = up.take() {
                if let Ok(()) = c.finish(u) {
                    trace.push(format!("finish {t:?}"));
                }
            }
            if r.one_in(20) {
                if let Some(u) = upg.take() {
                    let _ = c.upgraded(u, &input);
                }
            }
            let said: &[u8] = [
                &b"250 ok\r\n"[..],
                b"550 no\r\n",
                b"354 go\r\n",
                b"220 hi\r\n",
                b"250-s\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
                b"250-s\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n",
                b"250 ok\r\n",
                b"250 ok\r\n",
                b"334 \r\n",
                b"junk\r\n",
                b"250-a\r\n",
                b"354 go\r\n",
                b"250\r\n",
            ][r.next(13)];
            let k = c.transmit().remaining();
            c.transmit().advance(k);
            trace.push(format!("S {:?}", said.escape_ascii().to_string()));
            input.extend_from_slice(said);
            loop {
                match c.receive(&mut input) {
                    Err(e) => {
                        trace.push(format!("error {e}"));
                        while let Ok(Step::Event(ev)) = c.receive(&mut input) {
                            if let Ev::Unanswered(t) | Ev::NeverSent(t) = ev {
                                open.remove(&t);
                            }
                        }
                        over = true;
                        break;
                    }
                    Ok(Step::Event(ev)) => {
                        trace.push(format!("  {ev:?}"));
                        match ev {
                            Ev::Reply { ticket, .. }
                            | Ev::Unanswered(ticket)
                            | Ev::NeverSent(ticket)
                            | Ev::Recipient { ticket, .. } => {
                                open.remove(&ticket);
                            }
                            Ev::Upload { ticket, upload } => up = Some((ticket, upload)),
                            Ev::Upgrade { ticket, upgrade } => {
                                open.remove(&ticket);
                                upg = Some(upgrade);
                            }
                            _ => {}
                        }
                    }
                    Ok(Step::NeedAnswer) => {
                        let _ = c.respond(&Response::Cancel);
                        break;
                    }
                    Ok(Step::Closed) => {
                        over = true;
                        break;
                    }
                    Ok(_) => break,
                }
            }
            if over {
                break;
            }
        }
        // Let the server answer all that it owes, with 250s; then nothing may be open.
        if !over && upg.is_none() {
            if let Some((t, u)) = up.take() {
                if let Ok(()) = c.finish(u) {
                    trace.push(format!("finish {t:?}"));
                }
            }
            for _ in 0..200 {
                let said: &[u8] = b"550 no\r\n";
                let k = c.transmit().remaining();
                c.transmit().advance(k);
                input.extend_from_slice(said);
                loop {
                    match c.receive(&mut input) {
                        Ok(Step::Event(ev)) => {
                            trace.push(format!("  {ev:?}"));
                            match ev {
                                Ev::Reply { ticket, .. }
                                | Ev::Unanswered(ticket)
                                | Ev::NeverSent(ticket)
                                | Ev::Recipient { ticket, .. } => {
                                    open.remove(&ticket);
                                }
                                _ => {}
                            }
                        }
                        Ok(Step::NeedAnswer) => {
                            let _ = c.respond(&Response::Cancel);
                            break;
                        }
                        _ => break,
                    }
                }
            }
        }
        if !open.is_empty() && upg.is_none() && !trace.iter().any(|l| l.starts_with("error reply")) {
            let kind = format!(
                "lmtp {lmtp} over {over} {:?}",
                open.values().map(|v| v.split('(').next().unwrap().to_owned()).collect::<Vec<_>>()
            );
            let t =
                trace.iter().filter(|l| !l.contains("Unsolicited")).cloned().collect::<Vec<_>>().join("\n");
            let e = bad.entry(kind).or_insert((0, t.clone()));
            e.0 += 1;
            if t.len() < e.1.len() {
                e.1 = t;
            }
        }
    }
    for (k, (n, t)) in &bad {
        eprintln!("{n} x {k}\n{t}\n");
    }
    assert!(bad.is_empty());
}

const LINES: &[&str] = &[
    "EHLO c.example",
    "HELO c.example",
    "MAIL FROM:<a@b.example>",
    "MAIL FROM:<a@b.example> SIZE=5",
    "RCPT TO:<c@d.example>",
    "RCPT TO:<c@d.example>",
    "DATA",
    "DATA",
    ".",
    "..",
    "text",
    "RSET",
    "NOOP",
    "QUIT",
    "AUTH PLAIN",
    "AUTH PLAIN =",
    "AUTH LOGIN dGVzdA==",
    "*",
    "dGVzdA==",
    "VRFY x",
    "EXPN y",
    "STARTTLS",
    "MAIL FROM:<d\u{f6}@b.example> SMTPUTF8",
    "x\ny",
    "a\rb",
    "",
    "BDAT 5 LAST",
    "0123456789012345678901234567890123456789",
];
fn drive(stream: &[u8], cuts: &[usize], seed: u64) -> (String, Vec<String>) {
    let mut sc = ServerConfig::new(Text::from_static("mx"));
    sc.max_message = 60;
    sc.max_line = 100;
    sc.max_auth_line = 200;
    sc.max_errors = 200;
    sc.authentication.mechanisms = vec![Mechanism::PLAIN];
    sc.authentication.cleartext = CleartextLogin::Allow;
    sc.starttls = Offer::Yes;
    let mut s = Server::new(sc);
    let mut r = Rng(seed | 1);
    let (mut log, mut input, mut at, mut msg) = (vec![], BytesMut::new(), 0, Vec::new());
    let mut out = Vec::new();
    'all: for cut in cuts.iter().copied().chain([stream.len()]) {
        input.extend_from_slice(&stream[at..cut]);
        at = cut;
        loop {
            let k = s.transmit().remaining();
            out.extend_from_slice(&s.transmit().copy_to_bytes(k));
            match s.receive(&mut input) {
                Err(e) => {
                    log.push(e.to_string());
                    break 'all;
                }
                Ok(Step::Event(e)) => match e {
                    Event::Connect(a) => s.accept(a, ()).unwrap(),
                    Event::Hello(a) => {
                        if r.one_in(8) {
                            s.reject(a, Rejection::policy()).unwrap();
                        } else {
                            s.accept(a, ()).unwrap();
                        }
                    }
                    Event::Mail(a) => {
                        if r.one_in(5) {
                            s.reject(a, Rejection::policy()).unwrap();
                        } else {
                            s.accept(a, Ack::default()).unwrap();
                        }
                    }
                    Event::Rcpt(a) => {
                        if r.one_in(5) {
                            s.reject(a, Rejection::policy()).unwrap();
                        } else {
                            s.accept(a, Ack::default()).unwrap();
                        }
                    }
                    Event::Data(a) => {
                        msg.clear();
                        s.accept(a, ()).unwrap();
                    }
                    Event::Auth(a) => match r.next(3) {
                        0 => s.reject(a, Rejection::bad_credentials()).unwrap(),
                        1 => s.accept(a, AuthAnswer::Success).unwrap(),
                        _ => s.accept(a, AuthAnswer::Challenge(vec![7])).unwrap(),
                    },
                    Event::AuthResponse(a) => match r.next(3) {
                        0 => s.reject(a, Rejection::bad_credentials()).unwrap(),
                        1 => s.accept(a, AuthAnswer::Success).unwrap(),
                        _ => s.accept(a, AuthAnswer::Challenge(vec![7])).unwrap(),
                    },
                    Event::StartTls(a) => s.reject(a, Rejection::local_error()).unwrap(),
                    Event::Payload(p) => msg.extend_from_slice(&p),
                    Event::Discarded(d) => {
                        msg.clear();
                        log.push(format!("{d}"));
                    }
                    Event::Message(a) => {
                        log.push(format!("message {} {}", a.octets, msg.escape_ascii()));
                        s.accept(a, Delivered::all(Ack::default())).unwrap();
                    }
                    o => log.push(format!("{o:?}")),
                },
                Ok(Step::Closed) => break 'all,
                Ok(Step::NeedInput { .. }) => break,
                Ok(o) => panic!("{o:?}"),
            }
        }
    }
    let k = s.transmit().remaining();
    out.extend_from_slice(&s.transmit().copy_to_bytes(k));
    (String::from_utf8_lossy(&out).into_owned(), log)
}
#[test]
fn server_any_cut_is_the_same() {
    for seed in 1..15_000_u64 {
        let mut r = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut stream = b"EHLO c\r\n".to_vec();
        for _ in 0..r.next(25) + 3 {
            stream.extend_from_slice(LINES[r.next(LINES.len())].as_bytes());
            stream.extend_from_slice(if r.one_in(30) { b"\n" } else { b"\r\n" });
        }
        let whole = drive(&stream, &[], seed);
        let bytes: Vec<_> = (1..stream.len()).collect();
        assert_eq!(whole, drive(&stream, &bytes, seed), "seed {seed} {}", stream.escape_ascii());
        let mut cuts: Vec<_> = (0..4).map(|_| r.next(stream.len())).collect();
        cuts.sort();
        assert_eq!(whole, drive(&stream, &cuts, seed), "seed {seed} {}", stream.escape_ascii());
    }
}
#[test]
fn server_interrupted_anywhere() {
    // Drop asks, close, EOF at random: never a panic, then Closed for ever, and a 421 or nothing.
    for seed in 1..30_000_u64 {
        let mut r = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut sc = ServerConfig::new(Text::from_static("mx"));
        sc.authentication.mechanisms = vec![Mechanism::PLAIN];
        sc.authentication.cleartext = CleartextLogin::Allow;
        sc.starttls = Offer::Yes;
        sc.protocol = if r.one_in(2) { Protocol::Lmtp } else { Protocol::Smtp };
        let mut s = Server::new(sc);
        let mut input = BytesMut::new();
        for _ in 0..r.next(25) {
            let l = LINES[r.next(LINES.len())];
            input.extend_from_slice(if l.starts_with("EHLO") && r.one_in(2) {
                b"LHLO c"
            } else {
                l.as_bytes()
            });
            input.extend_from_slice(b"\r\n");
        }
        let n = r.next(20);
        let mut held: Vec<Box<dyn std::any::Any>> = vec![];
        for i in 0.. {
            if i == n {
                match r.next(3) {
                    0 => s.close(Reason::Shutdown),
                    1 => {
                        let _ = s.receive_eof(&input);
                    }
                    _ => held.clear(),
                }
            }
            match s.receive(&mut input) {
                Err(_) => break,
                Ok(Step::Event(e)) => match e {
                    Event::Connect(a) => {
                        if r.one_in(20) {
                            held.push(Box::new(a));
                        } else {
                            let _ = s.accept(a, ());
                        }
                    }
                    Event::Hello(a) => {
                        if r.one_in(20) {
                            held.push(Box::new(a));
                        } else {
                            let _ = s.accept(a, ());
                        }
                    }
                    Event::Mail(a) => {
                        if r.one_in(20) {
                            held.push(Box::new(a));
                        } else {
                            let _ = s.accept(a, Ack::default());
                        }
                    }
                    Event::Rcpt(a) => {
                        if r.one_in(20) {
                            drop(a);
                        } else {
                            let _ = s.accept(a, Ack::default());
                        }
                    }
                    Event::Data(a) => {
                        if r.one_in(20) {
                            drop(a);
                        } else {
                            let _ = s.accept(a, ());
                        }
                    }
                    Event::Message(a) => {
                        if r.one_in(4) {
                            drop(a);
                        } else {
                            let _ = s.accept(a, Delivered::all(Ack::default()));
                        }
                    }
                    Event::Auth(a) => {
                        let _ = s.accept(a, AuthAnswer::Challenge(vec![]));
                    }
                    Event::AuthResponse(a) => {
                        if r.one_in(5) {
                            drop(a);
                        } else {
                            let _ = s.accept(a, AuthAnswer::Success);
                        }
                    }
                    Event::StartTls(a) => {
                        let u = s.accept(a, ()).unwrap();
                        if r.one_in(2) {
                            drop(u);
                        } else {
                            input.clear();
                            let _ = s.upgraded(u, &input);
                        }
                    }
                    _ => {}
                },
                Ok(Step::Closed) => break,
                Ok(Step::NeedFlush) => {
                    let k = s.transmit().remaining();
                    s.transmit().advance(k);
                }
                Ok(_) if i > n => break,
                Ok(_) => {}
            }
        }
        s.close(Reason::Timeout);
        let k = s.transmit().remaining();
        let _ = s.transmit().copy_to_bytes(k);
        assert!(matches!(s.receive(&mut input), Ok(Step::Closed)));
        s.close(Reason::Timeout);
        assert_eq!(s.transmit().remaining(), 0);
        let _ = Bytes::new();
    }
}
