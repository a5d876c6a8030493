//! The connection that an exchange goes over, and what ties it to that.
use crate::certificate;
use mail_wire::{Secret, Security};
use rsasl::prelude::ChannelBindingCallback;

/// The connection that an exchange goes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    security: Security,
    bindings: Vec<ChannelBinding>,
}

impl Channel {
    /// In clear: whoever is on the way can read what is said.
    pub fn clear() -> Self {
        Self { security: Security::Clear, bindings: Vec::new() }
    }

    /// By TLS.
    pub fn tls() -> Self {
        Self { security: Security::Tls, bindings: Vec::new() }
    }

    /// A channel binding that the connection has. A client prefers the first one.
    pub fn binding(mut self, binding: ChannelBinding) -> Self {
        self.bindings.push(binding);
        self
    }

    /// Is it encrypted?
    pub fn security(&self) -> Security {
        self.security
    }

    /// Its channel bindings.
    pub fn bindings(&self) -> &[ChannelBinding] {
        &self.bindings
    }
}

/// What both ends of one TLS connection know, and nobody between them
/// ([RFC 5056](https://www.rfc-editor.org/rfc/rfc5056)).
///
/// The mechanisms that end with `-PLUS` prove that both sides see the same: who stands between them and speaks TLS
/// to both is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelBinding {
    kind: BindingKind,
    data: Secret,
}

/// The types of channel bindings that are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BindingKind {
    /// `tls-exporter` ([RFC 9266](https://www.rfc-editor.org/rfc/rfc9266)).
    TlsExporter,
    /// `tls-server-end-point` ([RFC 5929 §4](https://www.rfc-editor.org/rfc/rfc5929#section-4)).
    TlsServerEndPoint,
}

impl BindingKind {
    /// The name as it is registered.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TlsExporter => "tls-exporter",
            Self::TlsServerEndPoint => "tls-server-end-point",
        }
    }
}

impl ChannelBinding {
    /// Of the 32 octets that TLS exports with the label `EXPORTER-Channel-Binding` and an empty context.
    ///
    /// By TLS 1.3, or by TLS 1.2 with the extended master secret and no renegotiation: else they prove nothing.
    pub fn tls_exporter(exported: &[u8; 32]) -> Self {
        Self { kind: BindingKind::TlsExporter, data: Secret::copy_from(exported) }
    }

    /// Of the certificate that the server has shown, as DER.
    ///
    /// There is none where the certificate's signature has no hash function of its own, as with Ed25519, or one that is
    /// not known here.
    pub fn tls_server_end_point(certificate: &[u8]) -> Option<Self> {
        let data = certificate::hash(certificate)?;
        Some(Self { kind: BindingKind::TlsServerEndPoint, data: Secret::from(data) })
    }

    /// What both ends must agree on.
    pub fn data(&self) -> &Secret {
        &self.data
    }

    /// Its type.
    pub fn kind(&self) -> BindingKind {
        self.kind
    }
}

/// The bindings of one connection, the preferred one first.
pub(crate) struct Bindings(pub(crate) Vec<ChannelBinding>);

impl Bindings {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get_cb_data(name).is_some()
    }
}

impl ChannelBindingCallback for Bindings {
    fn get_cb_data(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|binding| binding.kind.as_str() == name).map(|binding| binding.data.as_bytes())
    }
}
