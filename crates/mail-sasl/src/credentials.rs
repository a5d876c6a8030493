//! What a client has to log in with.
use crate::{kind::Kind, prepare, scram::name};
use core::fmt;
use mail_wire::Secret;
use rsasl::{
    callback::{Context, Request, SessionCallback, SessionData},
    mechanisms::anonymous::AnonymousToken,
    prelude::SessionError,
    property::{AuthId, AuthzId, OAuthBearerKV, OAuthBearerToken, OverrideCBType, Password},
};

/// What a client has to log in with: a password, a token, a certificate that TLS has shown, or nothing.
///
/// They are good for one exchange: [`Client::select`](crate::Client::select) takes them, and there is no copy. So no
/// weaker mechanism is tried with them when a server has refused them.
pub struct Credentials(Inner);

enum Inner {
    Password { name: String, password: Secret, authorization: Option<String> },
    Token { name: String, token: Secret, endpoint: Option<(String, u16)> },
    External { authorization: Option<String> },
    Anonymous { trace: String },
}

/// Something stands in credentials that no mechanism can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// A name, a password or a token is empty.
    #[error("empty name, password or token")]
    Empty,
    /// NUL, or another control character where the mechanisms use them.
    #[error("control character in a name, a password or a token")]
    Control,
    /// A trace for ANONYMOUS is too long.
    #[error("trace of {0} characters, at most 255 allowed")]
    LongTrace(usize),
    /// What was said last does not go with the kind of credentials.
    #[error("credentials of this kind have no such part")]
    NoSuchPart,
}

impl Credentials {
    /// A name and its password, for SCRAM, PLAIN and LOGIN.
    ///
    /// # Errors
    /// One of them is empty or holds NUL.
    pub fn password(name: &str, password: Secret) -> Result<Self, InvalidCredentials> {
        check(name.as_bytes(), |octet| octet == 0)?;
        check(password.as_bytes(), |octet| octet == 0)?;
        Ok(Self(Inner::Password { name: name.to_owned(), password, authorization: None }))
    }

    /// A name and an OAuth 2.0 bearer token, for OAUTHBEARER and XOAUTH2.
    ///
    /// # Errors
    /// One of them is empty or holds a control character, or the token is not ASCII.
    pub fn token(name: &str, token: Secret) -> Result<Self, InvalidCredentials> {
        check(name.as_bytes(), |octet| octet.is_ascii_control())?;
        // rule rfc7628 3.1 token-octets: a token holds no kvsep
        check(token.as_bytes(), |octet| !octet.is_ascii_graphic())?;
        Ok(Self(Inner::Token { name: name.to_owned(), token, endpoint: None }))
    }

    /// What the connection has shown already, such as a certificate, for EXTERNAL.
    pub fn external() -> Self {
        Self(Inner::External { authorization: None })
    }

    /// Nothing, for ANONYMOUS; the trace tells the server who is there, as an address does, and may be empty.
    ///
    /// # Errors
    /// The trace is longer than 255 characters, or holds control characters.
    pub fn anonymous(trace: &str) -> Result<Self, InvalidCredentials> {
        check_trace(trace)?;
        Ok(Self(Inner::Anonymous { trace: trace.to_owned() }))
    }

    /// The identity to act as, where it is not one's own: not with LOGIN.
    ///
    /// # Errors
    /// It is empty or holds NUL, or the credentials are none of a password and EXTERNAL.
    pub fn acting_as(mut self, other: &str) -> Result<Self, InvalidCredentials> {
        check(other.as_bytes(), |octet| octet == 0)?;
        match &mut self.0 {
            Inner::Password { authorization, .. } | Inner::External { authorization } => {
                *authorization = Some(other.to_owned());
                Ok(self)
            }
            Inner::Token { .. } | Inner::Anonymous { .. } => Err(InvalidCredentials::NoSuchPart),
        }
    }

    /// The host and port that the client is connected to, which OAUTHBEARER tells the server.
    ///
    /// # Errors
    /// The host is empty or holds a control character or `=`, or the credentials are no token.
    pub fn connected_to(mut self, host: &str, port: u16) -> Result<Self, InvalidCredentials> {
        check(host.as_bytes(), |octet| octet.is_ascii_control() || octet == b'=')?;
        match &mut self.0 {
            Inner::Token { endpoint, .. } => {
                *endpoint = Some((host.to_owned(), port));
                Ok(self)
            }
            _ => Err(InvalidCredentials::NoSuchPart),
        }
    }

    /// May they go by this mechanism?
    pub(crate) fn suit(&self, kind: Kind) -> bool {
        match (&self.0, kind) {
            (Inner::Password { authorization, .. }, Kind::Login) => authorization.is_none(),
            (Inner::Password { .. }, Kind::Scram { .. } | Kind::Plain)
            | (Inner::Token { .. }, Kind::OAuthBearer | Kind::XOAuth2)
            | (Inner::External { .. }, Kind::External)
            | (Inner::Anonymous { .. }, Kind::Anonymous) => true,
            _ => false,
        }
    }

    /// The name and the password, where that is all there is.
    pub(crate) fn into_password(self) -> Result<(String, Secret), Self> {
        match self.0 {
            Inner::Password { name, password, authorization: None } => Ok((name, password)),
            other => Err(Self(other)),
        }
    }

    /// As this mechanism says them: SCRAM has them prepared, OAUTHBEARER encodes the name.
    pub(crate) fn said_by(&self, kind: Kind) -> Result<Said, prepare::Unprepared> {
        let mut said = Said::default();
        match &self.0 {
            Inner::Password { name, password, authorization } => {
                let is_scram = matches!(kind, Kind::Scram { .. });
                // rule rfc5802 5.1 name-prepared: a client prepares the name by SASLprep
                said.name = Some(if is_scram { prepare::name(name)? } else { name.clone() });
                said.password =
                    Some(if is_scram { prepare::password(password.as_bytes())? } else { password.clone() });
                said.authorization.clone_from(authorization);
            }
            Inner::Token { name, token, endpoint } => {
                said.name = Some(name.clone());
                // rule rfc7628 3.1 name-encoded: the name in the gs2-header is a saslname
                said.authorization = (kind == Kind::OAuthBearer).then(|| name::encode(name));
                said.token = Some(token.clone());
                said.endpoint = endpoint.as_ref().map(|(host, port)| (host.clone(), port.to_string()));
            }
            Inner::External { authorization } => said.authorization.clone_from(authorization),
            Inner::Anonymous { trace } => said.trace = Some(trace.clone()),
        }
        Ok(said)
    }
}

/// The kind alone.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Inner::Password { .. } => "Credentials(password)",
            Inner::Token { .. } => "Credentials(token)",
            Inner::External { .. } => "Credentials(external)",
            Inner::Anonymous { .. } => "Credentials(anonymous)",
        })
    }
}

/// What rsasl asks for, in its callback.
#[derive(Default)]
pub(crate) struct Said {
    name: Option<String>,
    authorization: Option<String>,
    password: Option<Secret>,
    token: Option<Secret>,
    endpoint: Option<(String, String)>,
    trace: Option<String>,
    /// The channel binding to use.
    pub(crate) binding: Option<&'static str>,
    /// Does the client have channel bindings, as far as it tells?
    pub(crate) tells_bindings: bool,
}

impl SessionCallback for Said {
    fn callback(
        &self,
        _: &SessionData,
        _: &Context<'_>,
        request: &mut Request<'_>,
    ) -> Result<(), SessionError> {
        if let Some(name) = &self.name {
            request.satisfy::<AuthId>(name)?;
        }
        if let Some(authorization) = &self.authorization {
            request.satisfy::<AuthzId>(authorization)?;
        }
        if let Some(password) = &self.password {
            request.satisfy::<Password>(password.as_bytes())?;
        }
        if let Some(token) = self.token.as_ref().and_then(|token| token.as_str().ok()) {
            request.satisfy::<OAuthBearerToken>(token)?;
        }
        if let Some((host, port)) = &self.endpoint {
            request.satisfy::<OAuthBearerKV>(&[("host", host), ("port", port)])?;
        }
        if let Some(trace) = &self.trace {
            request.satisfy::<AnonymousToken>(trace)?;
        }
        if let Some(binding) = self.binding {
            request.satisfy::<OverrideCBType>(binding)?;
        }
        Ok(())
    }

    fn enable_channel_binding(&self) -> bool {
        self.tells_bindings
    }
}

/// `message = [ email / token ]` with at most 255 characters
/// ([RFC 4505 §2](https://www.rfc-editor.org/rfc/rfc4505#section-2)).
pub(crate) fn check_trace(trace: &str) -> Result<(), InvalidCredentials> {
    // rule rfc4505 2 trace-255: a trace has at most 255 characters
    if let count @ 256.. = trace.chars().count() {
        return Err(InvalidCredentials::LongTrace(count));
    }
    // rule rfc4505 3 no-controls: a trace holds no control characters
    if trace.chars().any(char::is_control) {
        return Err(InvalidCredentials::Control);
    }
    Ok(())
}

fn check(octets: &[u8], forbidden: impl Fn(u8) -> bool) -> Result<(), InvalidCredentials> {
    if octets.is_empty() {
        return Err(InvalidCredentials::Empty);
    }
    if octets.iter().any(|octet| forbidden(*octet)) { Err(InvalidCredentials::Control) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers rfc4505 2 trace-255
    // covers rfc4505 3 no-controls
    // covers rfc7628 3.1 token-octets
    #[test]
    fn what_no_mechanism_can_carry_is_refused_at_once() {
        let secret = Secret::copy_from;
        for (made, error) in [
            (Credentials::password("", secret(b"x")), InvalidCredentials::Empty),
            (Credentials::password("ann", secret(b"")), InvalidCredentials::Empty),
            (Credentials::password("a\0n", secret(b"x")), InvalidCredentials::Control),
            (Credentials::password("ann", secret(b"x\0y")), InvalidCredentials::Control),
            (Credentials::token("ann", secret(b"to\x01ken")), InvalidCredentials::Control),
            (Credentials::token("an\x01n", secret(b"token")), InvalidCredentials::Control),
            (Credentials::anonymous(&"\u{e4}".repeat(256)), InvalidCredentials::LongTrace(256)),
            (Credentials::anonymous("a\nb"), InvalidCredentials::Control),
            (Credentials::external().connected_to("host", 25), InvalidCredentials::NoSuchPart),
            (Credentials::external().acting_as(""), InvalidCredentials::Empty),
        ] {
            assert_eq!(made.unwrap_err(), error);
        }
        assert!(Credentials::anonymous(&"\u{e4}".repeat(255)).is_ok());
    }

    #[test]
    fn debug_tells_the_kind_alone() {
        let credentials = Credentials::password("ann", Secret::copy_from(b"hunter2")).unwrap();
        assert_eq!(format!("{credentials:?}"), "Credentials(password)");
    }
}
