//! Units of SMTP that are valid.
use benches::Seed;

const DOMAINS: &[&str] = &[
    "example.org",
    "mx-1.example.net",
    "localhost",
    "a.b.c",
    "[192.0.2.1]",
    "[IPv6:2001:db8::1]",
    "[x-tag:content]",
];
const LOCAL_PARTS: &[&str] = &[
    "joe",
    "a.b",
    "x+tag",
    "!#$%&'*-/=?^_`{|}~",
    "\"quoted part\"",
    "\"a\\\"b\"",
    "\"a@b\"",
    "\"a\\b\"",
    "caf\u{e9}",
    "SRS0=x=y=z",
];

fn mailbox(seed: &mut Seed) -> String {
    match seed.below(3) {
        0 => format!("{}@{}", seed.one(LOCAL_PARTS), seed.one(DOMAINS)),
        _ => format!("{}@{}.example", seed.word(5), seed.word(4)),
    }
}

fn path(seed: &mut Seed) -> String {
    match seed.below(10) {
        0 => format!("<@hop.example,@b.example:{}>", mailbox(seed)),
        _ => format!("<{}>", mailbox(seed)),
    }
}

fn parameters(seed: &mut Seed, of: &[&str]) -> String {
    let mut text = String::new();
    let mut left = of.to_vec();
    for _ in 0..seed.below(3) {
        let at = seed.below(left.len() as u64) as usize;
        text += " ";
        text += left.remove(at);
    }
    text
}

const OF_MAIL: &[&str] = &[
    "SIZE=1000",
    "BODY=8BITMIME",
    "SMTPUTF8",
    "AUTH=<>",
    "AUTH=caf+C3+A9@example.org",
    "RET=HDRS",
    "ENVID=QQ314159",
    "REQUIRETLS",
    "MT-PRIORITY=3",
    "HOLDFOR=60",
    "HOLDUNTIL=2030-02-28T12:00:00Z",
    "BY=120;R",
    "BY=-5;NT",
    "SOLICIT=org.example:ADV",
    "MTRK=abcd:60",
    "TRANSID=<1.2@c.example>",
    "CONPERM",
    "SUBMITTER=joe@example.org",
    "X-OTHER=1",
    "SMTPUTF8=1",
];
const OF_RCPT: &[&str] = &[
    "NOTIFY=SUCCESS,DELAY",
    "NOTIFY=NEVER",
    "ORCPT=rfc822;joe+2Bx@example.org",
    "RRVS=2014-04-03T23:01:00.5-08:00;C",
    "X-OTHER",
    "CONNEG",
];

/// A command.
pub(super) fn command(seed: &mut Seed) -> Vec<u8> {
    let line = match seed.below(20) {
        0 | 1 => format!("{} {}", seed.one(&["EHLO", "HELO", "LHLO", "ehlo"]), seed.one(DOMAINS)),
        2..=6 => format!("MAIL FROM:{}{}", path(seed), parameters(seed, OF_MAIL)),
        7 => format!("MAIL FROM:<>{}", parameters(seed, OF_MAIL)),
        8..=11 => format!("RCPT TO:{}{}", path(seed), parameters(seed, OF_RCPT)),
        12 => seed
            .one(&["RCPT TO:<Postmaster>", "rcpt to:<postmaster>", "RCPT TO:<Postmaster@example.org>"])
            .into(),
        13 => format!(
            "{} {}",
            seed.one(&["VRFY", "EXPN", "HELP", "NOOP"]),
            seed.one(&["joe", "\"a b\"", "x-y"])
        ),
        14 => format!("AUTH {}", seed.one(&["PLAIN", "LOGIN", "cram-md5", "SCRAM-SHA-256", "OAUTHBEARER"])),
        15 => format!(
            "AUTH {} {}",
            seed.one(&["PLAIN", "LOGIN"]),
            seed.one(&["dGVzdAB0ZXN0AHRlc3Q=", "YWJj", "="])
        ),
        16 => seed
            .one(&[
                "BDAT 100",
                "BDAT 86 LAST",
                "BURL imap://joe@example.org/x;urlauth=submit LAST",
                "ETRN example.org",
                "ETRN @example.org",
                "ETRN #queue",
                "ATRN",
                "ATRN a.example,b.example",
                "XCLIENT NAME=x",
                "VERB",
            ])
            .into(),
        _ => seed.one(&["DATA", "RSET", "NOOP", "HELP", "QUIT", "STARTTLS", "data"]).into(),
    };
    (line + "\r\n").into_bytes()
}

const TEXTS: &[&str] = &[
    "ok",
    "2.1.5 ok",
    "5.7.509 denied",
    "5.1.1 unknown",
    "4.2.0",
    "mx.example.org ESMTP",
    "<a@b> Queued as 1.2.3",
    "",
    "caf\u{e9}",
    "text-with.dots",
];

/// A reply.
pub(super) fn reply(seed: &mut Seed) -> Vec<u8> {
    let code = seed.one(&["250", "220", "221", "354", "334", "421", "450", "550", "535", "252"]);
    let mut reply = String::new();
    for _ in 0..seed.below(3) {
        reply += &format!("{code}-{}\r\n", seed.one(TEXTS));
    }
    reply += &match seed.one(TEXTS) {
        "" => format!("{code}\r\n"),
        text => format!("{code} {text}\r\n"),
    };
    reply.into_bytes()
}

/// The reply to EHLO.
pub(super) fn offer(seed: &mut Seed) -> Vec<u8> {
    const LINES: &[&str] = &[
        "PIPELINING",
        "SIZE 35882577",
        "SIZE",
        "SIZE 0",
        "VRFY",
        "ETRN",
        "STARTTLS",
        "AUTH PLAIN LOGIN",
        "AUTH SCRAM-SHA-256",
        "ENHANCEDSTATUSCODES",
        "8BITMIME",
        "DSN",
        "SMTPUTF8",
        "CHUNKING",
        "BINARYMIME",
        "HELP",
        "REQUIRETLS",
        "pipelining",
        "LIMITS MAILMAX=1000",
        "X-OTHER a b",
        "DELIVERBY 240",
        "MT-PRIORITY MIXER",
        "EXPN",
        "BURL imap",
        "FUTURERELEASE",
    ];
    let lines: Vec<&str> = (0..seed.below(5)).map(|_| seed.one(LINES)).collect();
    let host = seed.one(&["mx.example.org", "mx.example.org at your service", "localhost"]);
    let mut reply = String::new();
    for (at, line) in [host].into_iter().chain(lines.iter().copied()).enumerate() {
        reply += &format!("250{}{line}\r\n", if at == lines.len() { ' ' } else { '-' });
    }
    reply.into_bytes()
}

/// Data up to its end, and perhaps a command behind it.
pub(super) fn data(seed: &mut Seed) -> Vec<u8> {
    const PIECES: &[&str] =
        &["a", "line\r\n", "\r\n", "..\r\n", "..x\r\n", ".", "..", "\r", "\n", "\r\n..", "x.\r\n"];
    let mut data = String::new();
    for _ in 0..seed.below(8) {
        data += seed.one(PIECES);
    }
    if !data.is_empty() && !data.ends_with("\r\n") {
        data += "\r\n";
    }
    data += ".\r\n";
    data.into_bytes()
}
