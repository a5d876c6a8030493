//! What servers say that the RFCs do not allow, or allow and nobody expects.
use crate::{
    folders, mail, messages, octets, scratch,
    server::{Behaviour, Server},
    told,
};
use std::path::Path;

const ONE_TWO: &str = "1 new, 0 fetched before, 0 deleted\n";

fn instead(instead: &[(&'static str, &str)]) -> Behaviour {
    let instead = instead.iter().map(|(heard, said)| (*heard, (*said).to_owned())).collect();
    Behaviour { instead, ..Behaviour::default() }
}

/// Fetches a message from a server that behaves so, and tells what it has heard until the login was done.
fn fetches(name: &str, behaviour: Behaviour) -> Vec<String> {
    let messages = messages(&["hello\r\n"]);
    let server = Server::start(messages.clone());
    server.behave(behaviour);
    let root = scratch(name);
    let output = mail(&server).arg("--maildir").arg(&root).output().unwrap();
    assert_eq!(told(&output), (ONE_TWO.into(), String::new(), Some(0)), "{name}");
    assert_eq!(folders::maildir(&root), octets(&messages), "{name}");
    let heard = server.heard();
    heard.into_iter().skip(1).take_while(|line| line != "CAPA").collect()
}

const SASL: (&str, &str) = ("CAPA", "+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n");
const INITIAL: &str = "AUTH PLAIN AGZyZWQAYmx1cmR5";

#[test]
fn a_server_that_takes_no_initial_response_is_asked_in_two_steps() {
    let behaviour = instead(&[
        SASL,
        ("AUTH PLAIN A", "-ERR Protocol error. Connection is closed. 10\r\n"),
        ("AUTH PLAIN", "+ \r\n"),
    ]);
    assert_eq!(fetches("two-steps", behaviour), [INITIAL, "AUTH PLAIN", "AGZyZWQAYmx1cmR5"]);
}

#[test]
fn an_ok_is_taken_for_a_challenge_where_one_is_due() {
    let behaviour = instead(&[SASL, ("AUTH PLAIN A", "-ERR\r\n"), ("AUTH PLAIN", "+OK\r\n")]);
    assert_eq!(fetches("ok", behaviour), [INITIAL, "AUTH PLAIN", "AGZyZWQAYmx1cmR5"]);
}

#[test]
fn a_server_that_takes_no_initial_response_and_leaves_is_asked_in_two_steps_by_another_session() {
    for leaves in [&[][..], &["AUTH XOAUTH2 "]] {
        let all = messages(&["hello\r\n"]);
        let server = Server::start(all.clone());
        let instead = instead(&[
            ("CAPA", "+OK\r\nSASL PLAIN XOAUTH2\r\nUSER\r\n.\r\n"),
            ("AUTH XOAUTH2 ", "-ERR Protocol error. Connection is closed. 10\r\n"),
            ("AUTH XOAUTH2", "+ \r\n"),
        ]);
        server.behave(Behaviour { leaves, ..instead });
        let root = scratch("office");
        let run = mail(&server).args(["--token", "--mechanism", "XOAUTH2", "--maildir"]).arg(&root).output();
        assert_eq!(told(&run.unwrap()), (ONE_TWO.into(), String::new(), Some(0)));
        assert_eq!(folders::maildir(&root), octets(&all));
        let heard = server.heard();
        let said = "dXNlcj1mcmVkAWF1dGg9QmVhcmVyIGJsdXJkeQEB";
        assert!(heard.windows(2).any(|lines| lines == ["AUTH XOAUTH2", said]), "{heard:?}");
        assert_eq!(heard.iter().filter(|line| line.starts_with("AUTH XOAUTH2 ")).count(), 1, "{heard:?}");
    }
}

#[test]
fn spaces_of_a_password_are_said_as_they_are() {
    let server = Server::start(messages(&["hello\r\n"]));
    let root = scratch("spaces");
    let password = " tan  staaf ";
    let output = mail(&server).env("MAIL_PASSWORD", password).arg("--maildir").arg(&root).output().unwrap();
    assert_eq!(told(&output), (ONE_TWO.into(), String::new(), Some(0)));
    assert!(server.heard().contains(&format!("PASS {password}")));
}

/// A password that was refused is not said in other ways, where more would hear it.
#[test]
fn a_server_that_offers_what_it_does_not_know_hears_the_password_in_no_other_way() {
    let server = Server::start(messages(&["hello\r\n"]));
    server.behave(instead(&[SASL, ("AUTH", "-ERR unknown command\r\n")]));
    let output = mail(&server).arg("--maildir").arg(scratch("no-auth")).output().unwrap();
    assert_eq!(told(&output).2, Some(77));
    assert!(server.heard().iter().all(|line| !line.starts_with("PASS")));
}

#[test]
fn unique_ids_are_asked_for_whatever_capa_lists_and_whatever_it_lists_later() {
    fetches("capa-short", instead(&[("CAPA", "+OK\r\nTOP\r\n.\r\n")]));
    fetches("capa-none", instead(&[("CAPA", "-ERR\r\n")]));
    let server = Server::start(messages(&["hello\r\n"]));
    server.behave(instead(&[("CAPA", "+OK\r\nTOP\r\n.\r\n")]));
    let root = scratch("capa-again");
    assert!(mail(&server).arg("--maildir").arg(&root).status().unwrap().success());
    server.behave(Behaviour::default());
    let output = mail(&server).arg("--maildir").arg(&root).output().unwrap();
    assert_eq!(told(&output).0, "0 new, 1 fetched before, 0 deleted\n");
}

#[test]
fn words_behind_numbers_and_unique_ids_are_passed_over() {
    let behaviour = instead(&[
        ("STAT", "+OK 1 20 extra words\r\n"),
        ("LIST", "+OK 1 message\r\n1 20 extra\r\n.\r\n"),
        ("UIDL", "+OK\r\n1 id extra words\r\n.\r\n"),
    ]);
    fetches("words", behaviour);
}

#[test]
fn a_refusal_is_understood_with_a_plus_and_without_words() {
    let messages = messages(&["one\r\n", "two\r\n", "three\r\n"]);
    for (name, refusal) in [("plus", "+ERR not now\r\n"), ("bare", "-ERR\r\n")] {
        let server = Server::start(messages.clone());
        server.behave(instead(&[("RETR 2", refusal)]));
        let root = scratch(&format!("refusal-{name}"));
        let output = mail(&server).arg("--delete").arg("--maildir").arg(&root).output().unwrap();
        let (said, errors, code) = told(&output);
        assert_eq!((&*said, code), ("2 new, 0 fetched before, 2 deleted\n", Some(75)), "{errors}");
        assert!(errors.contains("mail: message 2 was not handed out:"), "{errors}");
        assert_eq!(folders::maildir(&root), octets(&[messages[0].clone(), messages[2].clone()]));
        // What was not handed out is not deleted.
        assert_eq!(server.messages(), [messages[1].clone()]);
    }
}

/// Fetches what a server says to RETR, in two runs, and tells how they ended and what is there.
fn retrieved(name: &str, said: &str) -> (Vec<Option<i32>>, Vec<Vec<u8>>) {
    let server = Server::start(messages(&["one\r\n"]));
    server.behave(instead(&[("RETR", said)]));
    let root = scratch(name);
    let run = || mail(&server).arg("--delete").arg("--maildir").arg(&root).output().unwrap().status.code();
    let codes = vec![run(), run()];
    (codes, folders::maildir(&root))
}

#[test]
fn lines_that_end_by_lf_alone_are_kept_as_they_are() {
    let (codes, found) = retrieved("bare-lf", "+OK\r\nSubject: x\n\none\n.two\n\r\n.\r\n");
    assert_eq!((codes, found), (vec![Some(0); 2], vec![b"Subject: x\n\none\n.two\n\r\n".to_vec()]));
}

#[test]
fn a_message_that_is_not_dot_stuffed_is_never_taken_for_whole_at_its_own_dot() {
    let (codes, found) =
        retrieved("unstuffed", "+OK\r\nSubject: x\r\n\r\none\r\n.\r\nthe rest of it\r\n.\r\n");
    // It cannot be fetched; and it is neither cut nor deleted.
    assert_eq!((codes, found), (vec![Some(76); 2], vec![]));
    // A dot that no other one follows was never stuffed.
    let server = Server::start(messages(&[".x\r\ny\r\n"]));
    server.behave(Behaviour { unstuffed: true, ..Behaviour::default() });
    let root = scratch("unstuffed-line");
    assert!(mail(&server).arg("--maildir").arg(&root).status().unwrap().success());
    assert_eq!(folders::maildir(&root), [b"Subject: 0\r\n\r\n.x\r\ny\r\n".to_vec()]);
}

#[test]
fn utf8_is_said_where_it_is_offered_and_a_server_that_refuses_it_is_fetched_from() {
    let capa = ("CAPA", "+OK\r\nUTF8 USER\r\nUIDL\r\n.\r\n");
    for (name, said) in [("utf8", "+OK\r\n"), ("utf8-refused", "-ERR not now\r\n")] {
        assert_eq!(fetches(name, instead(&[capa, ("UTF8", said)])), ["UTF8", "USER fred", "PASS blurdy"]);
    }
}

/// Runs twice with `--keep`, then with `--delete`, and tells what was told.
fn thrice(server: &Server, root: &Path) -> Vec<(String, String, Option<i32>)> {
    let run = |option| mail(server).arg(option).arg("--maildir").arg(root).output().unwrap();
    ["--keep", "--keep", "--delete"].map(|option| told(&run(option))).to_vec()
}

#[test]
fn messages_without_a_unique_id_of_their_own_are_told_by_their_octets() {
    let messages = messages(&["one\r\n", "two\r\n", "three\r\n", "four\r\n"]);
    let long = "x".repeat(71);
    for (name, listed) in [
        ("none", "-ERR what?\r\n".to_owned()),
        ("same", "+OK\r\n1 a\r\n2 a\r\n3 a\r\n4 a\r\n.\r\n".to_owned()),
        ("two-same", "+OK\r\n1 a\r\n2 b\r\n3 a\r\n4 c\r\n.\r\n".to_owned()),
        ("long", format!("+OK\r\n1 {long}\r\n2 b\r\n3 c\r\n4 d\r\n.\r\n")),
        ("odd", "+OK\r\n1 \x01\r\n2 gr\u{fc}n\r\n3\r\nwhat\r\n4 d\r\n9 e\r\n0 f\r\n.\r\n".to_owned()),
        ("few", "+OK\r\n3 c\r\n.\r\n".to_owned()),
    ] {
        let server = Server::start(messages.clone());
        server.behave(instead(&[("UIDL", &listed)]));
        let root = scratch(&format!("ids-{name}"));
        let runs = thrice(&server, &root);
        for (run, said) in runs.iter().zip(["4 new, 0 fetched", "0 new, 4 fetched", "0 new, 4 fetched"]) {
            assert!(run.0.starts_with(said) && run.2 == Some(0), "{name}: {run:?}");
        }
        assert!(runs[0].1.starts_with("mail: the server does not tell messages apart"), "{name}: {runs:?}");
        assert_eq!(folders::maildir(&root), octets(&messages), "{name}");
        assert_eq!(server.messages(), [], "{name}");
    }
}

#[test]
fn a_server_that_stops_telling_unique_ids_does_not_double_its_messages() {
    let server = Server::start(messages(&["one\r\n", "two\r\n"]));
    let root = scratch("ids-gone");
    let run = || told(&mail(&server).arg("--maildir").arg(&root).output().unwrap());
    assert_eq!(run().2, Some(0));
    server.behave(instead(&[("UIDL", "-ERR try later\r\n")]));
    let (_, errors, code) = run();
    assert!(errors.contains("the server told unique-ids before, and does not now"), "{errors}");
    assert_eq!((code, folders::maildir(&root).len()), (Some(75), 2));
}

#[test]
fn a_maildrop_that_is_empty_for_a_while_does_not_double_its_messages() {
    let messages = messages(&["one\r\n", "two\r\n", "three\r\n"]);
    let server = Server::start(messages.clone());
    let root = scratch("empty");
    let run = |option: &str| told(&mail(&server).arg(option).arg("--maildir").arg(&root).output().unwrap());
    assert_eq!(run("--keep").0, "3 new, 0 fetched before, 0 deleted\n");
    for left in [&[][..], &messages[1..], &[]] {
        server.fill(left);
        let said = format!("0 new, {} fetched before, 0 deleted\n", left.len());
        assert_eq!(run("--keep"), (said, String::new(), Some(0)));
    }
    // They are back, but for one, whose unique-id another message has now.
    let mut back = messages.clone();
    back[2].octets = b"Subject: 4\r\n\r\nanother one\r\n".to_vec();
    server.fill(&back);
    assert_eq!(run("--keep").0, "1 new, 2 fetched before, 0 deleted\n");
    assert_eq!(run("--delete").0, "0 new, 3 fetched before, 3 deleted\n");
    let all: Vec<_> = messages.iter().chain(&back[2..]).cloned().collect();
    assert_eq!(folders::maildir(&root), octets(&all));
}

#[test]
fn a_server_that_tells_fewer_unique_ids_for_a_while_does_not_double_its_messages() {
    let server = Server::start(messages(&["one\r\n", "two\r\n", "three\r\n"]));
    let root = scratch("fewer");
    let run = || told(&mail(&server).arg("--maildir").arg(&root).output().unwrap());
    assert_eq!(run().2, Some(0));
    server.behave(instead(&[("UIDL", "+OK\r\n2 id/1:\"%\r\n.\r\n")]));
    let (_, errors, code) = run();
    assert!(errors.contains("the server told unique-ids before, and does not now"), "{errors}");
    assert_eq!(code, Some(75));
    server.behave(Behaviour::default());
    assert_eq!(run().0, "0 new, 3 fetched before, 0 deleted\n");
    assert_eq!(folders::maildir(&root).len(), 3);
}

#[test]
fn a_server_that_tells_some_unique_ids_is_believed_when_it_says_so_again() {
    let all = messages(&["one\r\n", "two\r\n", "three\r\n"]);
    let server = Server::start(all.clone());
    let root = scratch("some");
    let run = || told(&mail(&server).arg("--maildir").arg(&root).output().unwrap());
    server.behave(instead(&[("UIDL", "+OK\r\n2 b\r\n.\r\n")]));
    assert_eq!(run().0, "3 new, 0 fetched before, 0 deleted\n");
    // Another client has deleted the one that had an id.
    server.fill(&[all[0].clone(), all[2].clone()]);
    server.behave(instead(&[("UIDL", "+OK\r\n.\r\n")]));
    assert_eq!(run().2, Some(75));
    assert_eq!(run().0, "0 new, 2 fetched before, 0 deleted\n");
    assert_eq!(folders::maildir(&root), octets(&all));
}
