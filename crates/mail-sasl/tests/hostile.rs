//! Whatever is said, nobody logs in without the secret, and nothing panics.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use common::{ALL, From, House, SCRAM, bound, client, converse, right, server};
use mail_sasl::{Accounts, Protocol, Step};
use proptest::{collection::vec, prelude::*, sample::select};

/// What somebody does to one message.
#[derive(Debug, Clone)]
enum Harm {
    Cut(usize),
    Change(usize, u8),
    Insert(usize, u8),
    Remove(usize),
}

impl Harm {
    fn applied(&self, message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        let places = message.len().max(1);
        match *self {
            Self::Cut(at) => message.truncate(at % places),
            Self::Change(at, octet) => {
                if let Some(place) = message.get_mut(at % places) {
                    *place = octet;
                }
            }
            Self::Insert(at, octet) => message.insert(at % (message.len() + 1), octet),
            Self::Remove(at) if !message.is_empty() => drop(message.remove(at % places)),
            Self::Remove(_) => {}
        }
        message
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    let octet = || prop_oneof![any::<u8>(), select(b",=npyacrsive\x00\x01".to_vec())];
    prop_oneof![
        (0..400_usize).prop_map(Harm::Cut),
        (0..400_usize, octet()).prop_map(|(at, octet)| Harm::Change(at, octet)),
        (0..400_usize, octet()).prop_map(|(at, octet)| Harm::Insert(at, octet)),
        (0..400_usize).prop_map(Harm::Remove),
    ]
}

/// A host with no guests, and no certificates: only a secret helps.
struct Secrets;

impl Accounts for Secrets {
    fn password(&self, name: &str, password: &mail_sasl::Secret) -> Option<String> {
        House.password(name, password)
    }
    fn keys(&self, name: &str, hash: mail_sasl::Hash) -> Option<mail_sasl::ScramKeys> {
        House.keys(name, hash)
    }
    fn token(&self, name: Option<&str>, token: &mail_sasl::Secret) -> Option<String> {
        House.token(name, token)
    }
}

/// Octets that look like messages, more or less.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        &b"n,"[..],
        b"y,",
        b"p=tls-exporter,",
        b",",
        b"a=ann,",
        b"n=ann,",
        b"r=nonce",
        b"c=biws,",
        b"p=",
        b"v=",
        b"s=QSXC,",
        b"i=4096",
        b"m=x,",
        b"=2C",
        b"=3D",
        b"=",
        b"user=ann",
        b"auth=Bearer ",
        b"\x01",
        b"\0",
        b"ann",
        b"e=other-error",
        b"n",
        b"a",
        b"\xc2\xad",
    ]);
    prop_oneof![vec(piece, 0..8).prop_map(|pieces| pieces.concat()), vec(any::<u8>(), 0..40)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_message_that_was_changed_on_its_way_logs_nobody_in(
        name in select([&SCRAM[..], &["PLAIN", "XOAUTH2"]].concat()),
        target in 0..5_usize,
        harm in harm(),
        protocol in select(vec![Protocol::Smtp, Protocol::Imap]),
    ) {
        let (mut at, mut changed) = (0, false);
        let client = client(&[name], right(name), &bound());
        let (end, believed) = converse(client, &mut server(name), protocol, |_, message| {
            let said = if at == target { harm.applied(message) } else { message.to_vec() };
            changed |= said != message;
            at += 1;
            said
        });
        let logged_in = matches!(end, Some(Step::Done(_)));
        prop_assert_eq!(logged_in, !changed, "{:?} {:?}", end, believed);
        prop_assert!(believed.is_ok() || changed);
    }

    #[test]
    fn a_name_or_password_of_login_that_was_changed_logs_nobody_in(target in 0..2_usize, harm in harm()) {
        let (mut at, mut changed) = (0, false);
        let client = client(&["LOGIN"], right("LOGIN"), &bound());
        let (end, _) = converse(client, &mut server("LOGIN"), Protocol::Smtp, |from, message| {
            if from == From::Server {
                return message.to_vec();
            }
            let said = if at == target { harm.applied(message) } else { message.to_vec() };
            changed |= said != message;
            at += 1;
            said
        });
        prop_assert_eq!(matches!(end, Some(Step::Done(_))), !changed, "{:?}", end);
    }

    #[test]
    fn no_octets_of_a_client_log_in_or_panic(name in select(ALL.to_vec()), said in vec(message(), 1..5)) {
        let mut server = server(name);
        for response in &said {
            prop_assert!(!matches!(server.step(Some(response), &Secrets), Step::Done(_)));
        }
    }

    #[test]
    fn no_octets_of_a_server_make_a_client_of_scram_believe_or_panic(
        name in select(ALL.to_vec()),
        said in vec(message(), 1..5),
        protocol in select(vec![Protocol::Smtp, Protocol::Imap]),
    ) {
        let mut client = client(&[name], right(name), &bound());
        let _ = client.initial(protocol);
        for challenge in &said {
            let _ = client.step(challenge);
        }
        prop_assert!(client.finish().is_err() || !SCRAM.contains(&name));
    }

    #[test]
    fn a_last_message_that_fits_but_for_its_proof_logs_nobody_in(
        name in select(vec!["SCRAM-SHA-1", "SCRAM-SHA-256"]),
        user in select(vec!["ann", "bob"]),
        proof in any::<[u8; 32]>(),
    ) {
        let mut server = server(name);
        let Step::Challenge(first) = server.step(Some(format!("n,,n={user},r=nonce").as_bytes()), &House) else {
            panic!()
        };
        let nonce = first.as_str().unwrap().split(',').next().unwrap().to_owned();
        let octets = if name == "SCRAM-SHA-1" { &proof[..20] } else { &proof[..] };
        let mut encoded = Vec::new();
        mail_sasl::sasl::encode(octets, &mut encoded);
        let last = [format!("c=biws,{nonce},p=").as_bytes(), &encoded].concat();
        prop_assert_eq!(server.step(Some(&last), &House), Step::Failed(mail_sasl::Failure::Refused));
    }
}
