//! The workspace's own client machine delivers to Postfix and Dovecot.

use super::Scenario;
use crate::client::{self, Envelope, Login, Protocol, Target, Tls};
use crate::failure::{During, Outcome, ensure};
use crate::message;
use crate::server::{ALICE, BOB, FOREIGN, PASSWORD, UNKNOWN};
use crate::servers::{self, Dovecot, Identity, Postfix};
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("client machine: SMTP to Postfix", |stage| to_postfix(stage, Wanted::Clear)),
    Scenario::new("client machine: SMTP to Postfix, STARTTLS", |stage| to_postfix(stage, Wanted::StartTls)),
    Scenario::new("client machine: LMTP to Dovecot, an answer for each recipient", to_dovecot_lmtp),
    Scenario::new("client machine: submission to Dovecot, STARTTLS, AUTH PLAIN", |stage| {
        to_dovecot_submission(stage, "PLAIN")
    }),
    Scenario::new("client machine: submission to Dovecot, STARTTLS, AUTH LOGIN", |stage| {
        to_dovecot_submission(stage, "LOGIN")
    }),
];

/// The fields that Postfix and Dovecot put before a message. (To one recipient, Dovecot would add Delivered-To.)
const DOVECOT_TRACE: &[&str] = &["Return-Path", "Received"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Clear,
    StartTls,
}

fn to_postfix(stage: &Stage, wanted: Wanted) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let _postfix = Postfix::start(stage, &identity)?;
    let tls = match wanted {
        Wanted::Clear => Tls::Never,
        Wanted::StartTls => Tls::StartTls(identity.certificate.clone()),
    };
    let address = servers::address("POSTFIX_SMTP")?;
    let target = Target { address, protocol: Protocol::Smtp, tls, login: None };
    deliver(&target, &dovecot, UNKNOWN)?;
    let log = std::fs::read_to_string(stage.path("postfix.log"))?;
    let encrypted = log.contains("TLS connection established from");
    ensure!(encrypted == (wanted == Wanted::StartTls), "Postfix' log tells of TLS: {encrypted}");
    Ok(())
}

fn to_dovecot_lmtp(stage: &Stage) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let address = servers::address("DOVECOT_LMTP")?;
    let target = Target { address, protocol: Protocol::Lmtp, tls: Tls::Never, login: None };
    deliver(&target, &dovecot, UNKNOWN)
}

/// Dovecot's submission takes each command to Postfix and hands back its answer.
fn to_dovecot_submission(stage: &Stage, mechanism: &'static str) -> Outcome {
    let identity = Identity::create(stage)?;
    let dovecot = Dovecot::start(stage, &identity)?;
    let _postfix = Postfix::start(stage, &identity)?;
    let target = Target {
        address: servers::address("DOVECOT_SUBMISSION")?,
        protocol: Protocol::Smtp,
        tls: Tls::StartTls(identity.certificate.clone()),
        login: Some(Login { mechanism, user: ALICE.to_owned(), password: PASSWORD.to_owned() }),
    };
    deliver(&target, &dovecot, UNKNOWN)?;

    let wrong = Target {
        login: Some(Login { mechanism, user: ALICE.to_owned(), password: "wrong".to_owned() }),
        ..target
    };
    let envelope = Envelope { from: ALICE.to_owned(), to: vec![BOB.to_owned()] };
    let refused = client::send(&wrong, &envelope, b"Subject: x\r\n\r\n").is_err();
    ensure!(refused, "a wrong password is no error");
    Ok(())
}

/// Sends every sample to Alice, to someone unknown and to Bob, and reads what Dovecot stored.
fn deliver(target: &Target, dovecot: &Dovecot, unknown: &str) -> Outcome {
    let recipients = [ALICE, unknown, BOB].map(str::to_owned).to_vec();
    let envelope = Envelope { from: FOREIGN.to_owned(), to: recipients.clone() };
    let mut samples = message::samples();
    // Postfix completes a message that begins with something else than a header.
    samples.extend(message::odd_samples().into_iter().filter(|sample| sample.octets.starts_with(b"From: ")));
    for sample in &samples {
        let outcomes =
            client::send(target, &envelope, &sample.octets).during(format!("sending `{}`", sample.name))?;
        let told: Vec<&String> = outcomes.iter().map(|outcome| &outcome.recipient).collect();
        ensure!(told == recipients.iter().collect::<Vec<_>>(), "the outcomes are for {told:?}");
        for outcome in &outcomes {
            let expected = if outcome.recipient == unknown { 550 } else { 250 };
            ensure!(
                outcome.code == expected,
                "`{}` to {}: {} {} and not {expected}",
                sample.name,
                outcome.recipient,
                outcome.code,
                outcome.text
            );
        }
    }
    for account in [ALICE, BOB] {
        let stored = dovecot.delivered(account, samples.len())?;
        message::check_all_present(&stored, &samples, DOVECOT_TRACE)
            .during(format!("in the mail of {account}"))?;
    }
    Ok(())
}
