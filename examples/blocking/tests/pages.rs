//! The pages do what they say.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Says each line of `said` behind a line heard; returns all that was heard up to the end.
fn converse(socket: TcpStream, said: &[&str]) -> String {
    let mut heard = String::new();
    let mut lines = BufReader::new(socket);
    for line in said {
        lines.read_line(&mut heard).unwrap();
        lines.get_mut().write_all(line.as_bytes()).unwrap();
    }
    lines.read_to_string(&mut heard).unwrap();
    heard
}

#[test]
fn a_message_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut sender = Command::new(env!("CARGO_BIN_EXE_smtp-send"))
        .args([&*address, "a@example.org", "b@example.net"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sender.stdin.take().unwrap().write_all(b"Subject: dots\r\n\r\n.\r\n").unwrap();
    let server = thread::spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        let mut heard = String::new();
        socket.write_all(b"220 mx.example.net\r\n").unwrap();
        let mut lines = BufReader::new(socket);
        for reply in ["250 mx.example.net", "250 ok", "250 ok", "354 go on"] {
            lines.read_line(&mut heard).unwrap();
            write!(lines.get_mut(), "{reply}\r\n").unwrap();
        }
        while !heard.ends_with("\r\n.\r\n") {
            lines.read_line(&mut heard).unwrap();
        }
        lines.get_mut().write_all(b"250 taken\r\n").unwrap();
        lines.read_line(&mut heard).unwrap();
        lines.get_mut().write_all(b"221 bye\r\n").unwrap();
        heard
    });
    let output = sender.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("250 taken"));
    assert_eq!(
        server.join().unwrap(),
        "EHLO localhost\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n\
         Subject: dots\r\n\r\n..\r\n.\r\nQUIT\r\n"
    );
}

#[test]
fn messages_are_handed_out() {
    let file = std::env::temp_dir().join(format!("pop3-serve-{}.eml", std::process::id()));
    fs::write(&file, "Subject: hi\r\n\r\n.\r\n").unwrap();
    let mut server = Running(
        Command::new(env!("CARGO_BIN_EXE_pop3-serve"))
            .args(["127.0.0.1:0", "mrose", "tan staaf", file.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let socket = TcpStream::connect(address.trim()).unwrap();
    let heard =
        converse(socket, &["USER mrose\r\n", "PASS tan staaf\r\n", "LIST\r\nUIDL 1\r\nRETR 1\r\nQUIT\r\n"]);
    assert!(heard.contains("1 18\r\n.\r\n"), "{heard}");
    assert!(heard.contains("+OK 1 1\r\n"), "{heard}");
    assert!(heard.contains("Subject: hi\r\n\r\n..\r\n.\r\n"), "{heard}");
    assert!(heard.ends_with("+OK goodbye\r\n"), "{heard}");
    fs::remove_file(&file).unwrap();
}

#[test]
fn mailboxes_and_subjects_are_listed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let reader = Command::new(env!("CARGO_BIN_EXE_imap-list"))
        .args([&*address, "mrose", "tan staaf"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let server = thread::spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        socket.write_all(b"* OK [CAPABILITY IMAP4rev1] hi\r\n").unwrap();
        let envelope = "ENVELOPE (NIL \"hi there\" NIL NIL NIL NIL NIL NIL NIL NIL)";
        let said = [
            "A1 OK [CAPABILITY IMAP4rev1] in\r\n",
            "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"Entw&APw-rfe\"\r\nA2 OK done\r\n",
            "* 12 EXISTS\r\nA3 OK [READ-ONLY] done\r\n",
            &format!("* 12 FETCH ({envelope})\r\nA4 OK done\r\n"),
            "* BYE\r\nA5 OK bye\r\n",
        ];
        converse(socket, &said)
    });
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "INBOX\nEntw\u{fc}rfe\n12 hi there\n");
    assert_eq!(
        server.join().unwrap(),
        "A1 LOGIN mrose \"tan staaf\"\r\nA2 LIST \"\" *\r\nA3 EXAMINE INBOX\r\nA4 FETCH 3:12 ENVELOPE\r\nA5 LOGOUT\r\n"
    );
}
