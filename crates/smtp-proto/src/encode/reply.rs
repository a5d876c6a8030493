//! Replies.
use crate::Reply;
use mail_wire::Output;

impl Reply {
    /// Writes all lines, each with its codes and its CRLF.
    pub fn encode(&self, out: &mut impl Output) {
        let mut lines = self.lines().peekable();
        while let Some(line) = lines.next() {
            out.number(u64::from(self.code().as_u16()));
            out.text(if lines.peek().is_some() { b"-" } else { b" " });
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
            out.text(b"\r\n");
        }
    }
}
