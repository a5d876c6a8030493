//! Brings a batch of messages from a file of its own to the end of an mbox, all of it and once, whatever happened to an
//! earlier attempt.
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
};

/// Octets compared or copied at once.
const BLOCK: usize = 64 << 10;

/// Where a batch belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Where in the mbox it was to begin.
    pub(super) offset: u64,
    /// Octets of the journal that are it.
    pub(super) length: u64,
    /// How the first line of each of its messages begins.
    pub(super) marker: &'a [u8],
}

/// Brings what is missing of the batch to the mbox.
pub(super) fn bring(journal: &File, mbox: &File, place: Place<'_>) -> io::Result<()> {
    let Place { offset, length, .. } = place;
    let there = mbox.metadata()?.len().checked_sub(offset).map(|there| there.min(length));
    match there {
        // Nobody has written meanwhile, or only behind the whole of it.
        Some(there) if is_same(journal, 0, mbox, offset, there)? => {
            copy(journal, there, mbox, offset + there, length - there)
        }
        _ => bring_each(journal, mbox, place),
    }
}

/// Another program has written behind a piece of it, or moved what stood there: looks for each message.
fn bring_each(journal: &File, mbox: &File, place: Place<'_>) -> io::Result<()> {
    let begins = separators(journal, place.length, place.marker)?;
    let ends = begins.iter().copied().skip(1).chain([place.length]);
    let mut end = mbox.metadata()?.len();
    let found = separators(mbox, end, place.marker)?;
    for (begin, length) in begins.iter().zip(ends).map(|(begin, end)| (*begin, end - *begin)) {
        let mut is_there = false;
        for at in &found {
            is_there = is_there || is_same(journal, begin, mbox, *at, length)?;
        }
        if !is_there {
            copy(journal, begin, mbox, end, length)?;
            end += length;
        }
    }
    Ok(())
}

/// Where lines begin that begin so.
fn separators(file: &File, length: u64, marker: &[u8]) -> io::Result<Vec<u64>> {
    let mut file = file;
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(BLOCK, file.take(length));
    let (mut found, mut at, mut line) = (Vec::new(), 0, 0);
    // Octets of the marker that this line begins with; `None`: it begins otherwise.
    let mut matched = Some(0);
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(found);
        }
        for octet in block {
            at += 1;
            matched =
                matched.filter(|matched| marker.get(*matched) == Some(octet)).map(|matched| matched + 1);
            if matched == Some(marker.len()) {
                found.push(line);
            }
            if *octet == b'\n' {
                (line, matched) = (at, Some(0));
            }
        }
        let taken = block.len();
        reader.consume(taken);
    }
}

fn is_same(one: &File, at: u64, other: &File, other_at: u64, length: u64) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; BLOCK], vec![0; BLOCK]);
    let mut done = 0;
    while done < length {
        let (left, right) = (block(&mut left, length - done), block(&mut right, length - done));
        one.read_exact_at(left, at + done)?;
        match other.read_exact_at(right, other_at + done) {
            Ok(()) if left == right => done += left.len() as u64,
            Ok(()) => return Ok(false),
            // It is shorter.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn copy(from: &File, at: u64, to: &File, to_at: u64, length: u64) -> io::Result<()> {
    let mut octets = vec![0; BLOCK];
    let mut done = 0;
    while done < length {
        let octets = block(&mut octets, length - done);
        from.read_exact_at(octets, at + done)?;
        to.write_all_at(octets, to_at + done)?;
        done += octets.len() as u64;
    }
    Ok(())
}

/// At most so many octets of a buffer.
fn block(buffer: &mut [u8], most: u64) -> &mut [u8] {
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(buffer.len());
    buffer.get_mut(..most).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::PathBuf};

    const MARKER: &[u8] = b"From mail-pop-1.";
    const ONE: &str = "From mail-pop-1.1@x now\nSubject: one\n\n>From me\n\n";
    const TWO: &str = "From mail-pop-1.2@x now\nSubject: two\n\nmail-pop-1.\n\n";

    /// What stands in an mbox of `before` once the batch was brought to the place behind `offset` octets.
    fn brought(name: &str, before: &str, offset: usize) -> String {
        let folder: PathBuf =
            std::env::temp_dir().join(format!("mail-journal-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        // More stands in the journal than was promised.
        fs::write(folder.join("journal"), format!("{ONE}{TWO}From mail-pop-1.3@x half a mess")).unwrap();
        fs::write(folder.join("mbox"), before).unwrap();
        let open = |name| File::options().read(true).write(true).open(folder.join(name)).unwrap();
        let length = (ONE.len() + TWO.len()) as u64;
        let place = Place { offset: offset as u64, length, marker: MARKER };
        // Twice: the first may have been cut right before it was written down.
        bring(&open("journal"), &open("mbox"), place).unwrap();
        bring(&open("journal"), &open("mbox"), place).unwrap();
        let after = fs::read_to_string(folder.join("mbox")).unwrap();
        fs::remove_dir_all(folder).unwrap();
        after
    }

    #[test]
    fn a_batch_that_was_cut_at_any_octet_is_completed() {
        let old = "From a@x then\n\nold\n\n";
        let batch = format!("{ONE}{TWO}");
        for cut in 0..=batch.len() {
            let before = format!("{old}{}", &batch[..cut]);
            assert_eq!(brought("cut", &before, old.len()), format!("{old}{batch}"), "cut at {cut}");
        }
    }

    #[test]
    fn mail_of_other_programs_stays_and_no_message_is_there_twice() {
        let (old, other) = ("From a@x then\n\nold\n\n", "From b@x later\n\nother\n\n");
        // Behind the whole of it.
        let before = format!("{old}{ONE}{TWO}{other}");
        assert_eq!(brought("behind", &before, old.len()), before);
        // Behind a piece of it.
        let before = format!("{old}{ONE}{}\n{other}", &TWO[..30]);
        assert_eq!(brought("piece", &before, old.len()), format!("{before}{TWO}"));
        // What stood before was removed.
        for before in [format!("{ONE}{TWO}{other}"), format!("{other}{TWO}{ONE}")] {
            assert_eq!(brought("moved", &before, 500), before);
        }
        assert_eq!(brought("gone", other, 500), format!("{other}{ONE}{TWO}"));
    }
}
