//! The codes of replies: what they may be, and what they mean.
use smtp_proto::{Class, Code, EnhancedClass, EnhancedCode, Reply, Text};

// covers rfc2034 4 classes-agree
#[test]
fn the_two_codes_of_a_reply_are_of_one_class() {
    let enhanced = EnhancedCode::permanent(1, 1);
    let error = Reply::with_enhanced(Code::OK, enhanced, Text::EMPTY).unwrap_err();
    assert_eq!(error.to_string(), "enhanced code 5.1.1 in a reply with code 250");
    assert!(Reply::with_enhanced(Code::CHALLENGE, enhanced, Text::EMPTY).is_err());
    assert!(Reply::with_enhanced(Code::NO_MAIL, enhanced, Text::EMPTY).is_ok());
}

// covers rfc5321 4.3.2 codes-of-three-digits
// covers rfc5321 4.2.1 2yz
// covers rfc5321 4.2.1 3yz
// covers rfc5321 4.2.1 4yz
#[test]
fn codes_say_what_to_do() {
    for (code, class) in [
        (250, Class::Completion),
        (354, Class::Intermediate),
        (421, Class::Transient),
        (500, Class::Permanent),
        (559, Class::Permanent),
    ] {
        assert_eq!(Code::new(code).unwrap().class(), class);
    }
    for code in [0, 199, 260, 299, 560, 600, u16::MAX] {
        assert!(Code::new(code).is_err(), "{code}");
    }
    assert_eq!(
        Code::new(600).unwrap_err().to_string(),
        "reply code 600 where 200 to 559 are allowed, with a second digit of at most 5"
    );
}

// covers rfc2034 4 three-digits
// covers rfc3463 2 no-leading-zeros
#[test]
fn enhanced_codes_read_and_write() {
    let code: EnhancedCode = "4.999.0".parse().unwrap();
    assert_eq!((code.class(), code.subject(), code.detail()), (EnhancedClass::Transient, 999, 0));
    for (text, message) in [
        ("3.1.1", "expected 2, 4 or 5 at octet 0, found '3'"),
        ("5", "expected '.' at octet 1, found the end"),
        ("5.1", "expected '.' at octet 3, found the end"),
        ("5.1.", "expected a number at octet 4, found the end"),
        ("5.1000.1", "expected a number of at most three digits at octet 2, found '1'"),
        ("5.01.1", "expected a number without zeros in front at octet 2, found '0'"),
        ("5.1.00", "expected a number without zeros in front at octet 4, found '0'"),
        ("5.1.1 ", "expected the end at octet 5, found ' '"),
    ] {
        assert_eq!(text.parse::<EnhancedCode>().unwrap_err().to_string(), message);
    }
}

/// The registry, a row a line: `X.1.10 Recipient address has null MX`.
const REGISTRY: &str = "\
X.0.0 Other undefined Status
X.1.0 Other address status
X.1.1 Bad destination mailbox address
X.1.2 Bad destination system address
X.1.3 Bad destination mailbox address syntax
X.1.4 Destination mailbox address ambiguous
X.1.5 Destination address valid
X.1.6 Destination mailbox has moved, No forwarding address
X.1.7 Bad sender's mailbox address syntax
X.1.8 Bad sender's system address
X.1.9 Message relayed to non-compliant mailer
X.1.10 Recipient address has null MX
X.2.0 Other or undefined mailbox status
X.2.1 Mailbox disabled, not accepting messages
X.2.2 Mailbox full
X.2.3 Message length exceeds administrative limit
X.2.4 Mailing list expansion problem
X.3.0 Other or undefined mail system status
X.3.1 Mail system full
X.3.2 System not accepting network messages
X.3.3 System not capable of selected features
X.3.4 Message too big for system
X.3.5 System incorrectly configured
X.3.6 Requested priority was changed
X.4.0 Other or undefined network or routing status
X.4.1 No answer from host
X.4.2 Bad connection
X.4.3 Directory server failure
X.4.4 Unable to route
X.4.5 Mail system congestion
X.4.6 Routing loop detected
X.4.7 Delivery time expired
X.5.0 Other or undefined protocol status
X.5.1 Invalid command
X.5.2 Syntax error
X.5.3 Too many recipients
X.5.4 Invalid command arguments
X.5.5 Wrong protocol version
X.5.6 Authentication Exchange line is too long
X.6.0 Other or undefined media error
X.6.1 Media not supported
X.6.2 Conversion required and prohibited
X.6.3 Conversion required but not supported
X.6.4 Conversion with loss performed
X.6.5 Conversion Failed
X.6.6 Message content not available
X.6.7 Non-ASCII addresses not permitted for that sender/recipient
X.6.8 UTF-8 string reply is required, but not permitted by the SMTP client
X.6.9 UTF-8 header message cannot be transferred to one or more recipients, so the message must be rejected
X.6.10 UTF-8 string reply is required, but not permitted by the SMTP client
X.7.0 Other or undefined security status
X.7.1 Delivery not authorized, message refused
X.7.2 Mailing list expansion prohibited
X.7.3 Security conversion required but not possible
X.7.4 Security features not supported
X.7.5 Cryptographic failure
X.7.6 Cryptographic algorithm not supported
X.7.7 Message integrity failure
X.7.8 Authentication credentials invalid
X.7.9 Authentication mechanism is too weak
X.7.10 Encryption Needed
X.7.11 Encryption required for requested authentication mechanism
X.7.12 A password transition is needed
X.7.13 User Account Disabled
X.7.14 Trust relationship required
X.7.15 Priority Level is too low
X.7.16 Message is too big for the specified priority
X.7.17 Mailbox owner has changed
X.7.18 Domain owner has changed
X.7.19 RRVS test cannot be completed
X.7.20 No passing DKIM signature found
X.7.21 No acceptable DKIM signature found
X.7.22 No valid author-matched DKIM signature found
X.7.23 SPF validation failed
X.7.24 SPF validation error
X.7.25 Reverse DNS validation failed
X.7.26 Multiple authentication checks failed
X.7.27 Sender address has null MX
X.7.28 Mail flood detected
X.7.29 ARC validation failure
X.7.30 REQUIRETLS support required";

// covers rfc3463 3.1 other-named
// covers rfc3463 3.2 address-named
// covers rfc3463 3.3 mailbox-named
// covers rfc3463 3.4 system-named
// covers rfc3463 3.5 network-named
// covers rfc3463 3.6 protocol-named
// covers rfc3463 3.7 content-named
// covers rfc3463 3.8 security-named
// covers rfc5248 2.4 encryption-needed-named
// covers rfc5248 2.4 account-disabled-named
// covers rfc5248 2.4 trust-named
#[test]
fn every_code_of_the_registry_is_named_and_no_other() {
    let named: Vec<_> = REGISTRY.lines().map(|row| row.split_once(' ').unwrap()).collect();
    for (code, meaning) in &named {
        for class in ["2", "4", "5"] {
            let code: EnhancedCode = code.replace('X', class).parse().unwrap();
            assert_eq!((code.meaning(), code.summary()), (Some(*meaning), *meaning), "{code}");
        }
    }
    let all =
        (0..=20).flat_map(|subject| (0..=999).map(move |detail| EnhancedCode::permanent(subject, detail)));
    assert_eq!(all.filter(|code| code.meaning().is_some()).count(), named.len());
}

// covers rfc3463 2 detail-unknown
// covers rfc3463 2 class-told
#[test]
fn of_a_code_that_is_not_registered_the_subject_and_the_class_are_told() {
    for (code, about, summary) in [
        ("5.7.509", Some("Security or Policy Status"), "Security or Policy Status"),
        ("4.0.1", Some("Other or Undefined Status"), "Other or Undefined Status"),
        ("4.8.0", None, "Persistent Transient Failure"),
        ("2.999.999", None, "Success"),
        ("5.8.1", None, "Permanent Failure"),
    ] {
        let code: EnhancedCode = code.parse().unwrap();
        assert_eq!((code.meaning(), code.about(), code.summary()), (None, about, summary), "{code}");
    }
}
