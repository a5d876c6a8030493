//! The targets of smtp-proto; the first octet chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| smtp_proto::fuzzing::run(data));
