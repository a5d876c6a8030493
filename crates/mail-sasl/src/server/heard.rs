//! What rsasl reads in a client's messages.
use crate::{ScramKeys, binding::Bindings, kind::Kind};
use core::mem;
use mail_wire::Secret;
use rsasl::{
    callback::{Context, Request, SessionCallback, SessionData},
    config::SASLConfig,
    mechanisms::{
        anonymous::AnonymousToken, oauthbearer::properties::OAuthBearerValidate,
        scram::properties::ScramStoredPassword, xoauth2::properties::XOAuth2Validate,
    },
    prelude::{Mechname, SASLServer, Session, SessionError, Validation},
    property::{AuthId, AuthzId, OAuthBearerToken, Password},
    validate::{Validate, ValidationError},
};
use zeroize::Zeroizing;

/// A session of rsasl. It decides nothing but whether a proof of SCRAM holds: of all else it tells what was said, and
/// the host is asked afterwards, in its own time.
pub(super) struct Reader(Session<Heard, Bindings>);

/// What a client said.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) name: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) token: Option<Secret>,
    pub(super) trace: Option<String>,
}

impl Validation for Heard {
    type Value = Self;
}

impl Reader {
    /// With the keys that a client's proof must fit, for SCRAM.
    pub(super) fn new(kind: Kind, keys: Option<ScramKeys>, bindings: &Bindings) -> Option<Self> {
        let config =
            SASLConfig::builder().with_registry(kind.registry()).with_callback(Listener { keys }).ok()?;
        let name = Mechname::parse(kind.name().as_bytes()).ok()?;
        let bindings = Bindings(bindings.0.clone());
        Some(Self(SASLServer::with_cb(config, bindings).start_suggested(name).ok()?))
    }

    /// Takes a message, and has what is to be said. It must not be called again after an error.
    ///
    /// The error is not told: its text may quote what the client sent.
    pub(super) fn read(&mut self, message: Option<&[u8]>) -> Option<Secret> {
        let mut out = Zeroizing::new(Vec::with_capacity(1_024));
        self.0.step(message, &mut *out).ok()?;
        Some(Secret::from(mem::take(&mut *out)))
    }

    /// What the client said, once it has said all; of SCRAM, only where the proof holds.
    pub(super) fn heard(&mut self) -> Option<Heard> {
        self.0.validation()
    }
}

struct Listener {
    keys: Option<ScramKeys>,
}

impl SessionCallback for Listener {
    fn callback(
        &self,
        _: &SessionData,
        _: &Context<'_>,
        request: &mut Request<'_>,
    ) -> Result<(), SessionError> {
        if let Some(keys) = &self.keys {
            request.satisfy::<ScramStoredPassword<'_>>(&ScramStoredPassword::new(
                keys.iterations(),
                keys.salt(),
                keys.stored_key().as_bytes(),
                keys.server_key().as_bytes(),
            ))?;
        }
        // The token is looked at afterwards.
        request.satisfy::<OAuthBearerValidate>(&Ok(()))?.satisfy::<XOAuth2Validate>(&Ok(()))?;
        Ok(())
    }

    fn validate(
        &self,
        _: &SessionData,
        context: &Context<'_>,
        validate: &mut Validate<'_>,
    ) -> Result<(), ValidationError> {
        validate.finalize::<Heard>(Heard {
            name: context.get_ref::<AuthId>().map(str::to_owned),
            authorization: context.get_ref::<AuthzId>().filter(|name| !name.is_empty()).map(str::to_owned),
            password: context.get_ref::<Password>().map(Secret::copy_from),
            token: context.get_ref::<OAuthBearerToken>().map(|token| Secret::copy_from(token.as_bytes())),
            trace: context.get_ref::<AnonymousToken>().map(str::to_owned),
        });
        Ok(())
    }
}
