//! What became of the message, and how the program ends.
use crate::{file, mail, server::Server, text};
use std::process::{Command, Output, Stdio};

/// Sends to three recipients by a server that answers so.
fn outcome(server: Server, more: &[&str]) -> Output {
    let body = file("outcome.txt", "hi\n");
    let (address, serving) = server.start();
    let mut command = mail(address);
    command.args(["--from", "a@b.example", "--to", "one@b.example", "--cc", "three@b.example"]);
    command.args(["--bcc", "two@b.example", "--body"]).arg(body).args(more);
    let output = command.env("MAIL_PASSWORD", "blurdy").output().unwrap();
    serving.join().unwrap();
    output
}

fn instead(instead: &[(&'static str, &'static str)]) -> Server {
    Server { instead: instead.to_vec(), offers: vec!["PIPELINING", "AUTH PLAIN"], ..Server::default() }
}

#[test]
fn each_recipient_has_a_line_and_the_exit_code_tells_what_may_help() {
    let two = ("RCPT TO:<two", "550 5.1.1 no \x1b[31msuch\r\n");
    for (behaviour, table, code) in [
        (instead(&[]), ["accepted  one@b.example    250  2.0.0 queued as 7"; 1].to_vec(), 0),
        (
            instead(&[two]),
            vec![
                "accepted  one@b.example    250  2.0.0 queued as 7",
                "accepted  three@b.example  250  2.0.0 queued as 7",
                "refused   two@b.example    550  5.1.1 no \u{fffd}[31msuch",
            ],
            69,
        ),
        (
            instead(&[two, ("RCPT TO:<three", "451-4.3.0 later,\r\n451 4.3.0 perhaps\r\n")]),
            vec![
                "accepted  one@b.example    250  2.0.0 queued as 7",
                "deferred  three@b.example  451  4.3.0 later, perhaps",
                "refused   two@b.example    550",
            ],
            75,
        ),
        (
            instead(&[("MAIL", "530 5.7.0 log in first\r\n")]),
            vec!["refused   one@b.example    530  5.7.0 log in first"],
            69,
        ),
        (
            instead(&[(".", "")]),
            vec!["unknown   one@b.example    -    all of it was sent, and no answer came"],
            75,
        ),
        (instead(&[("RCPT", "")]), vec!["deferred  one@b.example    -    the session ended before"], 75),
        (
            instead(&[("DATA", "421 4.3.2 going down\r\n")]),
            vec!["deferred  one@b.example    421  4.3.2 going down"],
            75,
        ),
    ] {
        let output = outcome(behaviour, &[]);
        let told = text(&output.stdout);
        assert_eq!(told.lines().count(), 3, "{told}");
        for (line, expected) in told.lines().zip(table) {
            assert!(line.starts_with(expected), "{line} and not {expected}");
        }
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
}

#[test]
fn a_server_that_cannot_be_used_is_told_in_its_own_words() {
    let endless: &str = format!("220 {}\r\n", "x".repeat(100_000)).leak();
    for (behaviour, told, code) in [
        (instead(&[("", "554 5.7.1 go away\r\n")]), "the server cannot be used", 69),
        (instead(&[("", "421 4.3.2 not now\r\n")]), "the server cannot be used", 75),
        (instead(&[("", endless)]), "the session ended early", 76),
    ] {
        let output = outcome(behaviour, &[]);
        assert!(text(&output.stderr).starts_with(&format!("mail: {told}: ")), "{output:?}");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
}

const LOGIN: [&str; 5] = ["--user", "fred", "--allow-cleartext", "--trace", "--tls=never"];

#[test]
fn a_login_is_hidden_in_the_trace_and_the_message_is_not_in_it() {
    let mut behaviour = instead(&[("AUTH", "235 2.7.0 in\r\n")]);
    behaviour.offers.push("CHUNKING");
    let output = outcome(behaviour, &LOGIN[..4]);
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    for line in [
        "S: 220 mx.example ready\n",
        "C: EHLO client.example\n",
        "C: AUTH PLAIN ***\n",
        "S: 235 2.7.0 in\n",
        "C: MAIL FROM:<a@b.example>",
        "C: QUIT\n",
        "S: 221 bye\n",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    assert!(!told.contains("AGZyZWQAYmx1cmR5") && !told.contains("blurdy"), "{told}");
    assert!(!told.contains("C: hi") && !told.contains("Message-ID"), "{told}");
}

#[test]
fn a_message_of_any_length_is_sent_whole_and_is_not_in_the_trace() {
    let line = "AUTH PLAIN what is in the message\r\n";
    let whole = file("large.eml", format!("Subject: x\r\n\r\n{}", line.repeat(20_000)));
    let (address, serving) = Server { offers: vec!["PIPELINING", "8BITMIME"], ..Server::default() }.start();
    let mut command = mail(address);
    command.args(["--trace", "--from", "a@b.example", "--to", "c@b.example", "--raw"]).arg(whole);
    let output = command.output().unwrap();
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(serving.join().unwrap().messages[0].ends_with(&line.repeat(20_000)));
    assert!(!told.contains("what is in the message") && told.lines().count() < 20, "{told}");
    assert!(told.ends_with("C: QUIT\nS: 221 bye\n"), "{told}");
}

#[test]
fn a_login_that_is_refused_ends_with_77_and_one_that_may_pass_with_75() {
    for (behaviour, told, code) in [
        (
            instead(&[("AUTH", "535 5.7.8 who?\r\n")]),
            "cannot log in as fred: refused by the server: 535 5.7.8 who?",
            77,
        ),
        (
            instead(&[("AUTH", "454 4.7.0 later\r\n")]),
            "cannot log in as fred: refused by the server: 454",
            75,
        ),
        (Server::default(), "cannot log in: ", 77),
    ] {
        let output = outcome(behaviour, &LOGIN[..3]);
        assert!(text(&output.stderr).starts_with(&format!("mail: {told}")), "{output:?}");
        assert_eq!(output.status.code(), Some(code));
    }
}

#[test]
fn lmtp_tells_for_each_recipient() {
    let mut behaviour = Server { lmtp: Some(1), ..instead(&[]) };
    behaviour.instead.push((".", "250 2.0.0 one\r\n452 4.2.2 full\r\n550 5.2.1 closed\r\n"));
    let output = outcome(behaviour, &["--lmtp"]);
    let told = text(&output.stdout);
    let begins: Vec<&str> = told.lines().map(|line| &line[..8]).collect();
    assert_eq!(
        (begins, output.status.code()),
        (vec!["accepted", "deferred", "refused "], Some(75)),
        "{told}"
    );
}

#[test]
fn a_message_goes_by_lmtp_to_a_unix_socket() {
    let folder = std::env::temp_dir().join(format!("mail-socket-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("lmtp");
    let serving = Server { lmtp: Some(2), ..Server::default() }.start_at(&path);
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mail"));
        command.args(["send", "--from", "a@b.example", "--to", "one@b.example", "--cc", "two@b.example"]);
        command.args(["--hello", "client.example", "--body"]).arg(file("socket.txt", "hi\n"));
        let output = command.arg("--socket").arg(&path).args(more).stdin(Stdio::null()).output().unwrap();
        (text(&output.stdout), text(&output.stderr), output.status.code())
    };
    let (told, errors, code) = run(&[]);
    assert_eq!((told.matches("accepted").count(), code), (2, Some(0)), "{told}{errors}");
    let heard = serving.join().unwrap();
    assert_eq!(heard.lines.first().map(String::as_str), Some("LHLO client.example"));
    assert!(heard.messages.iter().any(|message| message.ends_with("\r\n\r\nhi\r\n")), "{heard:?}");
    // Nobody listens any more.
    let (_, errors, code) = run(&[]);
    assert!(errors.starts_with(&format!("mail: cannot connect to {}: ", path.display())), "{errors}");
    assert_eq!(code, Some(75));
    for more in [["--server", "localhost"], ["--user", "fred"]] {
        let (_, errors, code) = run(&more);
        assert!(errors.contains("--socket goes with neither --server nor --user"), "{errors}");
        assert_eq!(code, Some(64));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_cannot_be_read_or_makes_no_sense_is_not_sent() {
    let run = |arguments: &[&str]| {
        let output = mail("127.0.0.1:1".parse().unwrap()).args(arguments).output().unwrap();
        (text(&output.stderr), output.status.code())
    };
    let from = ["--from", "a@b.example"];
    for (arguments, told, code) in [
        (vec![], "mail: nobody receives it", 64),
        (vec!["--to", "c@b.example", "--body", "/nowhere"], "mail: cannot read /nowhere: ", 66),
        (vec!["--to", "c@b.example", "--attach", "/nowhere"], "mail: cannot read /nowhere: ", 66),
        (vec!["--to", "c@b.example", "--raw", "/nowhere"], "mail: cannot read /nowhere: ", 66),
        (vec!["--to", "c@b.example", "--envid", "\u{fc}"], "mail: --envid cannot be said: ", 64),
        (vec!["--to", "c@b.example"], "mail: cannot connect to 127.0.0.1:1: ", 75),
        (vec!["--to", "nobody"], "error: invalid value 'nobody'", 64),
        (vec!["--to", "c@b.example", "--header", "Bcc: d@b.example"], "error: invalid value", 64),
        (vec!["--to", "c@b.example", "--raw", "x", "--subject", "y"], "error: the argument", 64),
    ] {
        let (errors, ended) = run(&[&from[..], &arguments].concat());
        assert!(errors.starts_with(told) && ended == Some(code), "{arguments:?}: {ended:?} {errors}");
    }
    let latin = file("latin.txt", b"Gr\xfc\xdfe\n");
    let (errors, ended) =
        run(&[&from[..], &["--to", "c@b.example", "--body", latin.to_str().unwrap()]].concat());
    assert!(errors.contains("latin.txt is not text in UTF-8") && ended == Some(65), "{errors}");
}
