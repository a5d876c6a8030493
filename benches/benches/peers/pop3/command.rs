//! Commands: row m.
use crate::contest::{Row, Than};
use benches::pop3 as input;
use bytes::{Bytes, BytesMut};
use mail_wire::line::{Framed, LineEnding, LineFramer};
use pop3_proto::Command;
use std::{hint::black_box, rc::Rc};

/// Commands of sessions.
pub(crate) fn session() -> Row {
    let units = Rc::new(input::commands());
    let lines = units.lines();
    for (unit, line) in units.each().iter().zip(&lines) {
        let (_, command) = pop3_codec::parse::command(unit).unwrap();
        let written = Bytes::from(command.serialize());
        let written = written.slice(..written.len() - if written.ends_with(b"\r\n") { 2 } else { 0 });
        assert_eq!(Command::parse(&written).unwrap(), Command::parse(line).unwrap(), "pop3-codec");
    }
    let [whole, codec] = [(); 2].map(|()| Rc::clone(&units));
    let mut input = BytesMut::new();
    Row::new("m", "POP3 commands", units.len(), units.block().len())
        .ours("parsed", move || {
            for line in &lines {
                black_box(Command::parse(black_box(line)).unwrap());
            }
        })
        .ours("framed, parsed", move || {
            let mut framer = LineFramer::new(4096, LineEnding::Crlf);
            input.extend_from_slice(black_box(whole.block()));
            while let Framed::Line(line) = framer.next(&mut input) {
                black_box(Command::parse(&line).unwrap());
            }
        })
        .owned("pop3-codec", move || {
            for unit in codec.each() {
                black_box(pop3_codec::parse::command(black_box(unit)).unwrap());
            }
        })
        .mark("parsed", Than::Owned, 3.0)
        .because(
            "a password is copied to the heap to be wiped, twice the time of another command; of those, most of some 9 ns \
             is to hand on and drop a value of 72 octets.",
        )
}
