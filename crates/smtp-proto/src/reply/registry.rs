//! What enhanced codes mean: IANA's registry of them
//! ([RFC 5248](https://www.rfc-editor.org/rfc/rfc5248)).
use super::{EnhancedClass, EnhancedCode};

impl EnhancedCode {
    /// What the registry says that it means, whatever its class; `None` where it is not registered, as `5.7.509` is
    /// not. [`about`](Self::about) tells at least the subject then.
    ///
    /// ```
    /// # use smtp_proto::EnhancedCode;
    /// assert_eq!(EnhancedCode::permanent(1, 10).meaning(), Some("Recipient address has null MX"));
    /// assert_eq!(EnhancedCode::permanent(7, 509).meaning(), None);
    /// assert_eq!(EnhancedCode::permanent(7, 509).about(), Some("Security or Policy Status"));
    /// ```
    pub const fn meaning(self) -> Option<&'static str> {
        match self.subject() {
            // rule rfc3463 3.1 other-named: X.0.0 has a name
            0 => other(self.detail()),
            // rule rfc3463 3.2 address-named: what is wrong with an address has a name
            1 => address(self.detail()),
            // rule rfc3463 3.3 mailbox-named: what is wrong with a mailbox has a name
            2 => mailbox(self.detail()),
            // rule rfc3463 3.4 system-named: what is wrong with a mail system has a name
            3 => system(self.detail()),
            // rule rfc3463 3.5 network-named: what is wrong with the network has a name
            4 => network(self.detail()),
            // rule rfc3463 3.6 protocol-named: what is wrong with the protocol has a name
            5 => protocol(self.detail()),
            // rule rfc3463 3.7 content-named: what is wrong with the content has a name
            6 => content(self.detail()),
            // rule rfc3463 3.8 security-named: what security forbids has a name
            7 => security(self.detail()),
            _ => None,
        }
    }

    /// What its subject is ([RFC 3463 §2](https://www.rfc-editor.org/rfc/rfc3463#section-2)); `None` where that is
    /// not registered.
    pub const fn about(self) -> Option<&'static str> {
        Some(match self.subject() {
            0 => "Other or Undefined Status",
            1 => "Addressing Status",
            2 => "Mailbox Status",
            3 => "Mail System Status",
            4 => "Network and Routing Status",
            5 => "Mail Delivery Protocol Status",
            6 => "Message Content or Media Status",
            7 => "Security or Policy Status",
            _ => return None,
        })
    }

    /// The most that the registry tells of it: its [`meaning`](Self::meaning), else what it is
    /// [`about`](Self::about), else its class.
    pub const fn summary(self) -> &'static str {
        match (self.meaning(), self.about()) {
            (Some(meaning), _) => meaning,
            // rule rfc3463 2 detail-unknown: of an unknown detail the subject is told [instead: self.class().meaning()]
            (None, Some(about)) => about,
            // rule rfc3463 2 class-told: the class is told even where nothing else is known [instead: ""]
            (None, None) => self.class().meaning(),
        }
    }
}

impl EnhancedClass {
    /// What the registry calls it ([RFC 3463 §2](https://www.rfc-editor.org/rfc/rfc3463#section-2)).
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Transient => "Persistent Transient Failure",
            Self::Permanent => "Permanent Failure",
        }
    }
}

const fn other(detail: u16) -> Option<&'static str> {
    match detail {
        0 => Some("Other undefined Status"),
        _ => None,
    }
}

const fn address(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other address status",
        1 => "Bad destination mailbox address",
        2 => "Bad destination system address",
        3 => "Bad destination mailbox address syntax",
        4 => "Destination mailbox address ambiguous",
        5 => "Destination address valid",
        6 => "Destination mailbox has moved, No forwarding address",
        7 => "Bad sender's mailbox address syntax",
        8 => "Bad sender's system address",
        // RFC 3886.
        9 => "Message relayed to non-compliant mailer",
        // RFC 7505.
        10 => "Recipient address has null MX",
        _ => return None,
    })
}

const fn mailbox(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other or undefined mailbox status",
        1 => "Mailbox disabled, not accepting messages",
        2 => "Mailbox full",
        3 => "Message length exceeds administrative limit",
        4 => "Mailing list expansion problem",
        _ => return None,
    })
}

const fn system(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other or undefined mail system status",
        1 => "Mail system full",
        2 => "System not accepting network messages",
        3 => "System not capable of selected features",
        4 => "Message too big for system",
        5 => "System incorrectly configured",
        // RFC 6710.
        6 => "Requested priority was changed",
        _ => return None,
    })
}

const fn network(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other or undefined network or routing status",
        1 => "No answer from host",
        2 => "Bad connection",
        3 => "Directory server failure",
        4 => "Unable to route",
        5 => "Mail system congestion",
        6 => "Routing loop detected",
        // RFC 2852 has it too: the time of BY is over.
        7 => "Delivery time expired",
        _ => return None,
    })
}

const fn protocol(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other or undefined protocol status",
        1 => "Invalid command",
        2 => "Syntax error",
        3 => "Too many recipients",
        4 => "Invalid command arguments",
        5 => "Wrong protocol version",
        // RFC 4954.
        6 => "Authentication Exchange line is too long",
        _ => return None,
    })
}

const fn content(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other or undefined media error",
        1 => "Media not supported",
        2 => "Conversion required and prohibited",
        3 => "Conversion required but not supported",
        4 => "Conversion with loss performed",
        5 => "Conversion Failed",
        // RFC 4468.
        6 => "Message content not available",
        // RFC 6531.
        7 => "Non-ASCII addresses not permitted for that sender/recipient",
        // The latter is a duplicate of the former, and deprecated.
        8 | 10 => "UTF-8 string reply is required, but not permitted by the SMTP client",
        9 => {
            "UTF-8 header message cannot be transferred to one or more recipients, so the message must be rejected"
        }
        _ => return None,
    })
}

const fn security(detail: u16) -> Option<&'static str> {
    Some(match detail {
        0 => "Other or undefined security status",
        1 => "Delivery not authorized, message refused",
        2 => "Mailing list expansion prohibited",
        3 => "Security conversion required but not possible",
        4 => "Security features not supported",
        5 => "Cryptographic failure",
        6 => "Cryptographic algorithm not supported",
        7 => "Message integrity failure",
        // RFC 4954.
        8 => "Authentication credentials invalid",
        9 => "Authentication mechanism is too weak",
        // RFC 5248.
        // rule rfc5248 2.4 encryption-needed-named: X.7.10 has a name
        10 => "Encryption Needed",
        11 => "Encryption required for requested authentication mechanism",
        12 => "A password transition is needed",
        // rule rfc5248 2.4 account-disabled-named: X.7.13 has a name
        13 => "User Account Disabled",
        // rule rfc5248 2.4 trust-named: X.7.14 has a name
        14 => "Trust relationship required",
        // RFC 6710.
        15 => "Priority Level is too low",
        16 => "Message is too big for the specified priority",
        // RFC 7293.
        17 => "Mailbox owner has changed",
        18 => "Domain owner has changed",
        19 => "RRVS test cannot be completed",
        // RFC 7372.
        20 => "No passing DKIM signature found",
        21 => "No acceptable DKIM signature found",
        22 => "No valid author-matched DKIM signature found",
        23 => "SPF validation failed",
        24 => "SPF validation error",
        25 => "Reverse DNS validation failed",
        26 => "Multiple authentication checks failed",
        // RFC 7505.
        27 => "Sender address has null MX",
        // No RFC's.
        28 => "Mail flood detected",
        // RFC 8617.
        29 => "ARC validation failure",
        // RFC 8689.
        30 => "REQUIRETLS support required",
        _ => return None,
    })
}
