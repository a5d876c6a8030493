//! The first start: an account to try the server with.
use crate::{
    accounts::Credentials,
    auth,
    config::Config,
    server::{Addresses, Service},
    store::{Address, Store},
};
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    error::Error,
    fmt::{self, Display, Write as _},
    io::{self, Write as _},
};
use tokio_codec::sasl::Secret;

/// Letters and digits that are not mistaken for each other: 32 of them, five bits each.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789X";

/// Makes the demo account where there is none at all, and prints lines to try.
///
/// # Errors
///
/// The store cannot be read or written.
pub async fn welcome<S: Store>(
    store: &S,
    addresses: &Addresses,
    config: &Config,
) -> Result<(), Box<dyn Error>> {
    if !store.accounts().await?.is_empty() {
        return Ok(());
    }
    let address: Address = "demo@localhost".parse()?;
    let password = random_password()?;
    let secret = Secret::copy_from(password.as_bytes());
    let credentials = auth::hashing(move || Credentials::new(&secret)).await??;
    store.add_account(&address, &credentials).await?;

    let mut text = String::new();
    lines_to_try(&mut text, &address, &password, addresses, config)?;
    if let Err(error) = io::stdout().lock().write_all(text.as_bytes()) {
        // The password is nowhere else: nobody will ever know it.
        tracing::warn!(%error, account = %address, "made an account and could not print its password");
    }
    Ok(())
}

/// How to log in as `address`, and what to try.
fn lines_to_try(
    out: &mut String,
    address: &Address,
    password: &str,
    addresses: &Addresses,
    config: &Config,
) -> fmt::Result {
    let data = quoted(config.data.display());
    let certificate = config.tls.certificate.clone().unwrap_or_else(|| config.data.join("cert.pem"));
    let certificate = quoted(certificate.display());
    writeln!(out, "Made the account {address} with the password {password}")?;
    writeln!(
        out,
        "(told this once: only keys made of it are kept). Add others, also while the server runs:"
    )?;
    writeln!(out, "  echo PASSWORD | mail-server account add NAME@DOMAIN --password-stdin --data {data}")?;
    writeln!(out, "\nTry:")?;
    if let Some(smtp) = addresses.of(Service::Smtp) {
        writeln!(
            out,
            "  printf 'Subject: hello\\r\\n\\r\\nIt works.\\r\\n' | curl -sS smtp://{smtp} --mail-from you@example.org --mail-rcpt {address} -T -"
        )?;
    }
    if let Some(pop3s) = addresses.of(Service::Pop3s) {
        writeln!(
            out,
            "  curl -sS --cacert {certificate} --user {address}:{password} pop3s://localhost:{}/1",
            pop3s.port()
        )?;
    }
    if let Some(imaps) = addresses.of(Service::Imaps) {
        writeln!(
            out,
            "  curl -sS --cacert {certificate} --user {address}:{password} 'imaps://localhost:{}/INBOX;MAILINDEX=1'",
            imaps.port()
        )?;
    }
    if let Some(submissions) = addresses.of(Service::Submissions) {
        writeln!(
            out,
            "  printf 'Subject: to myself\\r\\n\\r\\nLogged in.\\r\\n' | curl -sS --cacert {certificate} --user {address}:{password} smtps://localhost:{} --mail-from {address} --mail-rcpt {address} -T -",
            submissions.port()
        )?;
    }
    writeln!(out)
}

/// A path as a shell takes it for one word.
fn quoted(path: impl Display) -> String {
    let path = path.to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// Sixteen letters: eighty bits.
fn random_password() -> Result<String, Box<dyn Error>> {
    let mut octets = [0_u8; 16];
    SystemRandom::new().fill(&mut octets).map_err(|_| "no random numbers to be had")?;
    let letter = |octet: &u8| LETTERS.get(usize::from(octet % 32)).copied().map(char::from);
    Ok(octets.iter().filter_map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_to_try_name_the_certificate_that_is_shown() {
        let mut config = Config { data: "my mail's".into(), ..Config::default() };
        let address = "demo@localhost".parse().unwrap();
        let told = |config: &Config| {
            let mut text = String::new();
            let addresses = Addresses::listening(Service::Pop3s, "127.0.0.1:2995".parse().unwrap());
            lines_to_try(&mut text, &address, "secret", &addresses, config).unwrap();
            text
        };
        assert!(told(&config).contains(r"--cacert 'my mail'\''s/cert.pem' "), "{}", told(&config));
        config.tls.certificate = Some("/etc/ssl/mail.pem".into());
        assert!(told(&config).contains("--cacert /etc/ssl/mail.pem --user"), "{}", told(&config));
    }

    #[test]
    fn passwords_have_sixteen_letters_and_differ() {
        let (one, other) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 16);
        assert_ne!(one, other);
    }
}
