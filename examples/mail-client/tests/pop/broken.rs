//! Messages at which the server breaks the protocol: they are left, told, and stand in nobody's way.
use crate::{
    folders, mail, messages, octets, scratch,
    server::{Behaviour, Message, Server},
    told,
};
use std::path::Path;

/// A message that is not dot-stuffed.
const UNSTUFFED: &str = "+OK\r\nSubject: x\r\n\r\none\r\n.\r\nthe rest of it\r\n.\r\n";

fn four() -> Vec<Message> {
    messages(&["one\r\n", "two\r\n", "three\r\n", "four\r\n"])
}

fn broken(instead: &[(&'static str, &str)]) -> Behaviour {
    let instead = instead.iter().map(|(heard, said)| (*heard, (*said).to_owned())).collect();
    Behaviour { instead, ..Behaviour::default() }
}

fn run(server: &Server, root: &Path, option: &str) -> (String, String, Option<i32>) {
    told(&mail(server).arg(option).arg("--maildir").arg(root).output().unwrap())
}

/// All but these, counted from 0.
fn but(left: &[usize]) -> Vec<Vec<u8>> {
    let messages = four().into_iter().enumerate().filter(|(number, _)| !left.contains(number));
    octets(&messages.map(|(_, message)| message).collect::<Vec<_>>())
}

#[test]
fn a_message_that_breaks_the_protocol_is_left_and_what_is_behind_it_comes() {
    let long = format!("+OK {}\r\n", "x".repeat(20_000));
    for (name, said) in [("unstuffed", UNSTUFFED), ("garbage", "what?\r\n"), ("long", &long)] {
        let server = Server::start(four());
        server.behave(broken(&[("RETR 2", said)]));
        let root = scratch(&format!("broken-{name}"));
        for (option, counts) in [
            ("--keep", "3 new, 0 fetched before, 0 deleted\n"),
            ("--keep", "0 new, 3 fetched before, 0 deleted\n"),
            ("--delete", "0 new, 3 fetched before, 3 deleted\n"),
        ] {
            let (said, errors, code) = run(&server, &root, option);
            assert_eq!((&*said, code), (counts, Some(76)), "{name} {option}: {errors}");
            let at = "mail: message 2 breaks the protocol, and is left: ";
            assert!(errors.contains(at), "{name} {option}: {errors}");
            let end = "the server broke the protocol at 1 of the messages, which were left";
            assert!(errors.contains(end), "{name} {option}: {errors}");
            assert_eq!(folders::maildir(&root), but(&[1]), "{name} {option}");
        }
        assert_eq!(server.messages(), [four()[1].clone()], "{name}: what was left was deleted");
        // One day it is well-formed.
        let (said, errors, code) = run(&server, &root, "--delete");
        assert_eq!((&*said, code), ("1 new, 0 fetched before, 1 deleted\n", Some(0)), "{errors}");
        assert_eq!(folders::maildir(&root), octets(&four()), "{name}");
    }
}

#[test]
fn messages_that_break_the_protocol_may_stand_first_last_and_next_to_each_other() {
    for left in [&[0][..], &[3], &[0, 1], &[2, 3], &[0, 2, 3], &[0, 1, 2, 3]] {
        for said in [UNSTUFFED, "what?\r\n"] {
            for ids in [None, Some(("UIDL", "-ERR what?\r\n"))] {
                let server = Server::start(four());
                let names = ["RETR 1", "RETR 2", "RETR 3", "RETR 4"];
                let instead: Vec<_> = left.iter().map(|at| (names[*at], said)).chain(ids).collect();
                server.behave(broken(&instead));
                let root = scratch("broken-many");
                let (told, errors, code) = run(&server, &root, "--delete");
                let (new, case) = (4 - left.len(), format!("{left:?} {said:?} {ids:?}"));
                let counts = format!("{new} new, 0 fetched before, {new} deleted\n");
                assert_eq!((told, code), (counts, Some(76)), "{case}: {errors}");
                assert_eq!(folders::maildir(&root), but(left), "{case}");
                let stays: Vec<Message> = left.iter().map(|at| four()[*at].clone()).collect();
                assert_eq!(server.messages(), stays, "{case}");
            }
        }
    }
}

#[test]
fn the_lock_of_the_session_that_broke_off_is_waited_for() {
    let server = Server::start(four());
    server.behave(Behaviour { in_use: Some(1), ..broken(&[("RETR 2", UNSTUFFED)]) });
    let root = scratch("broken-lock");
    let (said, errors, code) = run(&server, &root, "--keep");
    assert_eq!((&*said, code), ("3 new, 0 fetched before, 0 deleted\n", Some(76)), "{errors}");
    assert_eq!(server.heard().iter().filter(|line| line.starts_with("PASS")).count(), 4);
}

#[test]
fn a_server_that_makes_no_sense_at_all_is_left_alone_in_the_end() {
    let bodies = vec!["x\r\n"; 300];
    let server = Server::start(messages(&bodies));
    server.behave(broken(&[("RETR", "what?\r\n")]));
    let root = scratch("broken-all");
    let (said, errors, code) = run(&server, &root, "--delete");
    assert_eq!((&*said, code), ("", Some(76)), "{errors}");
    assert_eq!(errors.matches("breaks the protocol, and is left").count(), 100, "{errors}");
    assert!(errors.contains("mail: the session ended early: bad reply"), "{errors}");
    assert_eq!((server.messages().len(), folders::maildir(&root)), (300, vec![]));
}
