//! Which mechanism it shall be.
use super::{Client, Stage, advance};
use crate::{
    Channel, Credentials, MAX_MESSAGE, Unprepared,
    binding::Bindings,
    kind::{Form, Kind},
};
use mail_wire::{CleartextLogin, Mechanism, Secret, Security};
use rsasl::{
    config::SASLConfig,
    prelude::{Mechname, SASLClient, Session},
    validate::NoValidation,
};

/// What a client allows itself: by default every mechanism; without TLS, none that shows a password or a token.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    cleartext: CleartextLogin,
    only: Option<Vec<Mechanism>>,
}

impl Policy {
    /// Whether passwords and tokens may be shown without TLS.
    pub fn cleartext(self, cleartext: CleartextLogin) -> Self {
        Self { cleartext, ..self }
    }

    /// These mechanisms alone.
    pub fn only(self, mechanisms: &[Mechanism]) -> Self {
        Self { only: Some(mechanisms.to_vec()), ..self }
    }

    fn allows(&self, kind: Kind) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|allowed| allowed.as_str() == kind.name()))
    }

    /// May a secret be shown there?
    fn is_safe(&self, channel: &Channel) -> bool {
        channel.security() == Security::Tls || self.cleartext == CleartextLogin::Allow
    }
}

/// No mechanism was chosen: nothing has happened, and the credentials come back.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct NoMechanism {
    /// Why.
    pub reason: NoMechanismReason,
    /// What was to be said.
    pub credentials: Credentials,
}

impl NoMechanism {
    /// The name and the password, for a command of the protocol's own that shows them: LOGIN of IMAP, USER and PASS of
    /// POP3. It counts as the mechanism LOGIN, and is for servers that offer no mechanism that suits.
    ///
    /// # Errors
    /// Something was offered, the policy does not allow it, or it is no password.
    pub fn or_by_command(self, policy: &Policy, channel: &Channel) -> Result<(String, Secret), Self> {
        if self.reason != NoMechanismReason::NotOffered || !policy.allows(Kind::Login) {
            return Err(self);
        }
        if !policy.is_safe(channel) && self.credentials.suit(Kind::Login) {
            return Err(Self { reason: NoMechanismReason::NeedsTls, ..self });
        }
        self.credentials.into_password().map_err(|credentials| Self { credentials, ..self })
    }
}

/// Why no mechanism was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoMechanismReason {
    /// None that the credentials suit is both offered and allowed.
    #[error("no mechanism that is offered suits the credentials and is allowed")]
    NotOffered,
    /// What is offered would show a password or a token to whoever listens.
    #[error("the mechanisms that are offered show the secret, and the connection is not encrypted")]
    NeedsTls,
    /// The name or the password cannot be prepared.
    #[error(transparent)]
    Unprepared(Unprepared),
    /// The first message would be too long.
    #[error("credentials too long for any protocol: at most {MAX_MESSAGE} octets allowed")]
    TooLong,
}

impl Client {
    /// Begins an exchange by the strongest mechanism that is offered, suits the credentials, and is allowed.
    ///
    /// From the strongest: EXTERNAL, SCRAM with channel binding, SCRAM without (SHA-256 before SHA-1),
    /// OAUTHBEARER, XOAUTH2, PLAIN, LOGIN, ANONYMOUS. Who controls what is offered cannot choose a weaker one and
    /// stay unnoticed where SCRAM and a channel binding are at hand: the client says that it would have bound.
    ///
    /// # Errors
    /// [`NoMechanism`], with the credentials.
    pub fn select(
        offered: &[Mechanism],
        credentials: Credentials,
        policy: &Policy,
        channel: &Channel,
    ) -> Result<Self, NoMechanism> {
        match choose(offered, &credentials, policy, channel)
            .and_then(|kind| start(kind, offered, &credentials, channel))
        {
            Ok(client) => Ok(client),
            Err(reason) => Err(NoMechanism { reason, credentials }),
        }
    }
}

fn choose(
    offered: &[Mechanism],
    credentials: &Credentials,
    policy: &Policy,
    channel: &Channel,
) -> Result<Kind, NoMechanismReason> {
    let mut suited = Kind::ALL
        .into_iter()
        // rule rfc4422 3.2 what-is-offered: a client takes a mechanism that the server offers
        .filter(|kind| offered.iter().any(|offer| offer.as_str() == kind.name()))
        .filter(|kind| credentials.suit(*kind) && policy.allows(*kind))
        // rule rfc5802 6 has-binding: a client without a channel binding does not take -PLUS
        .filter(|kind| !kind.is_plus() || !channel.bindings().is_empty())
        .peekable();
    if suited.peek().is_none() {
        return Err(NoMechanismReason::NotOffered);
    }
    // rule rfc4616 5 needs-tls: a password is not shown where nothing protects it [instead: |_: &Kind| true]
    let is_safe = |kind: &Kind| policy.is_safe(channel) || !kind.shows_secret();
    suited.find(is_safe).ok_or(NoMechanismReason::NeedsTls)
}

fn start(
    kind: Kind,
    offered: &[Mechanism],
    credentials: &Credentials,
    channel: &Channel,
) -> Result<Client, NoMechanismReason> {
    let mut said = credentials.said_by(kind).map_err(NoMechanismReason::Unprepared)?;
    if let Kind::Scram { hash, form } = kind {
        let plus = Kind::Scram { hash, form: Form::Plus };
        let is_offered = offered.iter().any(|offer| offer.as_str() == plus.name());
        // rule rfc5802 6 supported-not-used: a client that would have bound says so where no -PLUS is offered
        said.tells_bindings = !channel.bindings().is_empty() && (form == Form::Plus || !is_offered);
        let preferred = channel.bindings().first().filter(|_| form == Form::Plus);
        said.binding = preferred.map(|binding| binding.kind().as_str());
    }
    let unavailable = NoMechanismReason::NotOffered;
    let mechanism = Mechanism::new(kind.name()).map_err(|_| unavailable)?;
    let mut session = session(kind, said, channel).ok_or(unavailable)?;
    let stage = if kind.is_client_first() {
        // What the credentials hold was checked when they were made.
        let first: Secret = advance(&mut session, None).map_err(|_| unavailable)?;
        if first.as_bytes().len() > MAX_MESSAGE {
            return Err(NoMechanismReason::TooLong);
        }
        Stage::Held(first)
    } else {
        Stage::Begun
    };
    Ok(Client { kind, mechanism, session, stage })
}

fn session(
    kind: Kind,
    said: crate::credentials::Said,
    channel: &Channel,
) -> Option<Session<NoValidation, Bindings>> {
    let config = SASLConfig::builder().with_registry(kind.registry()).with_callback(said).ok()?;
    let name = Mechname::parse(kind.name().as_bytes()).ok()?;
    SASLClient::with_cb(config, Bindings(channel.bindings().to_vec())).start_suggested_iter([name]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChannelBinding;

    fn mechanisms(names: &str) -> Vec<Mechanism> {
        names.split(' ').map(|name| Mechanism::new(name).unwrap()).collect()
    }

    fn password() -> Credentials {
        Credentials::password("ann", Secret::copy_from(b"pencil")).unwrap()
    }

    fn chosen(
        offered: &str,
        credentials: Credentials,
        policy: &Policy,
        channel: &Channel,
    ) -> Result<String, NoMechanismReason> {
        Client::select(&mechanisms(offered), credentials, policy, channel)
            .map(|client| client.mechanism().to_string())
            .map_err(|error| error.reason)
    }

    // covers rfc4616 5 needs-tls
    // covers rfc4422 3.2 what-is-offered
    // covers rfc5802 6 has-binding
    #[test]
    fn the_strongest_that_both_have_and_policy_allows() {
        let (any, tls, clear) = (Policy::default(), Channel::tls(), Channel::clear());
        let bound = Channel::tls().binding(ChannelBinding::tls_exporter(&[7; 32]));
        let all =
            "LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2 CRAM-MD5";
        let says = |name: &str| Ok(name.to_owned());
        assert_eq!(chosen(all, password(), &any, &tls), says("SCRAM-SHA-256"));
        assert_eq!(chosen(all, password(), &any, &bound), says("SCRAM-SHA-256-PLUS"));
        assert_eq!(
            chosen("SCRAM-SHA-256 SCRAM-SHA-1-PLUS", password(), &any, &bound),
            says("SCRAM-SHA-1-PLUS")
        );
        assert_eq!(chosen("LOGIN PLAIN", password(), &any, &tls), says("PLAIN"));
        assert_eq!(chosen("LOGIN PLAIN", password(), &any, &clear), Err(NoMechanismReason::NeedsTls));
        assert_eq!(chosen("LOGIN SCRAM-SHA-1", password(), &any, &clear), says("SCRAM-SHA-1"));
        let allowed = Policy::default().cleartext(CleartextLogin::Allow);
        assert_eq!(chosen("LOGIN", password(), &allowed, &clear), says("LOGIN"));
        let only = Policy::default().only(&[Mechanism::PLAIN]);
        assert_eq!(chosen(all, password(), &only, &tls), says("PLAIN"));
        assert_eq!(
            chosen("CRAM-MD5 OAUTHBEARER", password(), &any, &tls),
            Err(NoMechanismReason::NotOffered)
        );
        let as_other = password().acting_as("bob").unwrap();
        assert_eq!(chosen("LOGIN", as_other, &any, &tls), Err(NoMechanismReason::NotOffered));
        let token = || Credentials::token("ann", Secret::copy_from(b"vF9dft4qmT")).unwrap();
        assert_eq!(chosen("XOAUTH2 OAUTHBEARER PLAIN", token(), &any, &tls), says("OAUTHBEARER"));
        assert_eq!(chosen("PLAIN SCRAM-SHA-1", token(), &any, &tls), Err(NoMechanismReason::NotOffered));
        assert_eq!(chosen("EXTERNAL PLAIN", Credentials::external(), &any, &clear), says("EXTERNAL"));
    }

    #[test]
    fn a_command_of_the_protocols_own_is_for_a_password_that_no_mechanism_takes() {
        let (any, tls, clear) = (Policy::default(), Channel::tls(), Channel::clear());
        let refused = |offered: &str, credentials, policy: &Policy, channel: &Channel| {
            let offered = if offered.is_empty() { Vec::new() } else { mechanisms(offered) };
            let none = Client::select(&offered, credentials, policy, channel).unwrap_err();
            none.or_by_command(policy, channel).map_err(|none| none.reason)
        };
        let said = ("ann".to_owned(), Secret::copy_from(b"pencil"));
        assert_eq!(refused("", password(), &any, &tls), Ok(said.clone()));
        assert_eq!(refused("CRAM-MD5", password(), &any, &tls), Ok(said.clone()));
        let allowed = Policy::default().cleartext(CleartextLogin::Allow);
        assert_eq!(refused("", password(), &allowed, &clear), Ok(said));
        assert_eq!(refused("", password(), &any, &clear), Err(NoMechanismReason::NeedsTls));
        assert_eq!(refused("PLAIN", password(), &any, &clear), Err(NoMechanismReason::NeedsTls));
        let scram = Policy::default().only(&[Mechanism::SCRAM_SHA_256]);
        assert_eq!(refused("PLAIN", password(), &scram, &tls), Err(NoMechanismReason::NotOffered));
        let as_other = || password().acting_as("bob").unwrap();
        assert_eq!(refused("", as_other(), &any, &tls), Err(NoMechanismReason::NotOffered));
        assert_eq!(refused("", Credentials::external(), &any, &clear), Err(NoMechanismReason::NotOffered));
    }

    // covers rfc5802 6 supported-not-used
    #[test]
    fn a_client_that_would_have_bound_says_so() {
        let bound = Channel::tls().binding(ChannelBinding::tls_exporter(&[7; 32]));
        let (any, bare) = (Policy::default(), Policy::default().only(&[Mechanism::SCRAM_SHA_256]));
        for (offered, policy, channel, begins) in [
            ("SCRAM-SHA-1", &any, &Channel::tls(), &b"n,,n=ann,r="[..]),
            ("SCRAM-SHA-1", &any, &bound, b"y,,n=ann,r="),
            ("SCRAM-SHA-256", &any, &bound, b"y,,n=ann,r="),
            ("SCRAM-SHA-256 SCRAM-SHA-256-PLUS", &any, &bound, b"p=tls-exporter,,n=ann,r="),
            // Its own policy forbids it: a server that offers it would take "y" for a downgrade.
            ("SCRAM-SHA-256 SCRAM-SHA-256-PLUS", &bare, &bound, b"n,,n=ann,r="),
        ] {
            let mut client = Client::select(&mechanisms(offered), password(), policy, channel).unwrap();
            let first = client.initial(crate::Protocol::Smtp).unwrap();
            assert!(first.as_bytes().starts_with(begins), "{}", first.as_bytes().escape_ascii());
        }
    }

    #[test]
    fn credentials_come_back_where_nothing_fits() {
        let (any, tls) = (Policy::default(), Channel::tls());
        let long = Credentials::password("ann", Secret::from(vec![b'x'; 10_000])).unwrap();
        let error = Client::select(&mechanisms("PLAIN"), long, &any, &tls).unwrap_err();
        assert_eq!(error.to_string(), "credentials too long for any protocol: at most 9213 octets allowed");
        let error = Client::select(&[], error.credentials, &any, &tls).unwrap_err();
        assert_eq!(error.reason, NoMechanismReason::NotOffered);
        let unprepared = Credentials::password("a\u{7}", Secret::copy_from(b"x")).unwrap();
        assert_eq!(
            chosen("SCRAM-SHA-1", unprepared, &any, &tls),
            Err(NoMechanismReason::Unprepared(Unprepared))
        );
    }
}
