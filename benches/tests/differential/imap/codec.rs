//! Reads units of IMAP as imap-codec does. It writes again what it has read, and that is read here: what it means must be
//! what the unit means.
use super::read;
use crate::meaning::{Answer, Refusal};
use bytes::Bytes;
use imap_codec::{CommandCodec, ResponseCodec, decode::Decoder, encode::Encoder};

fn written<C: Encoder>(codec: &C, message: &C::Message<'_>) -> Bytes {
    codec.encode(message).dump().into()
}

/// What it means, read again here.
fn again(written: &Bytes, read: fn(&Bytes) -> Answer) -> Answer {
    read(written).map_err(|refusal| {
        Refusal::of_peer(format!("writes {} for it, where {refusal} is missing", written.escape_ascii()))
    })
}

/// A command.
pub(super) fn command(unit: &Bytes) -> Answer {
    match CommandCodec::default().decode(unit) {
        Ok(([], command)) => again(&written(&CommandCodec::default(), &command), read::command),
        Ok(_) => Err(Refusal::of_peer("octets left")),
        Err(_) => Err(Refusal::of_peer("an error")),
    }
}

/// A response.
pub(super) fn response(unit: &Bytes) -> Answer {
    match ResponseCodec::default().decode(unit) {
        Ok(([], response)) => again(&written(&ResponseCodec::default(), &response), read::response),
        Ok(_) => Err(Refusal::of_peer("octets left")),
        Err(_) => Err(Refusal::of_peer("an error")),
    }
}

/// The command as each side writes it.
pub(super) fn written_commands(unit: &Bytes) -> Vec<Bytes> {
    let ours = read::parsed_command(unit).ok().map(|(tag, command)| {
        let mut wire = Vec::new();
        command.encode(&tag, &imap_proto::Wire::new(), &mut wire);
        Bytes::from(wire)
    });
    let codec = CommandCodec::default();
    let theirs = codec.decode(unit).ok().map(|(_, command)| written(&codec, &command));
    ours.into_iter().chain(theirs).collect()
}

/// The response as each side writes it.
pub(super) fn written_responses(unit: &Bytes) -> Vec<Bytes> {
    let ours = read::parsed_response(unit).ok().map(|response| {
        let mut wire = Vec::new();
        response.encode(&imap_proto::Wire::new(), &mut wire);
        Bytes::from(wire)
    });
    let codec = ResponseCodec::default();
    let theirs = codec.decode(unit).ok().map(|(_, response)| written(&codec, &response));
    ours.into_iter().chain(theirs).collect()
}
