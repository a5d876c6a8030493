//! The targets of mail-wire; the first octet chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mail_wire::fuzzing::run(data));
