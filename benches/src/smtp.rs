//! What an SMTP client and an SMTP server say, and the messages they carry.
use crate::{Seed, Units};
use bytes::Bytes;

/// MAIL and RCPT with parameters: 200 commands.
pub fn commands_with_parameters() -> Units {
    let mut seed = Seed::new(11);
    Units::new((0..200).map(|at| {
        let (name, host) = (seed.word(7), seed.word(6));
        match at % 4 {
            0 => {
                format!("MAIL FROM:<{name}@{host}.example> SIZE={} BODY=8BITMIME\r\n", seed.below(9_000_000))
            }
            1 => format!("RCPT TO:<{name}@{host}.example> NOTIFY=SUCCESS,FAILURE\r\n"),
            2 => format!(
                "MAIL FROM:<{name}.{host}@mail.example.org> SIZE={} SMTPUTF8\r\n",
                seed.below(9_000_000)
            ),
            _ => format!("RCPT TO:<{name}@example.org> ORCPT=rfc822;{name}@{host}.example\r\n"),
        }
    }))
}

/// Plain commands of 20 transactions.
pub fn commands() -> Units {
    let mut seed = Seed::new(12);
    Units::new((0..20).flat_map(move |_| {
        [
            format!("EHLO {}.example.org\r\n", seed.word(6)),
            format!("MAIL FROM:<{}@example.org>\r\n", seed.word(8)),
            format!("RCPT TO:<{}@example.net>\r\n", seed.word(5)),
            format!("RCPT TO:<{}.{}@example.net>\r\n", seed.word(5), seed.word(8)),
            "DATA\r\n".into(),
            "NOOP\r\n".into(),
            "RSET\r\n".into(),
            "QUIT\r\n".into(),
        ]
    }))
}

/// The reply to EHLO, of 11 lines.
pub fn offer() -> Units {
    Units::new(
        [
            "250-mx.example.org\r\n",
            "250-PIPELINING\r\n",
            "250-SIZE 35882577\r\n",
            "250-VRFY\r\n",
            "250-ETRN\r\n",
            "250-STARTTLS\r\n",
            "250-AUTH PLAIN LOGIN\r\n",
            "250-ENHANCEDSTATUSCODES\r\n",
            "250-8BITMIME\r\n",
            "250-DSN\r\n",
            "250 SMTPUTF8\r\n",
        ]
        .map(String::from),
    )
}

/// A message of text, of about a mebibyte: lines of words, some empty, few with a dot in front.
pub fn text() -> Bytes {
    let mut seed = Seed::new(13);
    let mut message = Vec::new();
    while message.len() < 1 << 20 {
        for _ in 0..seed.below(14) {
            let letters = 1 + seed.below(9) as usize;
            message.extend_from_slice(seed.word(letters).as_bytes());
            message.push(b' ');
        }
        message.extend_from_slice(b"\r\n");
    }
    message.into()
}

/// A mebibyte of base64, in lines of 76.
pub fn base64() -> Bytes {
    let mut seed = Seed::new(14);
    let mut message = Vec::new();
    while message.len() < 1 << 20 {
        message.extend((0..76).map(|_| {
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[seed.below(64) as usize]
        }));
        message.extend_from_slice(b"\r\n");
    }
    message.into()
}

/// A mebibyte of lines that each begin with a dot: what costs most to stuff. The first does not: smtp-proto takes a dot there
/// for text.
pub fn dots() -> Bytes {
    [&b"first\r\n"[..], &b".\r\n".repeat((1 << 20) / 3)].concat().into()
}

/// Lines of 76 that each begin with a dot, but for the first: smtp-proto takes a dot there for text.
pub fn dotted_lines() -> Bytes {
    let mut line = vec![b'.'; 1];
    line.extend_from_slice(&[b'x'; 75]);
    line.extend_from_slice(b"\r\n");
    [&b"first\r\n"[..], &line.repeat((1 << 20) / 78)].concat().into()
}

/// This message as it stands on the wire, its end included.
pub fn stuffed(message: &[u8]) -> Bytes {
    let mut wire = Vec::new();
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    wire.extend_from_slice(b".\r\n");
    wire.into()
}
