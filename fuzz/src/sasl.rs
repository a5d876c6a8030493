//! The targets of mail-sasl; the first octet chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mail_sasl::fuzzing::run(data));
