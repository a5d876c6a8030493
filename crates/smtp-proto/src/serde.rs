//! How values are written that are not just their fields. What holds for all is told at
//! [`mail_wire::octets`].
use crate::{
    Atrn, Capabilities, ClientAttributes, ClientName, Deviation, Deviations, Domain, EnhancedCode, Etrn,
    Extension, Limits, Mail, MailParameters, Mailbox, Notify, OriginalRecipient, Path, Rcpt, RcptParameters,
    Reply, SourceRoute,
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

/// A parameter that few commands have: it is written where it was said.
fn said<F: SerializeStruct>(
    fields: &mut F,
    name: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), F::Error> {
    match value {
        Some(value) => fields.serialize_field(name, &value),
        None => fields.skip_field(name),
    }
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

/// `{"Subdomains":"example.org"}`
impl Serialize for Etrn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.queues().serialize(serializer)
    }
}

/// A list of domains.
impl Serialize for Atrn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.domains())
    }
}

/// Those that were said, and all of them as they were written.
impl Serialize for ClientAttributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ClientAttributes", 1 + self.iter().count())?;
        said(&mut fields, "name", self.name())?;
        said(&mut fields, "addr", self.addr())?;
        said(&mut fields, "port", self.port())?;
        said(&mut fields, "proto", self.proto())?;
        said(&mut fields, "helo", self.helo())?;
        said(&mut fields, "login", self.login())?;
        said(&mut fields, "destaddr", self.destaddr())?;
        said(&mut fields, "destport", self.destport())?;
        said(&mut fields, "ident", self.ident())?;
        said(&mut fields, "source", self.source())?;
        let written: Vec<_> =
            self.iter().map(|(keyword, value)| Parameter { keyword, value: Some(value) }).collect();
        fields.serialize_field("attributes", &written)?;
        fields.end()
    }
}

/// A list of domains.
impl Serialize for SourceRoute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.domains())
    }
}

/// `"SUCCESS,DELAY"`
impl Serialize for Notify {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for OriginalRecipient<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("OriginalRecipient", 2)?;
        fields.serialize_field("address_type", self.address_type())?;
        fields.serialize_field("address", &self.address())?;
        fields.end()
    }
}

impl Serialize for MailParameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("MailParameters", 5 + self.iter().count())?;
        fields.serialize_field("size", &self.size())?;
        fields.serialize_field("body", &self.body())?;
        fields.serialize_field("smtputf8", &self.smtputf8())?;
        fields.serialize_field("auth", &self.auth())?;
        said(&mut fields, "ret", self.ret())?;
        said(&mut fields, "envid", self.envid())?;
        said(&mut fields, "by", self.by())?;
        said(&mut fields, "priority", self.priority())?;
        said(&mut fields, "hold", self.hold())?;
        said(&mut fields, "requiretls", self.requiretls().then_some(true))?;
        said(
            &mut fields,
            "solicit",
            Some(self.solicit().collect::<Vec<_>>()).filter(|words| !words.is_empty()),
        )?;
        said(&mut fields, "mtrk", self.mtrk())?;
        said(&mut fields, "transid", self.transid())?;
        said(&mut fields, "conperm", self.conperm().then_some(true))?;
        said(&mut fields, "submitter", self.submitter())?;
        fields.serialize_field("unknown", &parameters(self.unknown()))?;
        fields.end()
    }
}

impl Serialize for RcptParameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("RcptParameters", 1 + self.iter().count())?;
        said(&mut fields, "notify", self.notify())?;
        said(&mut fields, "orcpt", self.orcpt())?;
        said(&mut fields, "rrvs", self.rrvs())?;
        said(&mut fields, "conneg", self.conneg().then_some(true))?;
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
        let mut fields = serializer.serialize_struct("Capabilities", 9)?;
        fields.serialize_field("extensions", &self.extensions().collect::<Vec<_>>())?;
        fields.serialize_field("size_limit", &self.size_limit())?;
        fields.serialize_field("mechanisms", &self.mechanisms().collect::<Vec<_>>())?;
        fields
            .serialize_field("parameters", &self.extensions().filter_map(parameters).collect::<Vec<_>>())?;
        said(&mut fields, "limits", Some(self.limits()).filter(|limits| limits.iter().next().is_some()))?;
        said(&mut fields, "min_by_time", self.min_by_time())?;
        said(&mut fields, "priority_profile", self.priority_profile())?;
        said(&mut fields, "max_hold", self.max_hold())?;
        fields.serialize_field("others", &self.others().collect::<Vec<_>>())?;
        fields.end()
    }
}

impl Serialize for Limits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Limits", 4)?;
        fields.serialize_field("mailmax", &self.mailmax())?;
        fields.serialize_field("rcptmax", &self.rcptmax())?;
        fields.serialize_field("rcptdomainmax", &self.rcptdomainmax())?;
        fields.serialize_field("unknown", &parameters(self.unknown()))?;
        fields.end()
    }
}

/// A list of those that are listed.
impl Serialize for Deviations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().collect::<Vec<Deviation>>())
    }
}
