//! Whom to trust, and what to show.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;
use tokio_codec::rustls::{
    self, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

/// Why nobody can be trusted, or nothing shown.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    /// The file of `--ca`, `--cert` or `--key` cannot be read.
    #[error("cannot read certificates or a key from {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The file holds no certificate.
    #[error("{} holds no certificate", .0.display())]
    None(PathBuf),
    /// A certificate in it is none, or is not the key's.
    #[error("a certificate in {} is broken, or of another key", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// A certificate to show, and the file of its private key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) certificate: &'a Path,
    pub(crate) key: &'a Path,
}

impl Identity<'_> {
    fn read(self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let failed = |path: &Path, source| TlsError::File { path: path.to_owned(), source };
        let chain: Vec<_> = CertificateDer::pem_file_iter(self.certificate)
            .and_then(Iterator::collect)
            .map_err(|source| failed(self.certificate, source))?;
        if chain.is_empty() {
            return Err(TlsError::None(self.certificate.to_owned()));
        }
        let key = PrivateKeyDer::from_pem_file(self.key).map_err(|source| failed(self.key, source))?;
        Ok((chain, key))
    }
}

/// Trusts those whom browsers trust, and those in the file; shows the certificate to servers that ask for one.
pub(crate) fn config(
    ca: Option<&Path>,
    identity: Option<Identity<'_>>,
) -> Result<Arc<ClientConfig>, TlsError> {
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
    let builder = ClientConfig::builder().with_root_certificates(roots);
    Ok(Arc::new(match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let broken = |source| TlsError::Broken { path: identity.certificate.to_owned(), source };
            let (chain, key) = identity.read()?;
            builder.with_client_auth_cert(chain, key).map_err(broken)?
        }
    }))
}
