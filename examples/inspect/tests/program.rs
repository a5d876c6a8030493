//! The program, as another one runs it.
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

fn inspect(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_inspect"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // One that is misused does not read.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("the program ends")
}

#[test]
fn the_exit_code_tells_whether_all_units_were_read() {
    for (args, input, code) in [
        (&["imap", "server"][..], &b"* OK\r\n"[..], 0),
        (&["imap", "server", "--lenient", "--cut", "1"], b"* OK\r\n", 0),
        (&["imap", "server", "--strict"], b"* OK\r\n", 1),
        (&["imap", "server"], b"* OK hi", 1),
        (&["pop3", "client"], b"", 0),
        (&[], b"", 2),
        (&["nntp", "client"], b"", 2),
        (&["imap", "proxy"], b"", 2),
        (&["imap", "server", "--strict", "--lenient"], b"", 2),
        (&["imap", "server", "--cut", "0"], b"", 2),
        (&["imap", "server", "--for", "FETCH"], b"", 2),
        (&["smtp", "client", "--for", "EHLO"], b"", 2),
        (&["pop3", "server", "--for", ""], b"", 2),
    ] {
        let output = inspect(args, input);
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert_eq!(output.stderr.is_empty(), code != 2, "{args:?}");
    }
}

#[test]
fn a_pipe_gets_one_line_a_unit_and_no_colours() {
    let output = inspect(&["smtp", "server", "--strict"], b"250 ok\r\n999 no\r\n");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "{\"offset\":0,\"length\":8,\"ok\":true,\"kind\":\"Reply\",\
         \"value\":{\"code\":250,\"enhanced\":null,\"lines\":[\"ok\"]},\"deviations\":[]}\n\
         {\"offset\":8,\"length\":8,\"ok\":false,\"error\":\"bad reply: expected a reply code, found '9'\",\
         \"error_offset\":8,\"expected\":\"a reply code\"}\n"
    );
}
