//! The reply to EHLO: row j.
use crate::contest::{Row, Than};
use benches::{Units, smtp as input};
use bytes::BytesMut;
use peer_smtp_proto as peer;
use smtp_proto::{
    Capabilities, Deviations, Extension, Leniency, Reply, ReplyReader,
    line::{Framed, LineEnding, LineFramer},
};
use std::{hint::black_box, rc::Rc};

/// A reply of 11 lines.
pub(crate) fn offer() -> Row {
    let units = Rc::new(input::offer());
    let found = ours(&units);
    let proto = peer::EhloResponse::parse(&mut units.block().iter()).unwrap();
    assert_eq!(found.size_limit(), Some(proto.size as u64));
    assert_eq!(found.mechanisms().count() as u32, proto.auth_mechanisms.count_ones());
    for (extension, bit) in [
        (Extension::Pipelining, peer::EXT_PIPELINING),
        (Extension::Size, peer::EXT_SIZE),
        (Extension::StartTls, peer::EXT_START_TLS),
        (Extension::EightBitMime, peer::EXT_8BIT_MIME),
        (Extension::Dsn, peer::EXT_DSN),
        (Extension::SmtpUtf8, peer::EXT_SMTP_UTF8),
    ] {
        assert!(found.has(extension) && proto.capabilities & bit != 0);
    }
    let (_, codec) = smtp_codec::parse::response::ehlo_ok_rsp(units.block()).unwrap();
    let smtp_codec::types::Response::Ehlo { capabilities, .. } = codec else { panic!("no EHLO") };
    assert_eq!(capabilities.len(), 10);

    let [whole, framed, borrowed, codec] = [(); 4].map(|()| Rc::clone(&units));
    let mut input = BytesMut::new();
    Row::new("j", "EHLO reply of 11 lines", 1, units.block().len())
        .ours("parsed", move || ours(&whole))
        .ours("framed, parsed", move || {
            let mut framer = LineFramer::new(4096, LineEnding::Crlf);
            let (mut reader, mut deviations) = (ReplyReader::new(4096), Deviations::new());
            input.extend_from_slice(black_box(framed.block()));
            while let Framed::Line(line) = framer.find(&mut input) {
                let reply = reader.push(line, Leniency::STRICT, &mut deviations).unwrap();
                if let Some(reply) = reply {
                    black_box(Capabilities::parse(&reply, Leniency::STRICT, &mut deviations).unwrap());
                }
            }
        })
        .owned("smtp-proto", move || {
            black_box(peer::EhloResponse::parse(&mut black_box(borrowed.block()).iter()).unwrap());
        })
        .owned("smtp-codec", move || {
            black_box(smtp_codec::parse::response::ehlo_ok_rsp(black_box(codec.block())).unwrap());
        })
        .mark("parsed", Than::Owned, 2.0)
        .because(
            "as fast as smtp-proto, which keeps bits and drops what it does not know. Ours is a reply first, whose lines \
             are checked and stay where they are, then an offer that shares them, with unknown lines and all parameters; \
             the two references to the block are 24 of some 160 ns. A session reads it once or twice.",
        )
}

fn ours(units: &Units) -> Capabilities {
    let mut deviations = Deviations::new();
    let reply = Reply::parse(black_box(units.block()), Leniency::STRICT, &mut deviations).unwrap();
    Capabilities::parse(&reply, Leniency::STRICT, &mut deviations).unwrap()
}
