//! The certificate that is shown.
use crate::config::Config;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;
use tokio_codec::rustls::{
    self, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

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
}

/// The configured certificate, or the self-signed one in the data folder, which is made if need be.
///
/// # Errors
///
/// The files cannot be read, written or used.
pub fn server_config(config: &Config) -> Result<Arc<ServerConfig>, TlsError> {
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
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::Unreadable { path: certificate, error })?;
    let key =
        PrivateKeyDer::from_pem_file(&key).map_err(|error| TlsError::Unreadable { path: key, error })?;
    Ok(Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?))
}

/// Makes a self-signed certificate for this machine.
fn generate(hostname: &str, certificate: &Path, key: &Path) -> Result<(), TlsError> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".into(), "::1".into()];
    if !names.iter().any(|name| name == hostname) {
        names.push(hostname.to_owned());
    }
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names)?;
    write(key, &signing_key.serialize_pem(), 0o600)?;
    write(certificate, &cert.pem(), 0o644)
}

/// Writes a file beside its place and puts it there, so that nobody reads half of it.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let beside = path.with_extension("pem.new");
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(mode);
    options
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| TlsError::Unwritable { path: path.to_owned(), error })
}
