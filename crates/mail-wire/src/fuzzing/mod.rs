//! Bodies of the fuzz targets of this crate, and what those of the other crates share.
//!
//! An input is the number of a target, how many dice there are, the dice, and octets for whoever reads them. Without
//! dice, a host agrees to everything and nothing is cut, so that a session is a seed as it stands.
#![expect(clippy::panic, clippy::indexing_slicing, reason = "what does not hold is told by a panic")]
mod client;
mod dice;
mod dots;
mod lines;
mod pair;
mod proxy;
mod smoke;

use alloc::{fmt, vec::Vec};
pub use client::{ClientHost, Told, overhear, same_under_any_cut_of_lines};
use core::iter;
pub use dice::Dice;
pub use pair::{End, Host, Moved, Pipe};
pub use smoke::smoke;

/// What a target is given.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Decisions.
    pub dice: Dice<'a>,
    /// What somebody says.
    pub octets: &'a [u8],
}

/// A target: panics where something does not hold.
pub type Target = fn(Input<'_>);

impl<'a> Input<'a> {
    /// What an input is to its target, whose number stands in front of it.
    pub fn read(data: &'a [u8]) -> Option<(usize, Self)> {
        let [target, dice, rest @ ..] = data else { return None };
        let (dice, octets) = rest.split_at(rest.len().min(usize::from(*dice)));
        Some((usize::from(*target), Self { dice: Dice::new(dice), octets }))
    }
}

/// Gives an input to the target that it is for.
pub fn run_target(targets: &[Target], data: &[u8]) {
    let Some((target, input)) = Input::read(data) else { return };
    if let Some(target) = targets.get(target % targets.len()) {
        target(input);
    }
}

/// An input of this target. Of dice it takes 255 at most.
pub fn seed(target: usize, dice: &[u8], octets: &[u8]) -> Vec<u8> {
    let number = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let (target, count) = (number(target), number(dice.len()));
    [&[target, count], &dice[..usize::from(count)], octets].concat()
}

/// Inputs of so many targets, without dice.
pub fn tame_seeds(targets: usize, octets: &[u8]) -> Vec<Vec<u8>> {
    (0..targets).map(|target| seed(target, &[], octets)).collect()
}

/// Comes to the same whole, octet by octet, and cut as the dice fall. Returns what.
pub fn same_under_any_cut<T: PartialEq + fmt::Debug>(
    Input { mut dice, octets }: Input<'_>,
    run: impl Fn(&[&[u8]]) -> T,
) -> T {
    let whole = run(&[octets]);
    assert_eq!(run(&dice.pieces(octets)), whole, "in pieces");
    // A session begins before its first octet comes.
    let one_by_one: Vec<&[u8]> = iter::once(&[][..]).chain(octets.chunks(1)).collect();
    assert_eq!(run(&one_by_one), whole, "octet by octet");
    whole
}

/// The targets of this crate.
pub const TARGETS: &[Target] = &[lines::cut, dots::decode, dots::encode, proxy::read];

/// Inputs for each target of what each side says in a session.
pub fn seeds(client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    [client, server].into_iter().flat_map(|said| tame_seeds(TARGETS.len(), said)).collect()
}

/// Runs one of the [`TARGETS`].
pub fn run(data: &[u8]) {
    run_target(TARGETS, data);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_hold_for_messages_and_for_lines_that_are_none() {
        let seeds: [&[u8]; 8] = [
            b"Subject: x\r\n\r\n.\r\n..x\r\n.\r\nQUIT\r\n",
            b"x\n.\r\n\r.\n\r\n.\r\n",
            b"nul\0\r\n\r\n\n\n01234567890123456789012345678901234567890123456789\r\n",
            b"\r\r\n.\n.\r\n..\r\n.x\r\n",
            b"PROXY TCP4 192.0.2.7 198.51.100.1 51234 25\r\nEHLO x\r\n",
            b"PROXY UNKNOWN\r\n",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x16\xc0\0\x02\x07\xc6\x33\x64\x01\xc8\x22\0\x19\x05\0\x02ab\x04\0\x02xyEHLO",
            b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0EHLO",
        ];
        smoke(run, TARGETS.len(), &seeds);
    }
}
