//! What a login may be tied to.
use super::Connection;
use crate::Stream;
use mail_sasl::{Channel, ChannelBinding};
use mail_wire::Machine;
use tokio_rustls::{
    TlsStream,
    rustls::{self, ConnectionCommon, ProtocolVersion},
};

// rule rfc9266 2 exporter-label: what TLS exports is exported by this label [instead: b""]
/// The label of [RFC 9266 §2](https://www.rfc-editor.org/rfc/rfc9266#section-2).
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

impl<Io, M: Machine> Connection<Io, M> {
    /// What a login goes over: in clear or by TLS, and what ties it to this one connection.
    ///
    /// By TLS 1.3 there is `tls-exporter`. A client has `tls-server-end-point` too, of the certificate that the server has
    /// shown. TLS does not tell a server which of its own it has shown: a server that has but one adds it by
    /// [`Channel::binding`] and [`ChannelBinding::tls_server_end_point`].
    pub fn channel(&self) -> Channel {
        let (exporter, end_point) = match &self.stream {
            Stream::Clear(_) | Stream::Broken => return Channel::clear(),
            Stream::Tls(tls) => match tls.as_ref() {
                TlsStream::Client(tls) => {
                    let tls = tls.get_ref().1;
                    (exporter(tls), tls.peer_certificates().and_then(end_point))
                }
                TlsStream::Server(tls) => (exporter(tls.get_ref().1), None),
            },
        };
        // rule rfc9266 3 default: what TLS exports is preferred where there is TLS 1.3 [instead: [end_point, exporter]]
        [exporter, end_point].into_iter().flatten().fold(Channel::tls(), Channel::binding)
    }
}

fn exporter<Data>(tls: &ConnectionCommon<Data>) -> Option<ChannelBinding> {
    // rule rfc9266 4.2 not-below-tls-1-3: below TLS 1.3 nobody can tell whether the master secret is unique
    if tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    let exported = tls.export_keying_material([0; 32], LABEL, Some(b"")).ok()?;
    Some(ChannelBinding::tls_exporter(&exported))
}

fn end_point(certificates: &[rustls::pki_types::CertificateDer<'_>]) -> Option<ChannelBinding> {
    ChannelBinding::tls_server_end_point(certificates.first()?)
}
