//! What stands behind keywords, typed.
use super::{Capabilities, Extension, Limits};
use crate::{
    DateTime,
    grammar::{delivery, offer},
};
use mail_wire::span;

/// How long a server holds a message, at most
/// ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MaxHold<'a> {
    /// For so many seconds.
    pub interval: u32,
    /// And until then.
    pub date_time: DateTime<'a>,
}

impl Capabilities {
    /// `LIMITS`: how much the server takes. Where it is not offered, nothing is told
    /// ([RFC 9422 §3](https://www.rfc-editor.org/rfc/rfc9422#section-3)).
    pub fn limits(&self) -> Limits<'_> {
        self.parameters(Extension::Limits).map(Limits::of).unwrap_or_default()
    }

    /// `DELIVERBY`: the shortest time, in seconds, that may be asked for; `None` where there is no such
    /// ([RFC 2852 §2](https://www.rfc-editor.org/rfc/rfc2852#section-2)).
    pub fn min_by_time(&self) -> Option<u32> {
        let parameters = self.parameters(Extension::DeliverBy)?;
        span::parse_text(parameters.as_bytes(), offer::deliverby_param).ok()?
    }

    /// `MT-PRIORITY`: the name of the priority assignment policy, where it is told
    /// ([RFC 6710 §3](https://www.rfc-editor.org/rfc/rfc6710#section-3)).
    pub fn priority_profile(&self) -> Option<&str> {
        let parameters = self.parameters(Extension::MtPriority)?;
        span::parse_text(parameters.as_bytes(), offer::priority_profile).ok().map(|()| parameters)
    }

    /// `FUTURERELEASE`: how long a message may be held
    /// ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4)).
    pub fn max_hold(&self) -> Option<MaxHold<'_>> {
        let parameters = self.parameters(Extension::FutureRelease)?;
        let (interval, left) = span::parse_text(parameters.as_bytes(), offer::future_release).ok()?;
        let date_time = parameters.get(parameters.len().checked_sub(left)?..)?;
        Some(MaxHold { interval, date_time: DateTime::from_checked(date_time) })
    }

    /// `NO-SOLICITING`: kinds of mail that the server does not want
    /// ([RFC 3865 §2](https://www.rfc-editor.org/rfc/rfc3865#section-2)).
    pub fn no_soliciting(&self) -> impl Iterator<Item = &str> {
        let keywords = self.parameters(Extension::NoSoliciting);
        let checked = keywords.filter(|it| span::parse_text(it.as_bytes(), delivery::solicit_value).is_ok());
        checked.into_iter().flat_map(|keywords| keywords.split(','))
    }

    /// `BURL`: `imap` where it takes URLs of any IMAP server, and `imap://` and a name for each that is trusted
    /// ([RFC 4468 §3.3](https://www.rfc-editor.org/rfc/rfc4468#section-3.3)).
    pub fn burl(&self) -> impl Iterator<Item = &str> {
        self.words(Extension::Burl)
    }

    /// `XCLIENT`: the attributes that it takes.
    pub fn xclient(&self) -> impl Iterator<Item = &str> {
        self.words(Extension::XClient)
    }

    /// `XFORWARD`: the attributes that it takes.
    pub fn xforward(&self) -> impl Iterator<Item = &str> {
        self.words(Extension::XForward)
    }

    fn words(&self, extension: Extension) -> impl Iterator<Item = &str> {
        let parameters = self.parameters(extension).unwrap_or_default();
        parameters.split(' ').filter(|word| !word.is_empty())
    }
}
