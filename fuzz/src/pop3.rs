//! The targets of pop3-proto; the first octet chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pop3_proto::fuzzing::run(data));
