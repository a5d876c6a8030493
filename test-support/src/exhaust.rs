//! Everything that is short: all strings over an alphabet, and all ways to cut one.

/// Every string of up to `longest` octets of `alphabet`, the empty one first.
pub fn strings(alphabet: &[u8], longest: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..=longest).flat_map(move |len| {
        (0..alphabet.len().pow(len)).map(move |mut number| {
            let mut text = Vec::with_capacity(len as usize);
            for _ in 0..len {
                text.push(alphabet[number % alphabet.len()]);
                number /= alphabet.len();
            }
            text
        })
    })
}

/// Every way to cut `text` into pieces of at least one octet: 2^(n-1) of them, the whole first.
pub fn segmentations(text: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    (0..1_u64 << text.len().saturating_sub(1)).map(move |cuts| {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for at in 1..text.len() {
            if cuts >> (at - 1) & 1 == 1 {
                pieces.push(&text[from..at]);
                from = at;
            }
        }
        pieces.push(&text[from..]);
        pieces
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn none_is_missing_and_none_comes_twice() {
        let all: Vec<_> = strings(b"ab.", 4).collect();
        assert_eq!(all.len(), 1 + 3 + 9 + 27 + 81);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        let cuts: HashSet<_> = segmentations(b"abcde").collect();
        assert_eq!(cuts.len(), 16);
        assert!(
            cuts.iter().all(|pieces| pieces.concat() == b"abcde" && pieces.iter().all(|p| !p.is_empty()))
        );
        assert_eq!(segmentations(b"").collect::<Vec<_>>(), [vec![&b""[..]]]);
    }
}
