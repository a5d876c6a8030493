//! The certificate that is shown, and those that clients may show.
use crate::config::Config;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use smtp_proto::{ClientName, Domain};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;
use tokio_codec::rustls::{
    self, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{VerifierBuilderError, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio_codec::sasl::ChannelBinding;

/// Why there is no TLS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file cannot be read as PEM.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: pem::Error,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    Generation(#[from] rcgen::Error),
    /// Certificate and key cannot be used.
    #[error("cannot use the certificate: {0}")]
    Unusable(#[from] rustls::Error),
    /// Clients' certificates cannot be held against what is there.
    #[error("cannot use the certificates of {}: {error}", path.display())]
    ClientCa {
        /// The file.
        path: PathBuf,
        /// Why.
        error: VerifierBuilderError,
    },
}

/// The certificate, ready to be shown.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The server's side of TLS, where nobody logs in: no certificate is asked for. Other servers may have some that
    /// are vouched for by whomever.
    pub open: Arc<ServerConfig>,
    /// The same where one logs in: there a client may show a certificate, and does not get in with one that nobody
    /// vouches for.
    pub login: Arc<ServerConfig>,
    /// What ties a login to the certificate.
    pub end_point: Option<ChannelBinding>,
    /// Who vouches for clients' certificates, if anybody does.
    clients: Option<Arc<dyn ClientCertVerifier>>,
}

impl Tls {
    /// The certificate that a client has shown, of this chain, if it is good now.
    ///
    /// TLS has looked at it when it was shown. Whoever resumes a session does not show it again, and may do so from one
    /// session to the next for as long as the server runs
    /// ([RFC 8446 §4.6.1](https://www.rfc-editor.org/rfc/rfc8446#section-4.6.1)).
    pub fn good<'a>(&self, shown: &'a [CertificateDer<'a>]) -> Option<&'a CertificateDer<'a>> {
        let (certificate, chain) = shown.split_first()?;
        let now = self.login.time_provider.current_time()?;
        let verified = self.clients.as_ref()?.verify_client_cert(certificate, chain, now);
        verified.map_err(|error| tracing::info!(%error, "a client's certificate is good no longer")).ok()?;
        Some(certificate)
    }
}

/// The configured certificate, or the self-signed one in the data folder, which is made if need be.
///
/// # Errors
///
/// The files cannot be read, written or used.
pub fn server_config(config: &Config) -> Result<Tls, TlsError> {
    let (certificate, key) = match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ => {
            let (certificate, key) = (config.data.join("cert.pem"), config.data.join("key.pem"));
            if !(certificate.exists() && key.exists()) {
                generate(&config.hostname, &certificate, &key)?;
            }
            (certificate, key)
        }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::Unreadable { path: certificate, error })?;
    let key =
        PrivateKeyDer::from_pem_file(&key).map_err(|error| TlsError::Unreadable { path: key, error })?;
    let end_point = chain.first().and_then(|own| ChannelBinding::tls_server_end_point(own));
    let open = ServerConfig::builder().with_no_client_auth();
    let open = Arc::new(open.with_single_cert(chain.clone(), key.clone_key())?);
    let clients = config.tls.client_ca.as_deref().map(vouched_for_by).transpose()?;
    let login = match &clients {
        Some(clients) => {
            let login = ServerConfig::builder().with_client_cert_verifier(Arc::clone(clients));
            Arc::new(login.with_single_cert(chain, key)?)
        }
        None => Arc::clone(&open),
    };
    Ok(Tls { open, login, end_point, clients })
}

/// Takes clients that show no certificate, or one that these vouch for.
fn vouched_for_by(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let unreadable = |error| TlsError::Unreadable { path: path.to_owned(), error };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        roots.add(certificate.map_err(unreadable)?)?;
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build();
    verifier.map_err(|error| TlsError::ClientCa { path: path.to_owned(), error })
}

/// Makes a self-signed certificate for this machine.
fn generate(hostname: &str, certificate: &Path, key: &Path) -> Result<(), TlsError> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".into(), "::1".into()];
    let hostname = subject(hostname);
    if !names.contains(&hostname) {
        names.push(hostname);
    }
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names)?;
    write(key, &signing_key.serialize_pem(), 0o600)?;
    write(certificate, &cert.pem(), 0o644)
}

/// What a certificate calls the host: the address alone where an address literal is its name.
fn subject(hostname: &str) -> String {
    let name = ClientName::new(hostname).ok();
    match name.as_ref().and_then(ClientName::domain) {
        Some(Domain::Ipv4(address)) => address.to_string(),
        Some(Domain::Ipv6(address)) => address.to_string(),
        _ => hostname.to_owned(),
    }
}

/// Writes a file beside its place and puts it there, so that nobody reads half of it, a crash or not.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let beside = path.with_extension("pem.new");
    // One that a crash left would keep its own mode.
    let _ = fs::remove_file(&beside);
    let written =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, path)
        });
    written.map_err(|error| TlsError::Unwritable { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_certificate_names_the_address_of_a_host_that_has_no_name() {
        assert_eq!(subject("[192.0.2.1]"), "192.0.2.1");
        assert_eq!(subject("[IPv6:2001:db8::1]"), "2001:db8::1");
        assert_eq!(subject("mx.example.net"), "mx.example.net");
    }

    #[test]
    fn a_key_is_its_owners_even_where_a_crash_left_one_that_was_not() {
        let dir = std::env::temp_dir().join(format!("mail-server-tls-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let beside = dir.join("key.pem.new");
        fs::write(&beside, "half").unwrap();
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o644)).unwrap();
        write(&dir.join("key.pem"), "whole", 0o600).unwrap();
        assert_eq!(fs::metadata(dir.join("key.pem")).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(dir).unwrap();
    }
}
