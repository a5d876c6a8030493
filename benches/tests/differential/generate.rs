//! Makes inputs.
use benches::Seed;

/// Octets that mean something to one of the grammars.
const ODD: &[u8] = b" \r\n\0\t\"\\()[]{}<>@.,:;=+-*%!/&~#0919azAZNIL_?$'^|`\x7f\x80\xc3\xa9\xff\x01";
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "007",
    "9999999999",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999",
    "-1",
];

/// A unit that is like this one: an octet is another, too few or too many, a number is
/// another, a word is too few or too many, words change places.
pub(crate) fn mutated(unit: &[u8], seed: &mut Seed) -> Vec<u8> {
    let mut unit = unit.to_vec();
    let at = seed.below(unit.len().max(1) as u64) as usize;
    match seed.below(11) {
        _ if unit.is_empty() => unit.push(odd(seed)),
        0 | 1 => unit[at] = odd(seed),
        2 => drop(unit.remove(at)),
        3 => unit.insert(at, unit[at]),
        4 => unit.insert(at, odd(seed)),
        5 => unit[at] ^= 0x20 * u8::from(unit[at].is_ascii_alphabetic()),
        6 => number(&mut unit, seed),
        7 => words(&mut unit, seed),
        8 => double_word(&mut unit, seed),
        9 => space(&mut unit, seed),
        _ => drop_word(&mut unit, seed),
    }
    unit
}

fn odd(seed: &mut Seed) -> u8 {
    ODD[seed.below(ODD.len() as u64) as usize]
}

/// The places of runs of octets that are of a kind.
fn runs(unit: &[u8], is: impl Fn(&u8) -> bool) -> Vec<(usize, usize)> {
    let (mut runs, mut start) = (Vec::new(), None);
    for (at, octet) in unit.iter().chain([&b'\n']).enumerate() {
        match (is(octet) && at < unit.len(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                runs.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

fn number(unit: &mut Vec<u8>, seed: &mut Seed) {
    let runs = runs(unit, u8::is_ascii_digit);
    let Some((from, to)) = runs.get(seed.below(runs.len().max(1) as u64) as usize) else { return };
    unit.splice(from..to, seed.one(NUMBERS).bytes());
}

fn words(unit: &mut Vec<u8>, seed: &mut Seed) {
    let runs = runs(unit, |octet| !matches!(octet, b' ' | b'\r' | b'\n' | b'(' | b')'));
    if runs.is_empty() {
        return;
    }
    let mut one = || runs[seed.below(runs.len() as u64) as usize];
    let (first, second) = (one(), one());
    let (first, second) = if first.0 <= second.0 { (first, second) } else { (second, first) };
    let (early, late) = (unit[first.0..first.1].to_vec(), unit[second.0..second.1].to_vec());
    unit.splice(second.0..second.1, early);
    unit.splice(first.0..first.1, late);
}

fn drop_word(unit: &mut Vec<u8>, seed: &mut Seed) {
    let runs = runs(unit, |octet| !matches!(octet, b' ' | b'\r' | b'\n' | b'(' | b')'));
    let Some((from, to)) = runs.get(seed.below(runs.len().max(1) as u64) as usize).copied() else { return };
    let from = if seed.below(2) == 0 { from.saturating_sub(1) } else { from };
    unit.drain(from..to);
}

fn double_word(unit: &mut Vec<u8>, seed: &mut Seed) {
    let runs = runs(unit, |octet| !matches!(octet, b' ' | b'\r' | b'\n' | b'(' | b')'));
    let Some((from, to)) = runs.get(seed.below(runs.len().max(1) as u64) as usize).copied() else { return };
    let word: Vec<u8> = [b" ", &unit[from..to]].concat();
    unit.splice(to..to, word);
}

/// A space where a word ends.
fn space(unit: &mut Vec<u8>, seed: &mut Seed) {
    let runs = runs(unit, u8::is_ascii_alphanumeric);
    let Some((from, to)) = runs.get(seed.below(runs.len().max(1) as u64) as usize).copied() else { return };
    unit.insert(if seed.below(2) == 0 { from } else { to }, b' ');
}
