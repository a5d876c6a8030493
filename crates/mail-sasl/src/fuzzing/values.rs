//! Values, read and written.
use crate::{
    ChannelBinding, ScramKeys, prepare,
    scram::{
        Hash,
        message::{client_first, is_client_final, is_verifier, server_error, server_first},
        name,
    },
};
use mail_wire::fuzzing::Input;

/// What is read reads back equal, and nothing panics.
pub(super) fn read(Input { octets, .. }: Input<'_>) {
    if let Ok(keys) = ScramKeys::parse(octets) {
        assert_eq!(ScramKeys::parse(keys.encode().as_bytes()), Ok(keys));
    }
    if let Some(read) = name::decode(octets) {
        assert_eq!(name::encode(&read).as_bytes(), octets);
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        if let Ok(prepared) = prepare::name(text) {
            assert_eq!(prepare::name(&prepared).as_ref(), Ok(&prepared), "prepared twice");
        }
    }
    if let Some(first) = client_first(octets) {
        assert!(!first.name.is_empty() && first.authorization.is_none_or(|name| !name.is_empty()));
    }
    let _ = (server_first(octets), is_verifier(octets), server_error(octets));
    let _ = [Hash::Sha1, Hash::Sha256].map(|hash| is_client_final(hash, octets));
    let _ = ChannelBinding::tls_server_end_point(octets);
}
