//! One message, one transaction.
use super::sends::{
    BODY, QUIT, Sends, delivers, greeting, group, lmtp, mail, of, one, one_by_one, open, taken, to,
};
use smtp_proto::ClientConfig;

// covers rfc2920 3.1 delivery-groups
#[test]
fn a_message_takes_two_round_trips_where_commands_may_be_grouped() {
    let three = ["bob", "cy", "dee"];
    let replies = ["250 ok", "250 ok", "550 5.1.1 nobody", "450 4.2.1 busy", "354 go"];
    let session = group(&three, &replies) + BODY + "S: 250 2.0.0 queued\n" + QUIT;
    let log = one("PIPELINING", &session, &to(&three));
    assert_eq!(log, ["body", "accepted 250", "Rcpt 550 Never", "Rcpt 450 Later", "closed"]);
}

#[test]
fn without_pipelining_nothing_is_sent_before_what_was_sent_is_answered() {
    let named = one_by_one(&["bob", "cy"], &["250 ok", "550 no", "250 ok", "354 go"]);
    let session = named + BODY + "S: 250 queued\n" + QUIT;
    let log = one("SIZE", &session, &to(&["bob", "cy"]));
    assert_eq!(log, ["body", "Rcpt 550 Never", "accepted 250", "closed"]);
}

// covers rfc5321 4.2.1 delivery-later
#[test]
fn a_sender_that_is_refused_costs_one_command() {
    let log = one(
        "SIZE",
        "C: MAIL FROM:<ann@example.org>\nS: 451 4.7.1 greylisted\nC: QUIT\nS: 221 bye",
        &to(&["bob", "cy"]),
    );
    assert_eq!(log, ["Mail 451 Later", "Mail 451 Later", "closed"]);
    let replies = ["550 no", "503 no", "250 odd, but it has no MAIL", "503 no"];
    let log = one("PIPELINING", &(group(&["bob", "cy"], &replies) + QUIT), &to(&["bob", "cy"]));
    assert_eq!(log, ["Mail 550 Never", "Mail 550 Never", "closed"]);
}

// covers rfc5321 3.3 delivery-resets
#[test]
fn a_transaction_without_recipients_is_ended_before_the_next_one() {
    let script = greeting("SIZE")
        + &one_by_one(&["bob"], &["250 ok", "550 no"])
        + "C: RSET\nS: 250 ok\n"
        + &one_by_one(&["cy"], &["250 ok", "250 ok", "354 go"])
        + BODY
        + "S: 250 queued\n"
        + QUIT;
    let log = delivers(&script, &open(), || Sends::new([to(&["bob"]), to(&["cy"])]));
    assert_eq!(log, ["ready", "Rcpt 550 Never", "body", "accepted 250", "closed"]);
}

// covers rfc2920 3.1 lone-dot
#[test]
fn a_server_that_says_354_to_nobody_gets_a_lone_dot() {
    let script = greeting("PIPELINING")
        + &group(&["bob"], &["250 ok", "550 no", "354 go"])
        + "C: .\nS: 554 nobody to send it to\n"
        + &taken(&["cy"])
        + QUIT;
    let log = delivers(&script, &open(), || Sends::new([to(&["bob"]), to(&["cy"])]));
    assert_eq!(log, ["ready", "Rcpt 550 Never", "body", "accepted 250", "closed"]);
}

// covers rfc5321 3.3 delivery-resets
#[test]
fn a_data_that_is_refused_counts_for_all_and_leaves_the_session_free() {
    let next = group(&["dee"], &["250 ok", "250 ok", "354 go"]).replacen("S:", "S: 250 reset\nS:", 1);
    let script = greeting("PIPELINING")
        + &group(&["bob", "cy"], &["250 ok", "250 ok", "550 no", "451 not now"])
        + "C: RSET\n"
        + &next
        + BODY
        + "S: 554 5.6.0 not like this\n"
        + QUIT;
    let log = delivers(&script, &open(), || Sends::new([to(&["bob", "cy"]), to(&["dee"])]));
    let first = ["ready", "Data 451 Later", "Rcpt 550 Never"];
    assert_eq!(log, [&first[..], &["body", "Message 554 Never", "closed"]].concat());
}

// covers rfc2033 4.2 delivery-each
// covers rfc2033 4.1 delivery-lhlo
#[test]
fn lmtp_tells_for_each_recipient_what_became_of_the_message() {
    let three = ["bob", "cy", "dee"];
    let script = greeting("PIPELINING").replace("EHLO", "LHLO")
        + &group(&three, &["250 ok", "250 ok", "550 no", "250 ok", "354 go"])
        + BODY
        + "S: 250 ok\nS: 452 4.2.2 full\n"
        + QUIT;
    let log = delivers(&script, &lmtp(), || Sends::new([to(&three)]));
    assert_eq!(log, ["ready", "body", "accepted 250", "Rcpt 550 Never", "Message 452 Later", "closed"]);
}

#[test]
fn more_recipients_than_may_be_in_flight_are_named_as_replies_come() {
    let names: Vec<String> = (0..7).map(|number| format!("b{number}")).collect();
    let message = to(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let rcpt = |number: usize| format!("C: RCPT TO:<b{number}@x.example>\n");
    let mut script = greeting("PIPELINING") + "C: MAIL FROM:<ann@example.org>\n" + &rcpt(0) + &rcpt(1);
    for reply in 0..8 {
        script += "S: 250 ok\n";
        script += &match reply + 2 {
            number @ 2..=6 => rcpt(number),
            7 => "C: DATA\n".into(),
            _ => String::new(),
        };
    }
    script += &("S: 354 go\n".to_owned() + BODY + "S: 250 queued\n" + QUIT);
    let config = ClientConfig { max_in_flight: 3, ..open() };
    let log = delivers(&script, &config, || Sends::new([message.clone()]));
    assert_eq!(log[..2], ["ready", "body"]);
    assert_eq!(log[2..], [&["accepted 250"; 7][..], &["closed"]].concat());
}

#[test]
fn a_message_to_nobody_is_no_transaction() {
    let log = one("PIPELINING", QUIT, &of(mail(), &[]));
    assert_eq!(log, ["closed"]);
}
