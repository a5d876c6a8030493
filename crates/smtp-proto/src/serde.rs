//! How values are written that are not just their fields. What holds for all is told at
//! [`mail_wire::octets`].
use crate::{
    Capabilities, ClientName, Deviation, Deviations, Domain, EnhancedCode, Extension, Mail, MailParameters,
    Mailbox, Path, Rcpt, RcptParameters, Reply, SourceRoute,
};
use alloc::vec::Vec;
use mail_wire::octets::{self, Octets};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A parameter of MAIL or RCPT.
#[derive(Serialize)]
struct Parameter<'a> {
    keyword: &'a str,
    value: Option<&'a str>,
}

/// What stands behind the keyword of an extension.
#[derive(Serialize)]
struct Parameters<'a> {
    extension: Extension,
    parameters: &'a str,
}

fn parameters<'a>(list: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Vec<Parameter<'a>> {
    list.map(|(keyword, value)| Parameter { keyword, value }).collect()
}

impl Serialize for ClientName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        octets::serialize(&self.as_bytes(), serializer)
    }
}

/// As it stands in an address: `"[IPv6:::1]"`.
impl Serialize for Domain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Mailbox {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Path", 2)?;
        fields.serialize_field("mailbox", self.mailbox())?;
        fields.serialize_field("route", &self.source_route())?;
        fields.end()
    }
}

impl Serialize for Mail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Mail", 2)?;
        fields.serialize_field("from", self.from())?;
        fields.serialize_field("parameters", &self.parameters())?;
        fields.end()
    }
}

impl Serialize for Rcpt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Rcpt", 2)?;
        fields.serialize_field("to", self.to())?;
        fields.serialize_field("parameters", &self.parameters())?;
        fields.end()
    }
}

/// A list of domains.
impl Serialize for SourceRoute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.domains())
    }
}

impl Serialize for MailParameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("MailParameters", 5)?;
        fields.serialize_field("size", &self.size())?;
        fields.serialize_field("body", &self.body())?;
        fields.serialize_field("smtputf8", &self.smtputf8())?;
        fields.serialize_field("auth", &self.auth())?;
        fields.serialize_field("unknown", &parameters(self.unknown()))?;
        fields.end()
    }
}

impl Serialize for RcptParameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("RcptParameters", 1)?;
        fields.serialize_field("unknown", &parameters(self.unknown()))?;
        fields.end()
    }
}

/// `"5.1.1"`
impl Serialize for EnhancedCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Reply", 3)?;
        fields.serialize_field("code", &self.code())?;
        fields.serialize_field("enhanced", &self.enhanced())?;
        fields.serialize_field("lines", &self.lines().map(Octets).collect::<Vec<_>>())?;
        fields.end()
    }
}

/// Its EHLO keyword.
impl Serialize for Extension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.keyword())
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parameters = |extension| {
            let parameters = self.parameters(extension)?;
            Some(Parameters { extension, parameters })
        };
        let mut fields = serializer.serialize_struct("Capabilities", 5)?;
        fields.serialize_field("extensions", &self.extensions().collect::<Vec<_>>())?;
        fields.serialize_field("size_limit", &self.size_limit())?;
        fields.serialize_field("mechanisms", &self.mechanisms().collect::<Vec<_>>())?;
        fields
            .serialize_field("parameters", &self.extensions().filter_map(parameters).collect::<Vec<_>>())?;
        fields.serialize_field("others", &self.others().collect::<Vec<_>>())?;
        fields.end()
    }
}

/// A list of those that are listed.
impl Serialize for Deviations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().collect::<Vec<Deviation>>())
    }
}
