//! The targets of imap-proto; the first octet chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| imap_proto::fuzzing::run(data));
