//! What a server may do on purpose, or one of two servers to the other.
use crate::{
    folders, mail, messages, octets, scratch,
    server::{Behaviour, Server},
    told,
};

/// It may be asked once more in two steps, but no more often: a server counts the attempts.
#[test]
fn a_refused_password_is_told_as_one_though_the_server_names_no_code_and_leaves() {
    let server = Server::start(messages(&["hello\r\n"]));
    let instead = [
        ("CAPA", "+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n"),
        ("AUTH PLAIN A", "-ERR bad password\r\n"),
        ("AUTH PLAIN", "+ \r\n"),
        ("AGZ", "-ERR bad password\r\n"),
    ];
    let instead = instead.map(|(heard, said)| (heard, said.to_owned())).to_vec();
    server.behave(Behaviour { instead, leaves: &["AUTH PLAIN A", "AGZ"], ..Behaviour::default() });
    let output = mail(&server).arg("--maildir").arg(scratch("leaves")).output().unwrap();
    let (_, errors, code) = told(&output);
    assert_eq!(errors, "mail: cannot log in as fred: refused by the server: bad password\n");
    assert_eq!(code, Some(77));
    let heard = server.heard();
    assert_eq!(heard.iter().filter(|line| line.contains("AGZ")).count(), 2, "{heard:?}");
}

#[test]
fn sizes_that_no_message_has_do_not_end_the_program() {
    let all = messages(&["one\r\n", "two\r\n"]);
    let server = Server::start(all.clone());
    let huge = format!("+OK\r\n1 {0}\r\n2 {0}\r\n.\r\n", u64::MAX);
    server.behave(Behaviour { instead: vec![("LIST", huge)], ..Behaviour::default() });
    let root = scratch("huge");
    let output = mail(&server).arg("--delete").arg("--maildir").arg(&root).output().unwrap();
    assert_eq!(told(&output), ("2 new, 0 fetched before, 2 deleted\n".into(), String::new(), Some(0)));
    assert_eq!(folders::maildir(&root), octets(&all));
}

/// As behind tunnels that begin at one machine. Their unique-ids may be the same.
#[test]
fn what_one_server_has_handed_out_is_not_deleted_at_another_that_has_the_same_name() {
    let (one, two) = (messages(&["one\r\n"]), messages(&["two\r\n"]));
    let (first, second) = (Server::start(one.clone()), Server::start(two.clone()));
    let root = scratch("tunnels");
    for server in [&first, &second] {
        let output = mail(server).arg("--delete").arg("--maildir").arg(&root).output().unwrap();
        assert_eq!(told(&output).0, "1 new, 0 fetched before, 1 deleted\n");
    }
    let root = scratch("tunnels-kept");
    first.fill(&one);
    second.fill(&two);
    assert!(mail(&first).arg("--maildir").arg(&root).status().unwrap().success());
    let output = mail(&second).arg("--delete").arg("--maildir").arg(&root).output().unwrap();
    assert_eq!(told(&output).0, "1 new, 0 fetched before, 1 deleted\n");
    assert_eq!(folders::maildir(&root), octets(&[one, two].concat()));
}

/// Some of its lines read as a reply and a message, where they are not dot-stuffed.
const EVIL: &str = "x\r\n.\r\n+OK\r\nrest\r\n";

/// Its lines read as replies, and each message behind it came in place of the next.
#[test]
fn a_message_whose_lines_read_as_replies_takes_no_other_with_it() {
    for bodies in
        [&[EVIL, "two\r\n", "three\r\n"][..], &["one\r\n", EVIL, "three\r\n"], &["one\r\n", "two\r\n", EVIL]]
    {
        for pipelining in ["PIPELINING\r\n", ""] {
            let all = messages(bodies);
            let server = Server::start(all.clone());
            let instead = vec![("CAPA", format!("+OK\r\nUSER\r\n{pipelining}.\r\n"))];
            server.behave(Behaviour { instead, unstuffed: true, ..Behaviour::default() });
            let root = scratch("replies");
            let mut fetched = Vec::new();
            for option in ["--keep", "--delete", "--delete"] {
                let output = mail(&server).arg(option).arg("--maildir").arg(&root).output().unwrap();
                fetched.push(told(&output));
            }
            let found = folders::maildir(&root);
            for message in &all {
                let is_safe = server.messages().contains(message) || found.contains(&message.octets);
                assert!(is_safe, "{bodies:?} {pipelining:?}: {fetched:?}");
            }
            assert_eq!(server.messages().len(), 1, "{bodies:?} {pipelining:?}: {fetched:?}");
        }
    }
}

#[test]
fn a_message_that_is_withheld_is_not_taken_for_lines_of_another() {
    let all = messages(&[EVIL, "two\r\n"]);
    let server = Server::start(all.clone());
    let root = scratch("replies-withheld");
    let run = |instead: &[(&'static str, &str)], option| {
        let instead = instead.iter().map(|(heard, said)| (*heard, (*said).to_owned())).collect();
        server.behave(Behaviour { instead, unstuffed: true, ..Behaviour::default() });
        told(&mail(&server).arg(option).arg("--maildir").arg(&root).output().unwrap())
    };
    let withheld = run(&[("RETR 2", "-ERR not now\r\n")], "--keep");
    let deleted = run(&[], "--delete");
    assert!(folders::maildir(&root).contains(&all[1].octets), "{withheld:?} {deleted:?}");
    assert_eq!(server.messages(), all[..1], "{withheld:?} {deleted:?}");
}
