//! What the message is.
use crate::{file, mail, sent, server::Server, text};
use mail_parser::{MessageParser, MimeHeaders};
use std::{io::Write, process::Stdio};

const ALL: [&str; 9] = [
    "PIPELINING",
    "SIZE 1000000",
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "MT-PRIORITY",
    "FUTURERELEASE 86400 2027-01-01T00:00:00Z",
    "ENHANCEDSTATUSCODES",
    "LIMITS RCPTMAX=100",
];

#[test]
fn a_message_is_made_with_its_header_text_and_attachments() {
    let body = file("body.txt", "Gr\u{fc}\u{df}e\n.\nFrom me\n");
    let (picture, notes) = (file("p\u{fc}.png", b"\x89PNG\r\n\x1a\n\0"), file("notes.txt", "a\nb\n"));
    let long = "a subject that is much longer than a line of a header may be, \u{fc} and all ".repeat(3);
    let long = long.trim_end();
    let (output, heard) = sent(
        &ALL,
        &[
            "--from",
            "J\u{fc}rgen \"J\" <j@b.example>",
            "--to",
            "\"Doe, Jane\" <jane@b.example>",
            "--to",
            "x@b.example",
            "--cc",
            "c@b.example",
            "--bcc",
            "secret@b.example",
            "--subject",
            long,
            "--header",
            "X-Mailer: mail",
            "--body",
            body.to_str().unwrap(),
            "--attach",
            picture.to_str().unwrap(),
            "--attach",
            notes.to_str().unwrap(),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let sent = &heard.messages[0];
    assert!(sent.is_ascii() && sent.lines().all(|line| line.len() <= 78), "{sent}");
    assert!(!sent.contains("secret"), "who receives it blindly is seen: {sent}");
    let message = MessageParser::new().parse(sent.as_bytes()).unwrap();
    let from = message.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("J\u{fc}rgen \"J\""), Some("j@b.example")));
    let to: Vec<_> = message.to().unwrap().iter().map(|to| (to.name(), to.address())).collect();
    assert_eq!(to, [(Some("Doe, Jane"), Some("jane@b.example")), (None, Some("x@b.example"))]);
    assert_eq!(message.subject(), Some(long));
    assert!(message.date().is_some() && message.message_id().unwrap().ends_with("@b.example"));
    assert_eq!(message.header("X-Mailer").unwrap().as_text(), Some("mail"));
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), "Gr\u{fc}\u{df}e\n.\nFrom me\n");
    let attached: Vec<_> = message.attachments().collect();
    assert_eq!(attached[0].attachment_name(), Some("p\u{fc}.png"));
    assert_eq!(attached[0].content_type().unwrap().subtype(), Some("png"));
    assert_eq!(attached[0].contents(), b"\x89PNG\r\n\x1a\n\0");
    assert_eq!(attached[1].content_type().unwrap().ctype(), "text");
    let to = ["jane", "x", "c", "secret"].map(|name| format!("RCPT TO:<{name}@b.example>"));
    assert_eq!(heard.lines[2..6], to);
}

#[test]
fn the_text_comes_from_standard_input() {
    let (address, serving) = Server::default().start();
    let mut command = mail(address);
    command.args(["--from", "a@b.example", "--bcc", "c@b.example"]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"from the pipe\n").unwrap();
    assert!(child.wait().unwrap().success());
    let heard = serving.join().unwrap();
    assert!(heard.messages[0].ends_with("\r\n\r\nfrom the pipe\r\n"), "{}", heard.messages[0]);
    assert!(heard.messages[0].contains("\r\nTo: undisclosed-recipients:;\r\n"), "{}", heard.messages[0]);
}

#[test]
fn a_whole_message_is_sent_as_it_is_and_its_line_ends_are_mended_with_a_word() {
    let envelope = ["--from", "<>", "--to", "c@b.example", "--raw"];
    let whole = file("whole.eml", "Subject: x\r\n\r\n.\r\n..x\r\nend\r\n");
    let (output, heard) = sent(&[], &[&envelope[..], &[whole.to_str().unwrap()]].concat());
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
    assert_eq!(heard.messages, ["Subject: x\r\n\r\n.\r\n..x\r\nend\r\n"]);
    assert_eq!(heard.lines[1], "MAIL FROM:<>");
    let unix = file("unix.eml", "Subject: x\n\n.\nmore\rend");
    let (output, heard) = sent(&[], &[&envelope[..], &[unix.to_str().unwrap()]].concat());
    assert_eq!(text(&output.stderr), "mail: 4 line ends were made CRLF\n");
    assert_eq!(heard.messages, ["Subject: x\r\n\r\n.\r\nmore\r\nend\r\n"]);
}

#[test]
fn what_the_message_is_and_what_is_asked_for_is_said_where_it_is_offered() {
    let eight = file("8.eml", "Subject: x\r\n\r\nGr\u{fc}\u{df}e\r\n");
    let asked = [
        "--from",
        "a@b.example",
        "--to",
        "c@b.example",
        "--raw",
        eight.to_str().unwrap(),
        "--notify",
        "success,failure",
        "--ret",
        "hdrs",
        "--envid",
        "id-7",
        "--priority",
        "-3",
        "--hold-for",
        "60",
    ];
    let (output, heard) = sent(&ALL, &asked);
    assert_eq!(text(&output.stderr), "");
    let mail = "MAIL FROM:<a@b.example> RET=HDRS ENVID=id-7 MT-PRIORITY=-3 HOLDFOR=60 BODY=8BITMIME SIZE=23";
    assert_eq!(heard.lines[1..3], [mail, "RCPT TO:<c@b.example> NOTIFY=SUCCESS,FAILURE"]);
    // DSN may be left out; what the message is, and when it is wanted, may not.
    let (output, heard) = sent(&["8BITMIME", "FUTURERELEASE 99 2027-01-01T00:00:00Z"], &asked);
    assert!(
        text(&output.stderr).contains("mail: the server does not offer DSN: what asks for it was left out\n"),
        "{output:?}"
    );
    assert_eq!(heard.lines[2], "RCPT TO:<c@b.example>");
    let (output, heard) = sent(&["DSN"], &asked);
    assert_eq!((output.status.code(), heard.messages.len()), (Some(69), 0), "{output:?}");
    assert!(
        text(&output.stdout).starts_with("refused   c@b.example  -    the server does not offer"),
        "{output:?}"
    );
}

#[test]
fn an_address_that_is_not_ascii_needs_a_server_that_takes_it() {
    let body = file("utf8.txt", "hi\n");
    let arguments =
        ["--from", "a@b.example", "--to", "j\u{fc}rgen@b.example", "--body", body.to_str().unwrap()];
    let (output, heard) = sent(&["SMTPUTF8", "8BITMIME"], &arguments);
    assert!(output.status.success(), "{output:?}");
    assert!(
        heard.lines[1].ends_with(" SMTPUTF8") || heard.lines[1].contains(" SMTPUTF8 "),
        "{:?}",
        heard.lines
    );
    let (output, heard) = sent(&["8BITMIME"], &arguments);
    assert_eq!((output.status.code(), heard.messages.len()), (Some(69), 0), "{output:?}");
}
