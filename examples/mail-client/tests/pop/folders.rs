//! Maildirs and mboxes as others read them.
use std::{fs, path::Path};

/// The messages of a Maildir, in the order of their octets; what is half written stands in none of these folders.
pub(crate) fn maildir(root: &Path) -> Vec<Vec<u8>> {
    let files = ["new", "cur"].iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let mut messages: Vec<Vec<u8>> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    messages.sort();
    messages
}

/// The messages of an mbox, unquoted, with CRLF, in the order of their octets.
pub(crate) fn mbox(file: &Path) -> Vec<Vec<u8>> {
    let octets = fs::read(file).unwrap_or_default();
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut is_first = true;
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        if line.starts_with(b"From ") {
            // The empty line before it is not of the message.
            if let Some(message) = messages.last_mut() {
                assert!(
                    message.ends_with(b"\r\n"),
                    "no empty line before `{}`",
                    String::from_utf8_lossy(line)
                );
                message.truncate(message.len() - 2);
            }
            messages.push(Vec::new());
            is_first = false;
            continue;
        }
        assert!(!is_first, "the mbox does not begin with a message");
        let line = line.strip_suffix(b"\n").unwrap();
        let quotes = line.iter().take_while(|octet| **octet == b'>').count();
        let is_quoted = quotes > 0 && line[quotes..].starts_with(b"From ");
        let message = messages.last_mut().unwrap();
        message.extend_from_slice(if is_quoted { &line[1..] } else { line });
        message.extend_from_slice(b"\r\n");
    }
    if let Some(message) = messages.last_mut() {
        assert!(message.ends_with(b"\r\n"), "no empty line at the end");
        message.truncate(message.len() - 2);
    }
    messages.sort();
    messages
}
