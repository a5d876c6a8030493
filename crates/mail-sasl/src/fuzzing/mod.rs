//! Bodies of the fuzz targets.
#![expect(clippy::panic, clippy::unwrap_used, reason = "what does not hold is told by a panic")]
mod pair;
mod roles;
mod values;

use crate::{Channel, ChannelBinding, Mechanism, kind::Kind};
use mail_wire::fuzzing::{Dice, Target, run_target, tame_seeds};

/// The targets of this crate.
pub const TARGETS: &[Target] = &[roles::server, roles::client, pair::agrees, pair::changed, values::read];

/// Runs one of the [`TARGETS`].
pub fn run(data: &[u8]) {
    run_target(TARGETS, data);
}

/// What one side says, a message a line.
const EXCHANGES: &[&[u8]] = &[
            b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO\nc=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=\n\n",
            b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096\nv=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=\n",
            b"p=tls-exporter,a=b=2Cc,n=u=3Dr,r=fyko\ny,,n=user,r=f\ne=other-error\n",
            b"\0tim\0tanstaaftanstaaf\nn,a=user@example.com,\x01host=a\x01port=143\x01auth=Bearer vF9d\x01\x01\n",
            b"user=a\x01auth=Bearer ya29\x01\x01\n{\"status\":\"401\"}\n\nsirhc\nUser Name\0\nPassword\0\n",
            b"a\xc2\xadb\ne\xcc\x81\nSCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n",
        ];

/// Inputs for each target.
pub fn seeds() -> Vec<Vec<u8>> {
    EXCHANGES.iter().flat_map(|said| tame_seeds(TARGETS.len(), said)).collect()
}

/// A mechanism, as the dice fall.
fn kind(dice: &mut Dice<'_>) -> Kind {
    dice.one_of(&Kind::ALL)
}

fn mechanism(kind: Kind) -> Mechanism {
    Mechanism::new(kind.name()).unwrap()
}

/// Of one connection, seen by either side.
fn channel() -> Channel {
    Channel::tls().binding(ChannelBinding::tls_exporter(&[7; 32]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_hold_for_exchanges_of_each_mechanism() {
        mail_wire::fuzzing::smoke(run, TARGETS.len(), EXCHANGES);
    }
}
