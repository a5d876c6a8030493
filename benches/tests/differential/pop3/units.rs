//! Units of POP3 that are valid.
use benches::Seed;

/// What a name, a password or words for people may be.
const WORDS: &[&str] =
    &["mrose", "tan staaf", "x", "caf\u{e9}", "a@example.org", "2 320", "maildrop has 1 message", "!~"];
const CODES: &[&str] =
    &["[IN-USE] ", "[SYS/TEMP] ", "[sys/perm] ", "[AUTH]", "[LOGIN-DELAY] ", "[X/Y/Z] ", "", "", ""];

fn message(seed: &mut Seed) -> u64 {
    let limit = [9, 900, u64::from(u32::MAX)][seed.below(3) as usize];
    1 + seed.below(limit)
}

/// A command.
pub(super) fn command(seed: &mut Seed) -> Vec<u8> {
    let (words, number) = (seed.one(WORDS), message(seed));
    let line = match seed.below(22) {
        0 => format!("USER {words}"),
        1 => format!("PASS {words}"),
        2 => format!("LIST {number}"),
        3 => format!("UIDL {number}"),
        4 => format!("RETR {number}"),
        5 => format!("DELE {number}"),
        6 | 7 => format!("TOP {number} {}", seed.below(1 << 20)),
        8 => format!("AUTH {}", seed.one(&["PLAIN", "cram-md5", "SCRAM-SHA-256", "X_Y"])),
        9 => format!(
            "AUTH {} {}",
            seed.one(&["PLAIN", "EXTERNAL"]),
            seed.one(&["=", "dGVzdAB0ZXN0AHRlc3Q=", "YQ==", "YWJj"])
        ),
        10 | 13 | 14 => format!("APOP mrose c4c9334bac560ecc979e58001b3e22f{}", seed.below(10)),
        11 => format!("LANG {}", seed.one(&["*", "en", "de-CH", "i-default"])),
        12 => seed.one(&["X-OTHER", "XTND XMIT", "LAST"]).into(),
        _ => seed
            .one(&[
                "CAPA", "STLS", "AUTH", "STAT", "LIST", "UIDL", "NOOP", "RSET", "QUIT", "UTF8", "LANG",
                "quit", "Stat",
            ])
            .into(),
    };
    (line + "\r\n").into_bytes()
}

/// A status line.
pub(super) fn reply(seed: &mut Seed) -> Vec<u8> {
    let status = seed.one(&["+OK", "-ERR", "+OK", "-err"]);
    match seed.below(6) {
        0 => format!("{status}\r\n"),
        _ => format!("{status} {}{}\r\n", seed.one(CODES), seed.one(WORDS)),
    }
    .into_bytes()
}

/// The reply to STAT.
pub(super) fn stat(seed: &mut Seed) -> Vec<u8> {
    let more = seed.one(&["", "", "", " 5 octets more"]);
    match seed.below(5) {
        0 => reply(seed),
        _ => format!("+OK {} {}{more}\r\n", seed.below(1000), seed.below(1 << 40)).into_bytes(),
    }
}

fn listing(seed: &mut Seed, mut entry: impl FnMut(&mut Seed) -> String) -> Vec<u8> {
    let mut unit = seed.one(&["+OK\r\n", "+OK 2 messages\r\n", "+OK [X] x\r\n"]).to_string();
    for _ in 0..seed.below(4) {
        unit += &entry(seed);
        unit += "\r\n";
    }
    (unit + ".\r\n").into_bytes()
}

/// The reply to LIST.
pub(super) fn list(seed: &mut Seed) -> Vec<u8> {
    listing(seed, |seed| {
        format!("{} {}{}", message(seed), seed.below(1 << 33), seed.one(&["", "", "", " octets"]))
    })
}

/// The reply to UIDL.
pub(super) fn uidl(seed: &mut Seed) -> Vec<u8> {
    listing(seed, |seed| {
        let letters = 1 + seed.below(70) as usize;
        format!("{} {}", message(seed), seed.word(letters))
    })
}

/// The reply to CAPA.
pub(super) fn capa(seed: &mut Seed) -> Vec<u8> {
    const CAPABILITIES: &[&str] = &[
        "TOP",
        "USER",
        "SASL PLAIN LOGIN",
        "SASL",
        "RESP-CODES",
        "AUTH-RESP-CODE",
        "LOGIN-DELAY 900",
        "LOGIN-DELAY 900 USER",
        "PIPELINING",
        "EXPIRE 60",
        "EXPIRE NEVER",
        "EXPIRE 5 USER",
        "UIDL",
        "STLS",
        "IMPLEMENTATION Shlemazle-Plotz-v302",
        "IMPLEMENTATION a b",
        "UTF8",
        "UTF8 USER",
        "LANG",
        "X-ZIP",
        "X-OTHER a b",
    ];
    listing(seed, |seed| seed.one(CAPABILITIES).into())
}

/// The reply to RETR.
pub(super) fn retr(seed: &mut Seed) -> Vec<u8> {
    const LINES: &[&str] = &["Subject: x", "", "..", "...", "a.b", ".. dots", "caf\u{e9}", "text"];
    listing(seed, |seed| seed.one(LINES).into())
}
