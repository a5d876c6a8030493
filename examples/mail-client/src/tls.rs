//! Whom to trust.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;
use tokio_codec::rustls::{
    self, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem, pem::PemObject},
};

/// Why nobody can be trusted.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    /// The file of `--ca` cannot be read.
    #[error("cannot read certificates from {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The file holds no certificate.
    #[error("{} holds no certificate", .0.display())]
    None(PathBuf),
    /// A certificate in it is none.
    #[error("a certificate in {} is broken", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// Trusts those whom browsers trust, and those in the file.
pub(crate) fn config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = ca {
        let failed = |source| TlsError::File { path: path.to_owned(), source };
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
            let broken = |source| TlsError::Broken { path: path.to_owned(), source };
            roots.add(certificate.map_err(failed)?).map_err(broken)?;
        }
        if roots.len() == before {
            return Err(TlsError::None(path.to_owned()));
        }
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}
