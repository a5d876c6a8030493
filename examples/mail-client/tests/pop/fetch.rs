//! What is fetched, kept, deleted and told.
use crate::{
    folders, mail, messages, octets, scratch,
    server::{Behaviour, Server},
    told,
};
use std::{fs, process::Command};

#[test]
fn what_was_fetched_once_is_not_fetched_again_and_is_deleted_when_told() {
    let mut all = messages(&["one\r\n", "two\r\n"]);
    let server = Server::start(all.clone());
    let root = scratch("once");
    let run = |option: &str| told(&mail(&server).arg(option).arg("--maildir").arg(&root).output().unwrap());
    assert_eq!(run("--keep"), ("2 new, 0 fetched before, 0 deleted\n".into(), String::new(), Some(0)));
    // A reader has seen one, and removed the other.
    let mut files: Vec<_> =
        fs::read_dir(root.join("new")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let seen = format!("{}:2,S", files[0].file_name().unwrap().to_str().unwrap());
    fs::rename(&files[0], root.join("cur").join(seen)).unwrap();
    fs::remove_file(&files[1]).unwrap();
    all.extend(messages(&["", "", "three\r\n"]).split_off(2));
    server.fill(&all);
    server.heard();
    assert_eq!(run("--keep").0, "1 new, 2 fetched before, 0 deleted\n");
    assert_eq!(server.heard().iter().filter(|line| line.starts_with("RETR")).count(), 1);
    assert_eq!(folders::maildir(&root).len(), 2);
    assert_eq!(run("--delete").0, "0 new, 3 fetched before, 3 deleted\n");
    assert_eq!(server.messages(), []);
    // It may use their unique-ids again.
    server.fill(&all[..1]);
    assert_eq!(run("--delete").0, "1 new, 0 fetched before, 1 deleted\n");
    assert_eq!(folders::maildir(&root).len(), 3);
}

#[test]
fn accounts_are_not_mixed_up() {
    let server = Server::start(messages(&["one\r\n"]));
    let root = scratch("accounts");
    for user in ["fred", "eve"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
        command.args(["--server", &server.address.to_string(), "--user", user, "--tls", "off"]);
        command.args(["--allow-cleartext", "pop", "--maildir"]).arg(&root).env("MAIL_PASSWORD", "x");
        assert_eq!(told(&command.output().unwrap()).0, "1 new, 0 fetched before, 0 deleted\n");
    }
    assert_eq!(folders::maildir(&root).len(), 2);
}

#[test]
fn an_mbox_keeps_what_others_write_to_it() {
    let server = Server::start(messages(&["From here\r\n"]));
    let file = scratch("mbox").join("mbox");
    // Its last line has no end.
    fs::write(&file, "From a@b.example Thu Jan  1 00:00:00 1970\nSubject: old\n\nold").unwrap();
    // A run that was killed has left its lock.
    let lock = file.with_extension("lock");
    let node = node();
    fs::write(&lock, format!("mail-pop {node}\n")).unwrap();
    let run = || told(&mail(&server).arg("--mbox").arg(&file).output().unwrap());
    assert_eq!(run(), ("1 new, 0 fetched before, 0 deleted\n".into(), String::new(), Some(0)));
    assert!(!lock.exists());
    let mut written = fs::read_to_string(&file).unwrap();
    written.push_str("From c@d.example Thu Jan  1 00:00:00 1970\nSubject: new\n\nnew\n\n");
    fs::write(&file, written).unwrap();
    assert_eq!(run().0, "0 new, 1 fetched before, 0 deleted\n");
    let expected =
        ["Subject: 0\r\n\r\nFrom here\r\n", "Subject: new\r\n\r\nnew\r\n", "Subject: old\r\n\r\nold\r\n"];
    assert_eq!(folders::mbox(&file), expected.map(|message| message.as_bytes().to_vec()));
    assert!(fs::read_to_string(&file).unwrap().contains("\n>From here\n"));
}

/// The name of this machine.
fn node() -> String {
    let output = Command::new("uname").arg("-n").output().unwrap();
    crate::text(&output.stdout).trim_end().to_owned()
}

#[test]
fn lines_end_by_lf_where_that_is_wanted() {
    let server = Server::start(messages(&["one\r\n"]));
    let root = scratch("lf");
    assert!(mail(&server).arg("--lf").arg("--maildir").arg(&root).status().unwrap().success());
    assert_eq!(folders::maildir(&root), [b"Subject: 0\n\none\n".to_vec()]);
}

#[test]
fn two_runs_for_one_account_do_not_fetch_everything_twice() {
    let server = Server::start(messages(&["one\r\n"]));
    // The first waits for an answer.
    let stat = vec![("STAT", String::new())];
    server.behave(Behaviour { instead: stat, ..Behaviour::default() });
    let root = scratch("busy");
    let mut first = mail(&server).arg("--maildir").arg(&root).spawn().unwrap();
    while !server.heard().iter().any(|line| line == "STAT") {
        std::thread::yield_now();
    }
    let (_, errors, code) = told(&mail(&server).arg("--maildir").arg(&root).output().unwrap());
    assert!(errors.starts_with("mail: another `mail pop` of this account is at work"), "{errors}");
    assert_eq!(code, Some(75));
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn a_damaged_state_is_told_and_nothing_is_fetched_twice() {
    let server = Server::start(messages(&["one\r\n"]));
    let root = scratch("damaged");
    let run = || told(&mail(&server).arg("--maildir").arg(&root).output().unwrap());
    assert_eq!(run().2, Some(0));
    let files = fs::read_dir(&root).unwrap().map(|file| file.unwrap().path());
    let state = files.into_iter().find(|path| path.extension().is_some_and(|it| it == "state")).unwrap();
    fs::write(&state, "mail-pop 1\n").unwrap();
    let (_, errors, code) = run();
    assert!(errors.contains("is damaged at line 2"), "{errors}");
    assert_eq!((code, folders::maildir(&root).len()), (Some(65), 1));
}

#[test]
fn a_refused_login_ends_with_77_and_one_that_may_pass_with_75() {
    let server = Server::start(messages(&["one\r\n"]));
    let root = scratch("login");
    for (said, code) in [
        ("-ERR [AUTH] who are you?\r\n", 77),
        ("-ERR\r\n", 77),
        ("-ERR [IN-USE] one at a time\r\n", 75),
        ("-ERR [SYS/TEMP] not now\r\n", 75),
        ("-ERR [SYS/TEMP/DISK] not now\r\n", 75),
        ("-ERR [AUTH/EXPIRED] it was good\r\n", 77),
    ] {
        let instead = vec![("PASS", said.to_owned())];
        server.behave(Behaviour { instead, ..Behaviour::default() });
        let (_, errors, ended) = told(&mail(&server).arg("--maildir").arg(&root).output().unwrap());
        assert!(errors.starts_with("mail: cannot log in as fred: refused by the server:"), "{errors}");
        assert_eq!(ended, Some(code), "{said}");
    }
}

#[test]
fn the_trace_holds_no_password_and_no_message() {
    let all = messages(&["what is in it\r\n"]);
    let server = Server::start(all.clone());
    let root = scratch("trace");
    let output = mail(&server).arg("--trace").arg("--maildir").arg(&root).output().unwrap();
    let (_, errors, code) = told(&output);
    for line in
        ["-- logging in as fred with the password ***\n", "C: RETR 1\n", "S: 1 id/0:\"%\n", "C: QUIT\n"]
    {
        assert!(errors.contains(line), "{line} is not in {errors}");
    }
    assert!(!errors.contains("blurdy") && !errors.contains("what is in it"), "{errors}");
    assert_eq!((code, folders::maildir(&root)), (Some(0), octets(&all)));
}
