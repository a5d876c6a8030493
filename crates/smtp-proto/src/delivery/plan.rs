//! What is said of a message to this server: all that it needs is held against what is offered before MAIL is sent.
use super::{Message, Unsent};
use crate::{
    Body, ByMode, Capabilities, Chunking, Extension, ForwardPath, Mail, Mailbox, Rcpt, ReversePath,
    Submitter, Unsupported, parameters::Known,
};
use alloc::vec::Vec;
use mail_wire::{Security, dot::Outgoing};

/// How a message is sent to this server.
#[derive(Debug)]
pub(super) struct Plan {
    /// MAIL, with the parameters that the server takes.
    pub(super) mail: Mail,
    /// RCPT of each recipient, likewise; or why there is none.
    pub(super) recipients: Vec<Result<Rcpt, Unsent>>,
    pub(super) way: Way,
    /// Extensions whose parameters were left out.
    pub(super) omitted: Vec<Extension>,
}

/// How the body goes.
///
/// One of lines goes by DATA also where CHUNKING is offered, unless the caller prefers BDAT: DATA shares the group of RCPT, so that BDAT, which waits
/// for the replies to RCPT, saves no round trip; and no bare CR or LF slips in, which behind BDAT would be found by who
/// relays it by DATA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Lines, by DATA.
    Lines,
    /// Octets, by one BDAT of this length.
    Sized(u64),
    /// By one BDAT for some of the pieces that are written: nobody knows how many there will be.
    Chunks(Content),
}

/// What a body in chunks is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Octets,
    /// Lines, with this said of a CR or LF outside of CRLF.
    Lines(Outgoing),
}

/// What the server offers, and what was left out for that.
struct Offer<'a> {
    offered: &'a Capabilities,
    omitted: Vec<Extension>,
}

impl Plan {
    /// `lines`: how a body of lines goes.
    pub(super) fn new(
        message: &Message,
        offered: &Capabilities,
        security: Security,
        lines: Way,
    ) -> Result<Self, Unsent> {
        let said = message.mail().parameters();
        let mut offer = Offer { offered, omitted: Vec::new() };
        // rule rfc8689 4.2.1 delivery-under-tls: a message that requires TLS is not sent in clear
        if said.requiretls() && security == Security::Clear {
            return Err(Unsent::Needs(Extension::RequireTls));
        }
        let mut mail = offer.mail(message.mail())?;
        let recipients: Vec<_> = message.recipients().iter().map(|rcpt| offer.rcpt(rcpt)).collect();
        if said.smtputf8() || !is_ascii_sender(message.mail()) {
            // rule rfc6531 3.1 delivery-header: a header in UTF-8 is not sent where SMTPUTF8 is not offered
            offer.needs(Extension::SmtpUtf8)?;
        }
        // What is kept of it is said there alone where SMTPUTF8 is offered.
        if said.smtputf8()
            || names_utf8(&mail)
            || recipients.iter().flatten().any(|rcpt| !is_ascii(rcpt.to()))
        {
            mail = mail.with_smtputf8();
        }
        let body = match said.body() {
            // A header in UTF-8 has octets above 127.
            None | Some(Body::SevenBit) if said.smtputf8() => Body::EightBitMime,
            body => body.unwrap_or(Body::SevenBit),
        };
        let way = match body {
            Body::SevenBit => lines,
            Body::EightBitMime => {
                // rule rfc6152 3 delivery-8bit: octets above 127 are not sent where 8BITMIME is not offered
                offer.needs(Extension::EightBitMime)?;
                mail = mail.with_body(body);
                lines
            }
            Body::BinaryMime => {
                // rule rfc3030 3 delivery-binary: a binary message is not sent where BINARYMIME is not offered
                offer.needs(Extension::BinaryMime)?;
                offer.needs(Extension::Chunking)?;
                mail = mail.with_body(body);
                match said.size() {
                    Some(octets) => Way::Sized(octets),
                    // Else each piece that is written would wait for a reply.
                    None => offer.needs(Extension::Pipelining).map(|()| Way::Chunks(Content::Octets))?,
                }
            }
        };
        if let Some(octets) = said.size() {
            match offered.size_limit() {
                // rule rfc1870 6.1 delivery-too-large: a message above the server's limit is not begun
                Some(limit) if octets > limit => return Err(Unsent::TooLarge { limit }),
                // rule rfc1870 6.1 delivery-size: the size is told where SIZE is offered
                _ if offered.has(Extension::Size) => mail = mail.with_size(octets),
                _ => {}
            }
        }
        Ok(Self { mail, recipients, way, omitted: offer.omitted })
    }
}

impl Way {
    /// How lines go to a server that offers this.
    pub(super) fn of_lines(chunking: Chunking, bare: Outgoing, offered: &Capabilities) -> Self {
        let may_chunk = offered.has(Extension::Chunking) && offered.has(Extension::Pipelining);
        match chunking {
            // rule rfc3030 2 delivery-prefers-chunks: a caller who prefers BDAT has it where it is offered
            Chunking::Preferred if may_chunk => Self::Chunks(Content::Lines(bare)),
            Chunking::Preferred | Chunking::WhenNeeded => Self::Lines,
        }
    }
}

impl Offer<'_> {
    fn needs(&self, extension: Extension) -> Result<(), Unsent> {
        if self.offered.has(extension) { Ok(()) } else { Err(Unsent::Needs(extension)) }
    }

    /// MAIL without what is said of the message itself, and without what is left out.
    fn mail(&mut self, mail: &Mail) -> Result<Mail, Unsent> {
        let of_message = Known::SIZE.with(Known::BODY).with(Known::SMTPUTF8);
        let courtesies = match mail.parameters().by() {
            // RFC 2852 section 4.1.5: by-mode N is left out where DELIVERBY is not offered.
            Some(by) if by.mode() == ByMode::Notify => COURTESIES.with(Known::BY),
            _ => COURTESIES,
        };
        let mut kept = Mail::new(mail.from().clone());
        for (keyword, value) in mail.parameters().iter() {
            let known = Known::of_mail(keyword.as_bytes());
            if known.is_some_and(|known| of_message.has(known)) || !self.keeps(known, courtesies)? {
                continue;
            }
            if known.is_some_and(|known| self.is_unspeakable(mail, known)) {
                // rule rfc4954 5 delivery-submitter-unknown: a submitter who cannot be named is told as `<>`
                if known == Some(Known::AUTH) {
                    kept = kept.with_auth(&Submitter::Unknown);
                }
                self.omit(Extension::SmtpUtf8);
                continue;
            }
            // They were read by the same rules.
            kept = kept.clone().with(keyword, value).unwrap_or(kept);
        }
        Ok(kept)
    }

    /// Does this parameter name somebody whose address the server does not take?
    fn is_unspeakable(&self, mail: &Mail, known: Known) -> bool {
        let is_utf8 = match known {
            Known::AUTH => !is_ascii_auth(mail),
            Known::SUBMITTER => !is_ascii_submitter(mail),
            _ => false,
        };
        is_utf8 && !self.offered.has(Extension::SmtpUtf8)
    }

    fn omit(&mut self, extension: Extension) {
        if !self.omitted.contains(&extension) {
            self.omitted.push(extension);
        }
    }

    fn rcpt(&mut self, rcpt: &Rcpt) -> Result<Rcpt, Unsent> {
        // rule rfc6531 3.2 delivery-recipient: who has an address that is not ASCII fails alone without SMTPUTF8
        if !is_ascii(rcpt.to()) && !self.offered.has(Extension::SmtpUtf8) {
            return Err(Unsent::NonAsciiAddress);
        }
        let courtesies = match rcpt.parameters().rrvs() {
            Some(since) if since.unsupported == Some(Unsupported::Continue) => COURTESIES.with(Known::RRVS),
            _ => COURTESIES,
        };
        let mut kept = Rcpt::new(rcpt.to().clone());
        for (keyword, value) in rcpt.parameters().iter() {
            let known = Known::of_rcpt(keyword.as_bytes());
            if !self.keeps(known, courtesies)? {
                continue;
            }
            kept = match rcpt.parameters().orcpt().filter(|_| known == Some(Known::ORCPT)) {
                // rule rfc6533 3 delivery-orcpt: the original recipient is written in ASCII, which every server takes
                Some(original) if !original.encoded().is_ascii() => {
                    let address = original.address();
                    let named = kept.clone().with_orcpt(original.address_type(), &address.to_str_lossy());
                    // Written so it may be longer than ORCPT may be.
                    named.unwrap_or_else(|_| {
                        self.omit(Extension::Dsn);
                        kept
                    })
                }
                _ => kept.clone().with(keyword, value).unwrap_or(kept),
            };
        }
        Ok(kept)
    }

    /// Is this parameter said? What this library has no type for is the caller's.
    fn keeps(&mut self, known: Option<Known>, courtesies: Known) -> Result<bool, Unsent> {
        let Some(known) = known else { return Ok(true) };
        let mut needed = Known::EXTENSIONS.iter().filter(|(parameter, _)| known.has(*parameter));
        match needed.find(|(_, extension)| !self.offered.has(*extension)) {
            None => Ok(true),
            // rule rfc3461 5.2.2 delivery-omits: what asks for notifications is left out where DSN is not offered
            Some((_, extension)) if courtesies.has(known) => {
                self.omit(*extension);
                Ok(false)
            }
            Some((_, extension)) => Err(Unsent::Needs(*extension)),
        }
    }
}

/// What a message does without where it is not offered. All else is a demand.
const COURTESIES: Known = Known::AUTH
    .with(Known::RET)
    .with(Known::ENVID)
    .with(Known::MT_PRIORITY)
    .with(Known::SUBMITTER)
    .with(Known::NOTIFY)
    .with(Known::ORCPT);

fn is_ascii(to: &ForwardPath) -> bool {
    match to {
        ForwardPath::Postmaster => true,
        ForwardPath::Path(path) => path.is_ascii(),
    }
}

/// Does MAIL name somebody whose address is not ASCII?
fn names_utf8(mail: &Mail) -> bool {
    !(is_ascii_sender(mail) && is_ascii_auth(mail) && is_ascii_submitter(mail))
}

fn is_ascii_sender(mail: &Mail) -> bool {
    match mail.from() {
        ReversePath::Null => true,
        ReversePath::Path(path) => path.is_ascii(),
    }
}

fn is_ascii_auth(mail: &Mail) -> bool {
    match mail.parameters().auth() {
        Some(Submitter::Mailbox(mailbox)) => mailbox.is_ascii(),
        Some(Submitter::Unknown) | None => true,
    }
}

fn is_ascii_submitter(mail: &Mail) -> bool {
    mail.parameters().submitter().as_ref().is_none_or(Mailbox::is_ascii)
}
