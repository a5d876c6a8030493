//! Replies.
use crate::Reply;
use mail_wire::Output;

impl Reply {
    /// Writes all lines, each with its codes and its CRLF.
    pub fn encode(&self, out: &mut impl Output) {
        let mut lines = self.lines().peekable();
        while let Some(line) = lines.next() {
            // rule rfc5321 4.2.1 code-on-each-line: each line of a reply begins with its code
            out.number(u64::from(self.code().as_u16()));
            // rule rfc5321 4.2.1 hyphen: a hyphen behind the code says that lines follow, a space that none does
            out.text(if lines.peek().is_some() { b"-" } else { b" " });
            // rule rfc2034 4 code-on-each-line: each line of a reply begins with its enhanced code
            if let Some(enhanced) = self.enhanced() {
                out.number(u64::from(enhanced.class() as u8));
                out.text(b".");
                out.number(u64::from(enhanced.subject()));
                out.text(b".");
                out.number(u64::from(enhanced.detail()));
                if !line.is_empty() {
                    out.text(b" ");
                }
            }
            out.text(line);
            // rule rfc5321 2.3.7 reply-lines: a reply is lines that end in CRLF
            out.text(b"\r\n");
        }
    }
}
