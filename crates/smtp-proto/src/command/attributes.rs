//! XCLIENT and XFORWARD.
use super::text;
use crate::{
    Deviations, Leniency, Source, Told,
    grammar::{Tolerance, attribute},
    xtext,
};
use alloc::{format, string::String, vec::Vec};
use bytes::Bytes;
use core::{fmt, net::IpAddr};
use mail_wire::{ParseError, Text, span};

/// What a proxy or a filter in front of a server tells of the client behind it: the attributes of `XCLIENT` and
/// `XFORWARD`, as [Postfix describes them](https://www.postfix.org/XCLIENT_README.html).
///
/// Whoever may say them may be whoever it likes: take them of peers alone that are known and trusted.
///
/// ```
/// use smtp_proto::{ClientAttributes, Command, Told};
/// let client = ClientAttributes::new("NAME", Told::Unavailable)?.with_addr("2001:db8::1".parse().unwrap())?;
/// let mut line = Vec::new();
/// Command::XClient(client).encode(&mut line);
/// assert_eq!(line, b"XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1\r\n");
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Clone)]
pub struct ClientAttributes(Text);

impl ClientAttributes {
    /// One attribute. Its value is told in clear, and written as `xtext`.
    ///
    /// # Errors
    /// As for [`with`](Self::with).
    pub fn new(name: &str, value: Told<&str>) -> Result<Self, ParseError> {
        Self(Text::EMPTY).with(name, value)
    }

    /// One more attribute. Its value is told in clear, and written as `xtext`.
    ///
    /// # Errors
    /// The name is no keyword or is there already, there are 32 attributes, or the value is empty, cannot stand in a
    /// line, stands for one that is not told, or does not follow the grammar of that attribute.
    pub fn with(self, name: &str, value: Told<&str>) -> Result<Self, ParseError> {
        let mut list = Vec::from(self.0.as_bytes());
        if !list.is_empty() {
            list.push(b' ');
        }
        list.extend_from_slice(name.as_bytes());
        list.push(b'=');
        match value {
            Told::Value(value) if matches!(Told::of(value), Told::Value(_)) => {
                xtext::encode(value.as_bytes(), &mut list);
            }
            Told::Value(_) => return Err(ParseError { offset: 0, found: Some(b'['), expected: "a value" }),
            Told::Unavailable => list.extend_from_slice(attribute::UNAVAILABLE.as_bytes()),
            Told::TempUnavailable => list.extend_from_slice(attribute::TEMPUNAVAIL.as_bytes()),
        }
        // Spaces were perhaps tolerated in what stood there before.
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&list, Leniency::LENIENT, &mut deviations);
        span::parse_text(name.as_bytes(), attribute::name)?;
        span::parse_text(&list, |i| attribute::attributes(i, &mut tolerance))?;
        Ok(Self::of(list.into()))
    }

    /// `ADDR`: the client's address.
    ///
    /// # Errors
    /// It is there already, or there are 32 attributes.
    pub fn with_addr(self, address: IpAddr) -> Result<Self, ParseError> {
        self.with("ADDR", Told::Value(&written(address)))
    }

    /// `DESTADDR`: the address that the client connected to.
    ///
    /// # Errors
    /// It is there already, or there are 32 attributes.
    pub fn with_destaddr(self, address: IpAddr) -> Result<Self, ParseError> {
        self.with("DESTADDR", Told::Value(&written(address)))
    }

    /// `NAME`: the client's name, as DNS has it.
    pub fn name(&self) -> Option<Told<Text>> {
        self.text("NAME")
    }

    /// `ADDR`: the client's address.
    pub fn addr(&self) -> Option<Told<IpAddr>> {
        self.typed("ADDR", attribute::address)
    }

    /// `PORT`: the client's port.
    pub fn port(&self) -> Option<Told<u16>> {
        self.typed("PORT", attribute::port)
    }

    /// `PROTO`: how the client talks: `SMTP`, `ESMTP`, behind XFORWARD perhaps another protocol.
    pub fn proto(&self) -> Option<Told<Text>> {
        self.text("PROTO")
    }

    /// `HELO`: who the client said it is.
    pub fn helo(&self) -> Option<Told<Text>> {
        self.text("HELO")
    }

    /// `LOGIN`: whom the client logged in as.
    pub fn login(&self) -> Option<Told<Text>> {
        self.text("LOGIN")
    }

    /// `DESTADDR`: the address that the client connected to.
    pub fn destaddr(&self) -> Option<Told<IpAddr>> {
        self.typed("DESTADDR", attribute::address)
    }

    /// `DESTPORT`: the port that the client connected to.
    pub fn destport(&self) -> Option<Told<u16>> {
        self.typed("DESTPORT", attribute::port)
    }

    /// `IDENT`: what the host in front calls the message.
    pub fn ident(&self) -> Option<Told<Text>> {
        self.text("IDENT")
    }

    /// `SOURCE`: where the host in front has the message from.
    pub fn source(&self) -> Option<Told<Source>> {
        self.typed("SOURCE", attribute::source)
    }

    /// The value of any attribute, in clear.
    pub fn value(&self, name: &str) -> Option<Told<Text>> {
        self.text(name)
    }

    /// All attributes, their values as they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = self.0.as_str().unwrap_or_default();
        text.split(' ').filter_map(|attribute| attribute.split_once('='))
    }

    /// Of octets that the grammar has checked.
    pub(super) fn of(octets: Bytes) -> Self {
        Self(text(octets))
    }

    fn text(&self, name: &str) -> Option<Told<Text>> {
        let (_, value) = self.iter().find(|(said, _)| said.eq_ignore_ascii_case(name))?;
        // Checked when it was made.
        let value = xtext::decode(value.as_bytes()).ok()?;
        Some(match Told::of(value.as_str().unwrap_or_default()) {
            Told::Value(_) => Told::Value(value),
            Told::Unavailable => Told::Unavailable,
            Told::TempUnavailable => Told::TempUnavailable,
        })
    }

    fn typed<T>(&self, name: &str, of: fn(&str) -> Option<T>) -> Option<Told<T>> {
        Some(match self.text(name)? {
            Told::Value(value) => Told::Value(of(value.as_str().ok()?)?),
            Told::Unavailable => Told::Unavailable,
            Told::TempUnavailable => Told::TempUnavailable,
        })
    }
}

fn written(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{address}"),
        IpAddr::V6(address) => format!("IPV6:{address}"),
    }
}

impl PartialEq for ClientAttributes {
    fn eq(&self, other: &Self) -> bool {
        let alike = |((one, value), (two, other)): ((&str, _), (&str, _))| {
            one.eq_ignore_ascii_case(two) && value == other
        };
        self.iter().count() == other.iter().count() && self.iter().zip(other.iter()).all(alike)
    }
}

impl Eq for ClientAttributes {}

impl fmt::Debug for ClientAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
