//! Random operations: a client against a server over pipes with random cuts, random host decisions.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::{
    client::{Client, Event as Ev, Ticket},
    sasl::Response,
    server::{Ack, AuthAnswer, Delivered, Event, Rejection, Server},
    *,
};
use std::collections::{BTreeMap, BTreeSet};

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
fn run(seed: u64, lmtp: bool, verbose: bool) {
    let mut r = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let protocol = if lmtp { Protocol::Lmtp } else { Protocol::Smtp };
    let pipe: usize = [16_usize, 200, 5000, 1 << 20][r.next(4)];
    let mut c = Client::new(ClientConfig {
        protocol,
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        max_in_flight: [0, 3, 50][r.next(3)],
        leniency: Leniency::STRICT,
        bare: dot::Outgoing::Normalise,
        max_unsent: [64 << 10, 100][r.next(2)],
        ..ClientConfig::default()
    });
    let mut sc = ServerConfig::new(Text::from_static("mx.example.net"));
    sc.protocol = protocol;
    sc.max_message = 300;
    sc.max_errors = 1000;
    sc.max_recipients = 5;
    sc.starttls = Offer::Yes;
    sc.max_unsent = [16 << 10, 100][r.next(2)];
    sc.authentication.mechanisms = vec![Mechanism::PLAIN];
    sc.authentication.cleartext = CleartextLogin::Allow;
    let mut s = Server::new(sc);
    let (mut to_s, mut to_c, mut s_in, mut c_in) =
        (BytesMut::new(), BytesMut::new(), BytesMut::new(), BytesMut::new());
    let (mut c_up, mut s_up): (Option<Upgrade>, Option<Upgrade>) = (None, None);
    let mut upload: Option<(Ticket, Upload, Vec<u8>)> = None;
    let mut open: BTreeMap<Ticket, String> = BTreeMap::new();
    let mut sent = 0;
    let (mut c_done, mut s_done) = (false, false);
    let mut c_deliv: Vec<Vec<u8>> = vec![]; // messages that the client holds delivered (SMTP: 250)
    let mut s_deliv: Vec<Vec<u8>> = vec![];
    let mut bodies: BTreeMap<Ticket, Vec<u8>> = BTreeMap::new();
    let mut lm_ok: BTreeSet<Ticket> = BTreeSet::new();
    let mut msg = Vec::new();
    let mut trace: Vec<String> = vec![];
    let mut challenged = false;
    let mut idle = 0;
    macro_rules! stuck { ($($x:tt)*) => { panic!("seed {seed} lmtp {lmtp}: {}\n{}\nopen {open:?}\nclient {:?} server {:?} {}", format!($($x)*), trace.join("\n"), c.state(), s.state(), pipe) } }
    for turn in 0..20_000 {
        let mut moved = false;
        // ---- client host
        if !c_done && sent < 60 && r.one_in(2) && !challenged {
            let name = |r: &mut Rng| {
                Mailbox::new(["a@x.example", "b@x.example", "dömi@x.example"][r.next(40) / 19]).unwrap()
            };
            let hello = || {
                let n = ClientName::new("c.example").unwrap();
                if lmtp { Command::Lhlo(n) } else { Command::Ehlo(n) }
            };
            let cmd = match r.next(40) {
                0..=2 => hello(),
                3 if !lmtp => Command::Helo(ClientName::new("c.example").unwrap()),
                4 => Command::StartTls,
                5 | 6 => Command::Auth(Auth {
                    mechanism: Mechanism::PLAIN,
                    initial: if r.one_in(2) { None } else { Some(Secret::copy_from(b"x")) },
                }),
                7..=14 => {
                    let m = Mail::new(name(&mut r));
                    Command::Mail(if r.one_in(3) { m.with_size(r.next(400) as u64) } else { m })
                }
                15..=26 => Command::Rcpt(Rcpt::new(name(&mut r))),
                27..=33 => Command::Data,
                34 => Command::Rset,
                35 => Command::Noop(None),
                36 => Command::Vrfy(Argument::new("jane").unwrap()),
                37 => Command::Expn(Argument::new("list").unwrap()),
                38 => Command::Help(None),
                _ if sent > 40 => Command::Quit,
                _ => Command::Rset,
            };
            let shown = format!("{cmd:?}");
            match c.send(cmd) {
                Ok(t) => {
                    moved = true;
                    sent += 1;
                    trace.push(format!("{turn} c sends {t:?} {shown}"));
                    open.insert(t, shown);
                }
                Err(e) => {
                    let _ = e;
                }
            }
        }
        if challenged && r.one_in(3) {
            let resp = match r.next(3) {
                0 => Response::Cancel,
                _ => Response::Data(Secret::copy_from(b"y")),
            };
            trace.push(format!("{turn} c responds {resp:?}"));
            c.respond(&resp).unwrap();
            challenged = false;
            moved = true;
        }
        if let Some((t, mut u, mut body)) = upload.take() {
            if r.one_in(3) {
                match c.finish(u) {
                    Ok(()) => {
                        trace.push(format!("{turn} c finishes {t:?}"));
                        bodies.insert(t, body);
                        moved = true;
                    }
                    Err(e) => {
                        if !c_done {
                            stuck!("finish {e}")
                        }
                    }
                }
            } else {
                let len = r.next(60);
                let mut chunk: Vec<u8> =
                    (0..len).map(|_| *b"ab.\r\n.\r\n".get(r.next(9)).unwrap_or(&b'x')).collect();
                chunk.extend_from_slice(b"e\r\n");
                match c.write(&mut u, Bytes::from(chunk.clone())) {
                    Ok(()) => {
                        body.extend_from_slice(&chunk);
                        moved = true;
                    }
                    Err(e) => {
                        let _ = e;
                    }
                }
                upload = Some((t, u, body));
            }
        }
        // ---- client machine
        if !c_done && c_up.is_none() {
            loop {
                match c.receive(&mut c_in) {
                    Err(e) => stuck!("client error {e}"),
                    Ok(Step::Event(ev)) => {
                        moved = true;
                        trace.push(format!("{turn} c event {ev:?}"));
                        match ev {
                            Ev::Greeting(_) => {}
                            Ev::Reply { ticket, reply } => {
                                if open.remove(&ticket).is_none() {
                                    stuck!("reply to what is not open")
                                }
                                if let Some(body) = bodies.remove(&ticket) {
                                    if reply.code().class() == Class::Completion {
                                        c_deliv.push(body);
                                    }
                                }
                            }
                            Ev::Recipient { ticket, reply, .. } => {
                                open.remove(&ticket);
                                if reply.code().class() == Class::Completion && lm_ok.insert(ticket) {
                                    c_deliv.push(bodies[&ticket].clone());
                                }
                            }
                            Ev::Upload { ticket, upload: u } => upload = Some((ticket, u, vec![])),
                            Ev::Challenge { .. } => challenged = true,
                            Ev::Upgrade { ticket, upgrade } => {
                                open.remove(&ticket);
                                c_up = Some(upgrade);
                                break;
                            }
                            Ev::Unsolicited(reply) if reply.code() != Code::NOT_AVAILABLE => {
                                stuck!("unsolicited {reply}")
                            }
                            Ev::Unsolicited(_) => {}
                            Ev::NeverSent(t) | Ev::Unanswered(t) => {
                                open.remove(&t);
                                bodies.remove(&t);
                            }
                            _ => {}
                        }
                    }
                    Ok(Step::Closed) => {
                        c_done = true;
                        moved = true;
                        break;
                    }
                    Ok(Step::NeedInput { .. }) => {
                        let n = to_c.len().min(1 + r.next(200));
                        if n > 0 {
                            c_in.unsplit(to_c.split_to(n));
                            moved = true;
                        }
                        break;
                    }
                    Ok(Step::NeedAnswer) if challenged => break,
                    Ok(Step::NeedAnswer) => stuck!("client needs an answer nobody owes"),
                    Ok(Step::NeedFlush) => break,
                }
            }
        }
        let room = pipe.saturating_sub(to_s.len()).min(c.transmit().remaining()).min(1 + r.next(300));
        if room > 0 {
            to_s.extend_from_slice(&c.transmit().copy_to_bytes(room));
            moved = true;
        }
        // ---- server
        if !s_done && s_up.is_none() {
            loop {
                match s.receive(&mut s_in) {
                    Err(e) => stuck!("server error {e}"),
                    Ok(Step::Event(ev)) => {
                        moved = true;
                        trace.push(format!("{turn} s event {ev:?}"));
                        match ev {
                            Event::Connect(a) => {
                                if r.one_in(50) {
                                    s.reject(a, Rejection::policy()).unwrap();
                                } else {
                                    s.accept(a, ()).unwrap();
                                }
                            }
                            Event::Hello(a) => {
                                if r.one_in(10) {
                                    s.reject(a, Rejection::policy()).unwrap();
                                } else {
                                    s.accept(a, ()).unwrap();
                                }
                            }
                            Event::StartTls(a) => {
                                if r.one_in(2) {
                                    s.reject(a, Rejection::local_error()).unwrap();
                                } else {
                                    s_up = Some(s.accept(a, ()).unwrap());
                                    break;
                                }
                            }
                            Event::Auth(a) => match r.next(3) {
                                0 => s.reject(a, Rejection::bad_credentials()).unwrap(),
                                1 => s.accept(a, AuthAnswer::Success).unwrap(),
                                _ => s.accept(a, AuthAnswer::Challenge(vec![1, 2])).unwrap(),
                            },
                            Event::AuthResponse(a) => match r.next(3) {
                                0 => s.reject(a, Rejection::bad_credentials()).unwrap(),
                                1 => s.accept(a, AuthAnswer::Success).unwrap(),
                                _ => s.accept(a, AuthAnswer::Challenge(vec![])).unwrap(),
                            },
                            Event::Mail(a) => {
                                if r.one_in(8) {
                                    s.reject(
                                        a,
                                        if r.one_in(20) { Rejection::closing() } else { Rejection::policy() },
                                    )
                                    .unwrap();
                                } else {
                                    s.accept(a, Ack::default()).unwrap();
                                }
                            }
                            Event::Rcpt(a) => {
                                if r.one_in(4) {
                                    s.reject(a, Rejection::mailbox_unavailable()).unwrap();
                                } else {
                                    s.accept(a, Ack::default()).unwrap();
                                }
                            }
                            Event::Data(a) => {
                                msg.clear();
                                if r.one_in(5) {
                                    s.reject(a, Rejection::local_error()).unwrap();
                                } else {
                                    s.accept(a, ()).unwrap();
                                }
                            }
                            Event::Payload(p) => msg.extend_from_slice(&p),
                            Event::Message(a) => {
                                let n = a.recipients as usize;
                                if a.octets != msg.len() as u64 {
                                    stuck!("octets")
                                }
                                match r.next(3) {
                                    0 => s.reject(a, Rejection::policy()).unwrap(),
                                    1 => {
                                        s_deliv.push(std::mem::take(&mut msg));
                                        s.accept(a, Delivered::all(Ack::default())).unwrap();
                                    }
                                    _ => {
                                        let outs: Vec<_> = (0..n)
                                            .map(|_| {
                                                if r.one_in(2) {
                                                    Ok(Ack::default())
                                                } else {
                                                    Err(Rejection::no_room())
                                                }
                                            })
                                            .collect();
                                        if outs.iter().any(Result::is_ok) {
                                            s_deliv.push(std::mem::take(&mut msg));
                                        }
                                        s.accept(a, Delivered::each(outs)).unwrap();
                                    }
                                }
                            }
                            _ => {}
                        }
                    }
                    Ok(Step::Closed) => {
                        s_done = true;
                        moved = true;
                        break;
                    }
                    Ok(Step::NeedInput { .. }) => {
                        let n = to_s.len().min(1 + r.next(200));
                        if n > 0 {
                            s_in.unsplit(to_s.split_to(n));
                            moved = true;
                        }
                        break;
                    }
                    Ok(Step::NeedAnswer) => stuck!("server needs an answer"),
                    Ok(Step::NeedFlush) => break,
                }
            }
        }
        let room = pipe.saturating_sub(to_c.len()).min(s.transmit().remaining()).min(1 + r.next(300));
        if room > 0 {
            to_c.extend_from_slice(&s.transmit().copy_to_bytes(room));
            moved = true;
        }
        if c_up.is_some() && s_up.is_some() && s.transmit().is_empty() && to_c.is_empty() {
            c.upgraded(c_up.take().unwrap(), &c_in).unwrap();
            s.upgraded(s_up.take().unwrap(), &s_in).unwrap();
            moved = true;
            trace.push(format!("{turn} TLS"));
        }
        if s_done && to_c.is_empty() && s.transmit().is_empty() && !c_done && c_in.is_empty() {
            let _ = c.receive_eof(&c_in);
            moved = true;
        }
        if c_done {
            break;
        }
        idle = if moved { 0 } else { idle + 1 };
        if idle > 200 {
            // Nothing moves. That is fine only where nothing is owed.
            if !open.is_empty() || upload.is_some() || challenged || c_up.is_some() {
                stuck!(
                    "STUCK at {turn}: c unsent {} s unsent {}",
                    c.transmit().remaining(),
                    s.transmit().remaining()
                )
            }
            break;
        }
    }
    if verbose {
        eprintln!("{}", trace.join("\n"));
    }
    if !bodies.is_empty() && !lmtp && !c_done {
        stuck!("messages without an answer")
    }
    // Both agree on what was delivered (the client normalises; compare by what it wrote, with CRLF made whole).
    let norm = |b: &Vec<u8>| {
        let mut o = vec![];
        let mut i = 0;
        while i < b.len() {
            match b[i] {
                b'\r' => {
                    o.extend_from_slice(b"\r\n");
                    if b.get(i + 1) == Some(&b'\n') {
                        i += 1;
                    }
                }
                b'\n' => o.extend_from_slice(b"\r\n"),
                x => o.push(x),
            }
            i += 1;
        }
        o
    };
    let want: Vec<_> = c_deliv.iter().map(norm).collect();
    if c_deliv.len() > s_deliv.len()
        || want.iter().zip(&s_deliv).any(|(a, b)| a != b)
        || (s_deliv.len() > c_deliv.len() + 1)
    {
        stuck!("delivered: client {want:?} server {s_deliv:?}")
    }
    if s_deliv.len() > c_deliv.len() && !s_done {
        stuck!("server delivered one that the client does not know of")
    }
    STATS.with(|x| {
        let mut x = x.borrow_mut();
        x.0 += s_deliv.len();
        x.1 += trace.len();
    });
}
thread_local! { static STATS: std::cell::RefCell<(usize, usize)> = const { std::cell::RefCell::new((0, 0)) }; }
#[test]
fn random_operations() {
    let n: u64 = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(3000);
    let from: u64 = std::env::var("FROM").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut bad = vec![];
    for seed in from..from + n {
        for lmtp in [false, true] {
            if let Err(e) = std::panic::catch_unwind(|| run(seed, lmtp, false)) {
                let m = e.downcast_ref::<String>().cloned().unwrap_or_default();
                bad.push((m.lines().next().unwrap_or_default().to_owned(), m));
            }
        }
    }
    STATS.with(|x| eprintln!("delivered {}, events {}", x.borrow().0, x.borrow().1));
    eprintln!("{} bad", bad.len());
    for (first, _) in bad.iter().take(20) {
        eprintln!("  {first}");
    }
    if let Some((_, m)) = bad.iter().min_by_key(|(_, m)| m.len()) {
        panic!("{m}");
    }
}
