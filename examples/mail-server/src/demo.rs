//! The first start: an account to try the server with.
use crate::{
    accounts::{Credentials, Password},
    auth,
    config::Config,
    server::{Addresses, Service},
    store::{Address, Store},
};
use ring::rand::{SecureRandom, SystemRandom};
use std::error::Error;

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
    let secret = Password::from(password.as_str());
    let credentials = auth::hashing(move || Credentials::new(&secret)).await??;
    store.add_account(&address, &credentials).await?;

    let certificate = config.data.join("cert.pem");
    println!("Made the account {address} with the password {password}");
    println!("(told this once: only its hash is kept). Add others, also while the server runs:");
    let data = config.data.display();
    println!("  echo PASSWORD | mail-server account add NAME@DOMAIN --password-stdin --data {data}");
    println!("\nTry:");
    if let Some(smtp) = addresses.of(Service::Smtp) {
        println!(
            "  printf 'Subject: hello\\r\\n\\r\\nIt works.\\r\\n' | curl -sS smtp://{smtp} --mail-from you@example.org --mail-rcpt {address} -T -"
        );
    }
    if let Some(pop3s) = addresses.of(Service::Pop3s) {
        let port = pop3s.port();
        println!(
            "  curl -sS --cacert {} --user {address}:{password} pop3s://localhost:{port}/1",
            certificate.display()
        );
    }
    if let Some(submissions) = addresses.of(Service::Submissions) {
        let port = submissions.port();
        println!(
            "  printf 'Subject: to myself\\r\\n\\r\\nLogged in.\\r\\n' | curl -sS --cacert {} --user {address}:{password} smtps://localhost:{port} --mail-from {address} --mail-rcpt {address} -T -",
            certificate.display()
        );
    }
    println!();
    Ok(())
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
    fn passwords_have_sixteen_letters_and_differ() {
        let (one, other) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 16);
        assert_ne!(one, other);
    }
}
