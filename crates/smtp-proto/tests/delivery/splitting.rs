//! Recipients who do not fit into one transaction.
use super::sends::{BODY, QUIT, Sends, delivers, greeting, group, one, open, taken, to};
use smtp_proto::delivery::Reading;

const RESET: &str = "C: RSET\nC: QUIT\nS: 250 ok\nS: 221 bye\n";

// covers rfc9422 4.2 delivery-rcptmax
// covers rfc9422 4.1 delivery-mailmax
#[test]
fn limits_that_are_told_are_kept_to() {
    let session = taken(&["a", "b"]) + &taken(&["c", "d"]) + QUIT;
    let five = to(&["a", "b", "c", "d", "e"]);
    let log = one("PIPELINING,LIMITS RCPTMAX=2 MAILMAX=2 X=1", &session, &five);
    let accepted = "accepted 250";
    let left = "Later 4.5.3 the server takes no more transactions in this session";
    assert_eq!(log, ["body", "body", accepted, accepted, accepted, accepted, left, "closed"]);
    let log = one("PIPELINING,LIMITS MAILMAX=0", &(taken(&["a"]) + QUIT), &to(&["a"]));
    assert_eq!(log, ["body", accepted, "closed"]);
}

// covers rfc9422 4.3 delivery-rcptdomainmax
#[test]
fn a_session_has_recipients_of_as_many_domains_as_it_may() {
    let names = ["a", "b@y.example", "c@X.example", "d@z.example", "e@y.example"];
    let script = greeting("PIPELINING,LIMITS RCPTDOMAINMAX=2")
        + &taken(&["a", "b@y.example", "c@X.example", "e@y.example"])
        + &taken(&["f@Y.example"])
        + QUIT;
    let sends = || Sends::new([to(&names), to(&["d@z.example"]), to(&["f@Y.example"])]);
    let log = delivers(&script, &open(), sends);
    let (accepted, left) =
        ("accepted 250", "Later 4.5.3 the server takes recipients of no more domains in this session");
    let first = ["ready", "body", accepted, accepted, accepted, left, accepted];
    assert_eq!(log, [&first[..], &[left, "body", accepted, "closed"]].concat());
}

fn too_many(code: &str) -> String {
    let replies = ["250 ok", "250 ok", "550 no", code, code, "354 go"];
    greeting("PIPELINING") + &group(&["a", "b", "c", "d"], &replies) + BODY + "S: 250 queued\n"
}

// covers rfc5321 4.5.3.1.10 delivery-splits
// covers rfc5321 4.5.3.1.10 delivery-552
#[test]
fn those_who_are_too_many_are_sent_the_message_in_another_taken() {
    for code in ["452 4.5.3 too many", "452 too many", "552 too many", "552 5.5.3 too many"] {
        // One was accepted: so many fit.
        let script = too_many(code) + &taken(&["c"]) + &taken(&["d"]) + QUIT;
        let log = delivers(&script, &open(), || Sends::new([to(&["a", "b", "c", "d"])]));
        let outcomes = ["accepted 250", "Rcpt 550 Never", "accepted 250", "accepted 250"];
        assert_eq!(log, [&["ready", "body", "body", "body"][..], &outcomes, &["closed"]].concat());
        // Who cannot read the body again tries later, whatever the class.
        let once = || Sends::new([to(&["a", "b", "c", "d"]).with_reading(Reading::Once)]);
        let log = delivers(&(too_many(code) + QUIT), &open(), once);
        let later = format!("Rcpt {} Later", &code[..3]);
        assert_eq!(log, ["ready", "body", "accepted 250", "Rcpt 550 Never", &later, &later, "closed"]);
    }
}

#[test]
fn a_server_that_takes_nobody_more_is_not_asked_for_each() {
    let refused = group(&["c"], &["250 ok", "452 enough for today", "503 no"]);
    let script = too_many("452 enough for today") + &refused + RESET;
    let log = delivers(&script, &open(), || Sends::new([to(&["a", "b", "c", "d"])]));
    let outcomes = ["accepted 250", "Rcpt 550 Never", "Rcpt 452 Later", "Rcpt 452 Later"];
    assert_eq!(log, [&["ready", "body"][..], &outcomes, &["closed"]].concat());
}

#[test]
fn a_mailbox_that_is_full_is_not_too_many_recipients() {
    let script = too_many("452 4.2.2 full") + QUIT;
    let log = delivers(&script, &open(), || Sends::new([to(&["a", "b", "c", "d"])]));
    assert_eq!(log[2..], ["accepted 250", "Rcpt 550 Never", "Rcpt 452 Later", "Rcpt 452 Later", "closed"]);
}

#[test]
fn too_many_where_there_is_nobody_yet_is_a_refusal() {
    let session = group(&["a"], &["250 ok", "452 too many", "503 no"]) + RESET;
    assert_eq!(one("PIPELINING", &session, &to(&["a"])), ["Rcpt 452 Later", "closed"]);
}

#[test]
fn a_body_that_can_be_read_once_is_sent_once() {
    let message = to(&["a", "b", "c"]).with_reading(Reading::Once);
    let session = taken(&["a", "b"]) + QUIT;
    let log = one("PIPELINING,LIMITS RCPTMAX=2", &session, &message);
    let left = "Later 4.5.3 another transaction is needed, and the body can be read once";
    assert_eq!(log, ["body", "accepted 250", "accepted 250", left, "closed"]);
}
