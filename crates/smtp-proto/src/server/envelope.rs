//! MAIL and RCPT: what speaks against them before the host is asked.
use super::{Dialect, Event, Server, answer::known, transaction::Addresses};
use crate::{
    Body, Code, EnhancedCode, Extension, ForwardPath, Mail, Rcpt, ReversePath, config::Requirement,
    parameters::Known, state::Identity,
};
use alloc::{format, string::String};
use mail_wire::Text;

impl Server {
    pub(super) fn mail(&mut self, mail: Mail) -> Option<Event> {
        // rule rfc9422 4.1 mailmax: above the limit of transactions MAIL hears 421, and the session ends
        if is_beyond(self.config.max_transactions, self.transactions) {
            let text = self.own_text("enough transactions for one session, closing");
            self.say(&known(Code::NOT_AVAILABLE, EnhancedCode::transient(5, 3), text));
            self.end();
            return None;
        }
        self.transactions = self.transactions.saturating_add(1);
        // Chunks to come are of this message, also where it is refused.
        self.transaction.failed = 0;
        // rule rfc5321 4.1.4 bad-mail-keeps-state: MAIL that is not acceptable is refused before the host hears of it
        if let Some((code, enhanced, text)) = self.mail_refusal(&mail) {
            return self.error(code, enhanced, &text);
        }
        Some(self.ask(Event::Mail, mail))
    }

    /// What speaks against a sender, before the host is asked.
    fn mail_refusal(&self, mail: &Mail) -> Option<(Code, EnhancedCode, String)> {
        let parameters = mail.parameters();
        // rule rfc4954 6 authentication-required-530: MAIL hears 530 5.7.0 where a login must come first
        if self.config.authentication.requirement == Requirement::Required
            && self.state.identity == Identity::Anonymous
        {
            return Some((
                Code::AUTH_REQUIRED,
                EnhancedCode::permanent(7, 0),
                "authentication required".into(),
            ));
        }
        // rule rfc5321 3.3 parameters-need-ehlo: MAIL has parameters behind EHLO alone
        if self.dialect == Some(Dialect::Smtp) && !parameters.is_empty() {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "parameters need EHLO".into(),
            ));
        }
        let outside = parameters.not_among(self.parameters);
        // rule rfc5321 4.1.1.11 mail-parameter-555: a parameter of MAIL that is not recognised hears 555
        if let Some(name) = outside.and_then(|_| self.not_offered(parameters.iter(), Known::of_mail)) {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                format!("parameter {name} is not offered"),
            ));
        }
        // rule rfc6152 3 binarymime-555: BODY=BINARYMIME hears 555 where its extension is not offered
        if parameters.body() == Some(Body::BinaryMime) && !self.offers(Extension::BinaryMime) {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "BODY=BINARYMIME is not offered".into(),
            ));
        }
        // rule rfc1870 6.1 declared-size-552: a declared size above the limit hears 552 5.3.4 at once
        if parameters.size().is_some_and(|size| size > self.config.longest_message()) {
            return Some((
                Code::EXCEEDED_STORAGE,
                EnhancedCode::permanent(3, 4),
                format!("message longer than {} octets", self.config.max_message),
            ));
        }
        match mail.from() {
            // rule rfc6531 3.5 utf8-sender-553: a sender that is not ASCII hears 553 5.6.7 without SMTPUTF8
            ReversePath::Path(path) if !path.is_ascii() && !parameters.smtputf8() => Some((
                Code::MAILBOX_NAME_NOT_ALLOWED,
                EnhancedCode::permanent(6, 7),
                "a UTF-8 address needs SMTPUTF8".into(),
            )),
            _ => None,
        }
    }

    /// The keyword of the first parameter whose extension is not on offer. One of a private extension bears its name.
    fn not_offered<'a>(
        &self,
        parameters: impl Iterator<Item = (&'a str, Option<&'a str>)>,
        of: fn(&[u8]) -> Option<Known>,
    ) -> Option<&'a str> {
        let own = |keyword: &str| {
            let mut lines = self.config.extensions.others();
            lines.any(|line| {
                line.as_bytes()
                    .split(|octet| *octet == b' ')
                    .next()
                    .is_some_and(|name| name.eq_ignore_ascii_case(keyword.as_bytes()))
            })
        };
        let is_offered = |keyword: &str| match of(keyword.as_bytes()) {
            Some(known) => self.parameters.has(known),
            None => self.dialect != Some(Dialect::Smtp) && own(keyword),
        };
        parameters.map(|(keyword, _)| keyword).find(|keyword| !is_offered(keyword))
    }

    pub(super) fn rcpt(&mut self, rcpt: Rcpt) -> Option<Event> {
        // rule rfc5321 4.5.3.1.10 too-many-recipients-452: above the limit a recipient hears 452; those before it stand
        if is_beyond(self.config.max_recipients, self.recipients()) {
            return self.too_many("too many recipients");
        }
        // rule rfc5321 7.8 refusals-spare-accepted: who was accepted stands, and too many others hear 452
        if self.recipients() > 0 && self.refusals >= self.config.max_refusals {
            return self.too_many("too many recipients were refused");
        }
        let outside = rcpt.parameters().not_among(self.parameters);
        // rule rfc5321 4.1.1.11 rcpt-parameter-555: a parameter of RCPT that is not recognised hears 555
        if let Some(name) = outside.and_then(|_| self.not_offered(rcpt.parameters().iter(), Known::of_rcpt)) {
            return self.error(
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                &format!("parameter {name} is not offered"),
            );
        }
        match rcpt.to() {
            // rule rfc6531 3.5 utf8-recipient-553: a recipient that is not ASCII hears 553 5.6.7 without SMTPUTF8
            ForwardPath::Path(path) if !path.is_ascii() && self.transaction.addresses == Addresses::Ascii => {
                self.error(
                    Code::MAILBOX_NAME_NOT_ALLOWED,
                    EnhancedCode::permanent(6, 7),
                    "a UTF-8 address needs SMTPUTF8",
                )
            }
            // rule rfc9422 4.3 rcptdomainmax: a recipient of a domain above the limit hears 452; those before it stand
            _ if self.config.max_domains > 0
                && !self
                    .domains
                    .permit(&rcpt, usize::try_from(self.config.max_domains).unwrap_or(usize::MAX)) =>
            {
                self.too_many("recipients of too many domains in one session")
            }
            _ => Some(self.ask(Event::Rcpt, rcpt)),
        }
    }

    /// `452 4.5.3`, which says to come back with this recipient: no error of the client's.
    fn too_many(&mut self, text: &'static str) -> Option<Event> {
        self.say(&known(
            Code::INSUFFICIENT_STORAGE,
            EnhancedCode::TOO_MANY_RECIPIENTS,
            Text::from_static(text),
        ));
        None
    }
}

/// Is the limit used up? 0 is none.
fn is_beyond(limit: u32, used: u32) -> bool {
    limit > 0 && used >= limit
}
