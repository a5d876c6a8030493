//! SCRAM as RFC 5802 writes it down, by nobody's library, and the examples of the RFCs.
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use mail_sasl::Hash;
use sha1::{Digest, Sha1};
use sha2::Sha256;

fn hmac(hash: Hash, key: &[u8], text: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => {
            Hmac::<Sha1>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
        }
        Hash::Sha256 => {
            Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
        }
    }
}

fn digest(hash: Hash, text: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => Sha1::digest(text).to_vec(),
        Hash::Sha256 => Sha256::digest(text).to_vec(),
    }
}

fn xor(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).map(|(a, b)| a ^ b).collect()
}

/// `Hi` by its definition: U1 = HMAC(str, salt + INT(1)), U2 = HMAC(str, U1), .., and all of them XORed.
fn hi(hash: Hash, password: &[u8], salt: &[u8], iterations: u32) -> Vec<u8> {
    let mut last = hmac(hash, password, &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = last.clone();
    for _ in 1..iterations {
        last = hmac(hash, password, &last);
        sum = xor(&sum, &last);
    }
    sum
}

/// The client of the RFCs' examples: its own nonce, `n,,`. Returns (proof, signature of the server).
pub(crate) fn prove(hash: Hash, bare: &str, server_first: &str) -> (String, String) {
    let field = |name| server_first.split(',').find_map(|field| field.strip_prefix(name)).unwrap();
    let salted = hi(hash, b"pencil", &STANDARD.decode(field("s=")).unwrap(), field("i=").parse().unwrap());
    let without_proof = format!("c=biws,r={}", field("r="));
    let said = [bare, server_first, &without_proof].join(",");
    let client_key = hmac(hash, &salted, b"Client Key");
    let proof = xor(&client_key, &hmac(hash, &digest(hash, &client_key), said.as_bytes()));
    let signature = hmac(hash, &hmac(hash, &salted, b"Server Key"), said.as_bytes());
    (format!("{without_proof},p={}", STANDARD.encode(proof)), format!("v={}", STANDARD.encode(signature)))
}

pub(crate) const RFC_5802: (Hash, &str, &str, &str, &str, &str) = (
    Hash::Sha1,
    "SCRAM-SHA-1",
    "n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
);
pub(crate) const RFC_7677: (Hash, &str, &str, &str, &str, &str) = (
    Hash::Sha256,
    "SCRAM-SHA-256",
    "n=user,r=rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
);
