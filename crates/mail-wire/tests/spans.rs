//! Where a rule failed is told in octets of the unit, whatever part of it the rule was given.
use bytes::Bytes;
use mail_wire::{
    class,
    span::{self, Parsed, Span},
};
use proptest::prelude::*;

/// `word = 1*ALPHA`, run inside of a part that was taken.
fn bracketed(i: Span<'_>) -> Parsed<'_, Bytes> {
    let (i, ()) = span::octet(b'<', "an opening bracket")(i)?;
    let inner = i.text().iter().position(|octet| *octet == b'>').unwrap_or(i.text().len());
    let (rest, part) = i.part(inner);
    let (behind, word) = span::some(class::ALPHA, "a letter")(part)?;
    if !behind.is_empty() {
        return span::expected(behind, "the end of the word");
    }
    let (rest, ()) = span::octet(b'>', "a closing bracket")(rest)?;
    Ok((rest, word.share()))
}

#[test]
fn an_error_inside_of_a_part_is_told_where_it_stands_in_the_unit() {
    for (unit, told) in [
        ("word>", "expected an opening bracket at octet 0, found 'w'"),
        ("<>", "expected a letter at octet 1, found '>'"),
        ("<ab1>", "expected the end of the word at octet 3, found '1'"),
        ("<ab", "expected a closing bracket at octet 3, found the end"),
        ("<ab>x", "expected the end at octet 4, found 'x'"),
        ("<", "expected a letter at octet 1, found the end"),
        ("", "expected an opening bracket at octet 0, found the end"),
    ] {
        let error = span::parse(&Bytes::from_static(unit.as_bytes()), bracketed).expect_err(unit);
        assert_eq!(error.to_string(), told, "{unit}");
    }
}

#[test]
fn a_unit_that_is_a_slice_of_a_larger_block_is_counted_from_its_own_start() {
    let block = Bytes::from_static(b"earlier<ab1>later");
    let error = span::parse(&block.slice(7..12), bracketed).expect_err("a digit");
    assert_eq!(error.to_string(), "expected the end of the word at octet 3, found '1'");
    let word = span::parse(&block.slice(7..10).clone(), |i| Ok(i.part(3))).expect("all of it").share();
    assert_eq!(word.as_ptr(), block[7..].as_ptr(), "shared, not copied");
}

#[test]
fn a_value_of_nothing_shares_nothing() {
    let frame = Bytes::from_static(b"ab");
    let (end, all) = Span::new(&frame).part(2);
    assert!(end.is_empty() && end.share().is_empty() && end.first().is_none());
    assert_eq!(all.before(end).text(), b"ab");
    assert!(end.before(end).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_of_parts_join_to_the_whole_and_know_their_place(
        text in prop::collection::vec(any::<u8>(), 0..40), cuts in prop::collection::vec(0_usize..50, 0..6),
    ) {
        let frame = Bytes::from(text.clone());
        let whole = Span::new(&frame);
        let (mut left, mut joined, mut at) = (whole, Vec::new(), 0);
        for cut in cuts {
            let (rest, taken) = left.part(cut);
            prop_assert_eq!(taken.text().len(), cut.min(left.text().len()), "no more than there is");
            prop_assert_eq!(left.before(rest).text(), taken.text());
            joined.extend_from_slice(taken.text());
            at += taken.text().len();
            prop_assert_eq!(whole.before(rest).text(), &text[..at]);
            prop_assert_eq!(taken.share(), &text[at - taken.text().len()..at]);
            let error = span::parse(&frame, |_| span::expected::<()>(rest, "nothing").map(|()| (rest, ()))).unwrap_err();
            prop_assert_eq!((error.offset, error.found), (at, text.get(at).copied()));
            left = rest;
        }
        joined.extend_from_slice(left.text());
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn numbers_are_read_as_the_standard_library_reads_them(digits in "[0-9]{1,24}", behind in "[a-z ]{0,3}") {
        let frame = Bytes::from(format!("{digits}{behind}"));
        let number = span::parse(&frame, |i| {
            let (i, number) = span::number(i)?;
            span::rest(i).map(|(i, rest)| (i, (number, rest.share())))
        });
        match digits.parse::<u64>() {
            Ok(expected) => prop_assert_eq!(number.unwrap(), (expected, Bytes::from(behind))),
            Err(_) => prop_assert_eq!(number.unwrap_err().expected, "a number below 2^64"),
        }
    }
}
