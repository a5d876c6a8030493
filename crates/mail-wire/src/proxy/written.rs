//! How headers are written as JSON and the like.
use super::{Header, Ssl};
use crate::octets::Octets;
use alloc::vec::Vec;
use serde::{Serialize, Serializer, ser::SerializeStruct};

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Header", 3)?;
        fields.serialize_field("version", &self.version())?;
        fields.serialize_field("addresses", self.addresses())?;
        fields.serialize_field("tlvs", &self.tlvs().collect::<Vec<_>>())?;
        fields.end()
    }
}

impl Serialize for Ssl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Ssl", 4)?;
        fields.serialize_field("is_tls", &self.is_tls())?;
        fields.serialize_field("has_certificate", &self.has_certificate())?;
        fields.serialize_field("is_verified", &self.is_verified())?;
        fields.serialize_field(
            "tlvs",
            &self.tlvs().map(|(kind, value)| (kind, Octets(value))).collect::<Vec<_>>(),
        )?;
        fields.end()
    }
}
