//! However a stream is cut, the same is told, and the work is linear.
use crate::told::{Say, client, server, told};
use imap_proto::frame::{LineEnding, NonSynchronising, Rules, Strays};
use proptest::prelude::*;

const SAYS: [Say; 5] = [Say::Stream, Say::Inline, Say::Refuse, Say::TakeAndRefuse, Say::RefuseWaiting];

fn rules() -> impl Strategy<Value = Rules> {
    let limits = (1..60_usize, 0..20_u64, 1..80_usize, 0..40_u64, 0..300_u64);
    (any::<[bool; 3]>(), 0..3_u8, limits).prop_map(|([commands, crlf, refuse], plus, limits)| {
        let mut rules = if commands { server() } else { client() };
        rules.ending = if crlf { LineEnding::Crlf } else { LineEnding::CrlfOrLf };
        rules.strays = if refuse { Strays::Refuse } else { Strays::Pass };
        rules.non_synchronising = match plus {
            0 => NonSynchronising::Refuse,
            1 => NonSynchronising::Minus,
            _ => NonSynchronising::Plus,
        };
        let l = &mut rules.limits;
        (l.text, l.inline, l.unit, l.literal, l.swallow) = limits;
        rules
    })
}

/// Streams made of what matters, in any order.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let parts: Vec<&[u8]> = vec![
        b"\r\n",
        b"\r\n",
        b"\r\n",
        b"\r",
        b"\n",
        b"\0",
        b"a NOOP",
        b"* OK ",
        b"* ",
        b"+ ",
        b"[",
        b"]",
        b"\"",
        b" ",
        b"{",
        b"}\r\n",
        b"+}\r\n",
        b"{3}\r\n",
        b"{3+}\r\n",
        b"~{7+}\r\n",
        b"{12}\r\n",
        b"{12+}\r\n",
        b"{50+}\r\n",
        b"{4097+}\n",
        b"{99999999999999999999+}\r\n",
        b"{000000000000000000000000000000000000005+}\r\n",
        b"0123456789",
    ];
    prop::collection::vec(prop::sample::select(parts), 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_same_is_told_however_it_is_cut(
        stream in stream(),
        rules in rules(),
        say in prop::sample::select(SAYS.to_vec()),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let whole = told(&[&stream], rules, say);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let (mut pieces, mut from) = (Vec::new(), 0);
        for cut in cuts {
            pieces.push(&stream[from..cut]);
            from = cut;
        }
        pieces.push(&stream[from..]);
        prop_assert_eq!(told(&pieces, rules, say), &whole[..], "cut");
        prop_assert_eq!(told(&stream.chunks(1).collect::<Vec<_>>(), rules, say), &whole[..], "byte by byte");
    }

    /// The framer against one that is told nothing but the grammar: units are written, and found again.
    #[test]
    fn units_are_found_as_they_were_written(
        units in prop::collection::vec(prop::collection::vec((0..12_usize, any::<[bool; 3]>()), 0..4), 1..5),
    ) {
        let (mut stream, mut expected) = (Vec::new(), Vec::new());
        for literals in &units {
            let start = stream.len();
            stream.extend_from_slice(b"a X");
            let mut waits = Vec::new();
            for (len, [plus, binary, lines]) in literals {
                stream.extend_from_slice(if *binary { b" ~{" } else { b" {" });
                stream.extend_from_slice(format!("{len}{}}}\r\n", if *plus { "+" } else { "" }).as_bytes());
                if !plus {
                    waits.push(format!("go:{}", stream.len() - start));
                }
                let content = if *lines { b"{9}\r\n{9+}\r\nbc" } else { b"0123456789abc" };
                stream.extend_from_slice(&content[..*len]);
            }
            stream.extend_from_slice(b"\r\n");
            expected.extend(waits);
            expected.push(stream[start..].escape_ascii().to_string());
        }
        let rules = Rules { non_synchronising: NonSynchronising::Plus, ..Rules::server() };
        prop_assert_eq!(told(&[&stream], rules, Say::Stream), expected.join("|"));
    }
}
