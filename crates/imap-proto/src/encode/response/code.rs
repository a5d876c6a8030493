//! Response codes.
use super::line::{capabilities, named};
use crate::{
    encode::{Hold, writer::Writer},
    grammar::response::code::plain_name,
    response::Code,
};
use mail_wire::Output;

/// `resp-text-code`
pub(super) fn write<O: Hold>(code: &Code, out: &mut Writer<'_, O>) {
    if let Some(name) = plain_name(code) {
        return out.text(name);
    }
    match code {
        Code::UidNext(number) => named(b"UIDNEXT ", (*number).into(), out),
        Code::UidValidity(number) => named(b"UIDVALIDITY ", (*number).into(), out),
        Code::Unseen(number) => named(b"UNSEEN ", (*number).into(), out),
        Code::HighestModSeq(value) => named(b"HIGHESTMODSEQ ", *value, out),
        Code::PermanentFlags(flags) => {
            out.text(b"PERMANENTFLAGS ");
            let wildcard = flags.allows_new_keywords().then_some(&b"\\*"[..]);
            out.list(flags.settable().chain(wildcard), |name, out| out.text(name));
        }
        Code::Capability(list) => {
            out.text(b"CAPABILITY");
            capabilities(list, out);
        }
        Code::AppendUid(code) => {
            named(b"APPENDUID ", code.uid_validity.into(), out);
            out.text(b" ");
            out.sequence_set(&code.uids);
        }
        Code::CopyUid(code) => {
            named(b"COPYUID ", code.uid_validity.into(), out);
            out.text(b" ");
            out.sequence_set(&code.source);
            out.text(b" ");
            out.sequence_set(&code.destination);
        }
        Code::Modified(set) => {
            out.text(b"MODIFIED ");
            out.sequence_set(set);
        }
        Code::BadCharset(charsets) => {
            out.text(b"BADCHARSET");
            // rule rfc3501 7.1 badcharset-list: BADCHARSET tells the charsets that are known
            if !charsets.is_empty() {
                out.text(b" ");
                out.list(charsets, |charset, out| out.astring(charset.as_bytes()));
            }
        }
        Code::Other(code) => {
            out.text(code.name().as_bytes());
            if let Some(arguments) = code.arguments() {
                out.text(b" ");
                out.text(arguments.as_bytes());
            }
        }
        // A name alone: written above.
        _ => {}
    }
}
