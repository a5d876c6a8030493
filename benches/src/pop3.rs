//! What a POP3 client and a POP3 server say.
use crate::{Seed, Units};

/// Commands of a session that empties a maildrop.
pub fn commands() -> Units {
    let mut seed = Seed::new(21);
    Units::new((0..40).flat_map(move |_| {
        let message = 1 + seed.below(900);
        [
            format!("USER {}\r\n", seed.word(6)),
            format!("PASS {}\r\n", seed.word(10)),
            "STAT\r\n".into(),
            "UIDL\r\n".into(),
            format!("LIST {message}\r\n"),
            format!("RETR {message}\r\n"),
            format!("TOP {message} 0\r\n"),
            format!("DELE {message}\r\n"),
            "NOOP\r\n".into(),
            "QUIT\r\n".into(),
        ]
    }))
}

/// The reply to LIST: 5,000 messages.
pub fn scan_listing() -> Units {
    let mut seed = Seed::new(22);
    listing(|number| format!("{number} {}\r\n", 500 + seed.below(900_000)))
}

/// The reply to UIDL: 5,000 messages.
pub fn unique_id_listing() -> Units {
    let mut seed = Seed::new(23);
    listing(|number| format!("{number} {:016x}{:08x}\r\n", seed.number(), seed.below(1 << 32)))
}

fn listing(mut entry: impl FnMut(u32) -> String) -> Units {
    let entries: Vec<String> = (1..=5000).map(&mut entry).collect();
    Units::new(["+OK\r\n".into()].into_iter().chain(entries).chain([".\r\n".into()]))
}
