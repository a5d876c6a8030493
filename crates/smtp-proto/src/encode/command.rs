//! Command lines.
use crate::{Argument, Auth, Bdat, Chunk, ClientAttributes, Command, Mail, Rcpt};
use alloc::string::ToString;
use mail_wire::{Output, sasl};

impl Command {
    /// Writes the command as one line, with its CRLF.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            Self::Ehlo(name) => hello("EHLO", name.as_bytes(), out),
            Self::Helo(name) => hello("HELO", name.as_bytes(), out),
            Self::Lhlo(name) => hello("LHLO", name.as_bytes(), out),
            Self::Mail(mail) => mail.encode(out),
            Self::Rcpt(rcpt) => rcpt.encode(out),
            Self::Data => out.text(b"DATA"),
            Self::Rset => out.text(b"RSET"),
            Self::Noop(argument) => with_argument("NOOP", argument.as_ref(), out),
            Self::Vrfy(argument) => with_argument("VRFY", Some(argument), out),
            Self::Expn(argument) => with_argument("EXPN", Some(argument), out),
            Self::Help(argument) => with_argument("HELP", argument.as_ref(), out),
            Self::Quit => out.text(b"QUIT"),
            Self::StartTls => out.text(b"STARTTLS"),
            Self::Auth(auth) => auth.encode(out),
            Self::Bdat(bdat) => bdat.encode(out),
            Self::Etrn(etrn) => with_text("ETRN", etrn.as_str(), out),
            Self::Atrn(atrn) => with_text("ATRN", atrn.as_str(), out),
            Self::Burl(burl) => {
                with_text("BURL", burl.url(), out);
                end_marker(burl.chunk(), out);
            }
            Self::XClient(client) => attributes("XCLIENT", client, out),
            Self::XForward(client) => attributes("XFORWARD", client, out),
            Self::Other(other) => with_argument(other.verb(), other.arguments(), out),
        }
        // rule rfc5321 2.3.7 command-lines: a command is a line that ends in CRLF
        out.text(b"\r\n");
    }
}

impl Mail {
    fn encode(&self, out: &mut impl Output) {
        out.text(b"MAIL FROM:");
        self.from().encode(out);
        // rule rfc5321 4.1.1.2 mail-parameters-written: the parameters of MAIL are written
        parameters(self.parameters().iter(), out);
    }
}

impl Rcpt {
    fn encode(&self, out: &mut impl Output) {
        out.text(b"RCPT TO:");
        self.to().encode(out);
        // rule rfc5321 4.1.1.3 rcpt-parameters-written: the parameters of RCPT are written
        parameters(self.parameters().iter(), out);
    }
}

impl Auth {
    fn encode(&self, out: &mut impl Output) {
        out.text(b"AUTH ");
        out.text(self.mechanism.as_str().as_bytes());
        // rule rfc4954 4 initial-written: an initial response is written, also an empty one
        if let Some(initial) = &self.initial {
            out.text(b" ");
            sasl::encode_initial(initial.as_bytes(), out);
        }
    }
}

impl Bdat {
    fn encode(self, out: &mut impl Output) {
        out.text(b"BDAT ");
        out.text(self.length.to_string().as_bytes());
        end_marker(self.chunk, out);
    }
}

fn end_marker(chunk: Chunk, out: &mut impl Output) {
    // rule rfc3030 2 last-written: the last chunk says so
    if chunk == Chunk::Last {
        out.text(b" LAST");
    }
}

/// A name that was missing stays so.
fn hello(verb: &str, name: &[u8], out: &mut impl Output) {
    out.text(verb.as_bytes());
    if !name.is_empty() {
        out.text(b" ");
        out.text(name);
    }
}

fn with_text(verb: &str, text: &str, out: &mut impl Output) {
    hello(verb, text.as_bytes(), out);
}

fn attributes(verb: &str, client: &ClientAttributes, out: &mut impl Output) {
    out.text(verb.as_bytes());
    for (name, value) in client.iter() {
        for text in [" ", name, "=", value] {
            out.text(text.as_bytes());
        }
    }
}

fn with_argument(verb: &str, argument: Option<&Argument>, out: &mut impl Output) {
    out.text(verb.as_bytes());
    if let Some(argument) = argument {
        out.text(b" ");
        out.text(argument.as_str().as_bytes());
    }
}

fn parameters<'a>(parameters: impl Iterator<Item = (&'a str, Option<&'a str>)>, out: &mut impl Output) {
    for (keyword, value) in parameters {
        out.text(b" ");
        out.text(keyword.as_bytes());
        if let Some(value) = value {
            out.text(b"=");
            out.text(value.as_bytes());
        }
    }
}
