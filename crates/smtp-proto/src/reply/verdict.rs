//! What a reply says beyond its first digit.
use super::{Class, Code, Reply};

impl Reply {
    /// 421: the server closes the connection, whatever was asked
    /// ([RFC 5321 §3.8](https://www.rfc-editor.org/rfc/rfc5321#section-3.8)).
    pub fn is_closing(&self) -> bool {
        self.code() == Code::NOT_AVAILABLE
    }

    /// To RCPT: those before it stand, this one and others behind it are for another transaction
    /// ([RFC 5321 §4.5.3.1.10](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.10)).
    ///
    /// 452 says so, and 552 of servers that are older than that; but not where the enhanced code tells of something
    /// else, as a mailbox that is full.
    ///
    /// ```
    /// use smtp_proto::{Class, Code, Reply, Text};
    /// let reply = |code, text| Reply::new(code, Text::from_static(text));
    /// let many = reply(Code::EXCEEDED_STORAGE, "too many recipients");
    /// assert!(many.is_too_many_recipients());
    /// assert_eq!(many.class_to_rcpt(), Class::Transient);
    /// let full = reply(Code::EXCEEDED_STORAGE, "5.2.2 mailbox full");
    /// assert!(!full.is_too_many_recipients());
    /// assert_eq!(full.class_to_rcpt(), Class::Permanent);
    /// ```
    pub fn is_too_many_recipients(&self) -> bool {
        let code = self.code();
        match self.enhanced().map(|enhanced| (enhanced.subject(), enhanced.detail())) {
            // rule rfc3463 3.6 too-many-recipients: X.5.3 of a refusal says that there are too many recipients
            Some((5, 3)) => matches!(code.class(), Class::Transient | Class::Permanent),
            // X.0.0 and X.5.0 tell nothing.
            // rule rfc5321 4.5.3.1.10 client-452: 452 to RCPT says that there are too many recipients
            Some((0 | 5, 0)) | None if code == Code::INSUFFICIENT_STORAGE => true,
            // rule rfc5321 4.5.3.1.10 client-552: 552 to RCPT says so too, as it was in RFC 821
            Some((0 | 5, 0)) | None if code == Code::EXCEEDED_STORAGE => true,
            _ => false,
        }
    }

    /// What a reply to RCPT comes to: as its [`class`](Code::class), and too many recipients are no reason to give one
    /// up ([RFC 5321 §4.5.3.1.10](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.10)).
    pub fn class_to_rcpt(&self) -> Class {
        // rule rfc5321 4.5.3.1.10 client-552-transient: too many recipients are a transient failure, whatever the code
        if self.is_too_many_recipients() {
            return Class::Transient;
        }
        self.code().class()
    }
}
