//! Whatever octets a mechanism says, the other side hears those.
use mail_wire::{
    Secret,
    sasl::{Response, decode, decode_initial, encode, encode_initial, initial_len},
};
use proptest::prelude::*;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

fn odd_line() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"Aa4+/=* ".to_vec()), 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_response_and_a_challenge_come_through(octets in octets()) {
        let (mut line, mut response) = (Vec::new(), Vec::new());
        encode(&octets, &mut line);
        let secret = Secret::copy_from(&octets);
        Response::Data(secret.clone()).encode(&mut response);
        prop_assert_eq!(&line, &response);
        prop_assert!(line.iter().all(|octet| octet.is_ascii_alphanumeric() || b"+/=".contains(octet)), "one line");
        prop_assert_eq!(decode(&line), Ok(secret.clone()));
        prop_assert_eq!(Response::parse(&line), Ok(Response::Data(secret)));
    }

    #[test]
    fn an_initial_response_comes_through_in_the_length_that_was_told(octets in octets()) {
        let mut argument = Vec::new();
        encode_initial(&octets, &mut argument);
        prop_assert_eq!(argument.len(), initial_len(octets.len()));
        prop_assert!(!argument.is_empty(), "an initial response that is empty is not absent");
        prop_assert_eq!(decode_initial(&argument), Ok(Secret::copy_from(&octets)));
    }

    #[test]
    fn there_is_one_way_to_write_a_response(line in odd_line()) {
        // What is taken is what we would have written: no two lines stand for one response.
        if let Ok(response) = Response::parse(&line) {
            let mut again = Vec::new();
            response.encode(&mut again);
            prop_assert_eq!(again, line);
        }
    }

    #[test]
    fn no_line_of_a_peer_makes_the_reader_panic(line in prop::collection::vec(any::<u8>(), 0..64)) {
        let is_base64 = line.len() % 4 == 0 && line.iter().all(|o| o.is_ascii_alphanumeric() || b"+/=".contains(o));
        if Response::parse(&line).is_ok() {
            prop_assert!(is_base64 || line == b"*");
        }
        if decode_initial(&line).is_ok() {
            prop_assert!(is_base64 || line == b"=");
        }
    }
}
