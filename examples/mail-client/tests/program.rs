//! The program as it is run, against servers that follow a script.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Output, Stdio},
};
use support::{GREETING, LOGIN, Script, clear, pem, scratch, serve, serve_tls};

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// Runs `mail` with these arguments against a server that follows `script` behind the login.
fn run(arguments: &[&str], script: &[(&str, &str)]) -> Output {
    let script: Vec<_> = [GREETING, LOGIN].iter().chain(script).copied().collect();
    let (address, server) = serve(vec![script]);
    let output = clear(address).args(arguments).output().unwrap();
    let told = text(&output.stderr);
    server.join().unwrap_or_else(|_| panic!("the server heard something else; the program said: {told}"));
    output
}

const EXAMINE: (&str, &str) =
    ("A2 EXAMINE INBOX\r\n", "* 3 EXISTS\r\n* OK [UIDVALIDITY 9] valid\r\nA2 OK [READ-ONLY] done\r\n");

const ROWS: &str = concat!(
    "* 2 FETCH (UID 7 FLAGS (\\Seen \\Answered) INTERNALDATE \"22-Nov-2026 03:17:54 +0000\" RFC822.SIZE 1234 ENVELOPE ",
    "(NIL \"=?utf-8?B?5pel5pys6Kqe?=\" ((\"=?iso-8859-1?Q?J=FCrgen?=\" NIL \"j\" \"b.example\")) NIL NIL NIL NIL NIL NIL NIL))\r\n",
    "* 3 FETCH (UID 12 FLAGS (\\Flagged) INTERNALDATE \" 1-Dec-2026 23:59:00 +0100\" RFC822.SIZE 52428801 ENVELOPE ",
    "(NIL \"evil \x1b[31m =?utf-8?Q?=1B]0;x=07?=\" ((NIL NIL \"eve\" \"b.example\")) NIL NIL NIL NIL NIL NIL NIL))\r\n",
);

#[test]
fn messages_are_listed_newest_last_and_cannot_drive_the_terminal() {
    let fetched = format!("{ROWS}A3 OK done\r\n");
    let script = [
        EXAMINE,
        ("A3 FETCH 2:3 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)\r\n", &*fetched),
        ("A4 LOGOUT\r\n", "* BYE\r\nA4 OK\r\n"),
    ];
    let output = run(&["list", "--limit", "2"], &script);
    assert_eq!(
        text(&output.stdout),
        "     7  2026-11-22 03:17  A     J\u{fc}rgen                     1.3K  \u{65e5}\u{672c}\u{8a9e}\n    \
         12  2026-12-01 23:59  NF    eve@b.example               51M  evil \u{fffd}[31m \u{fffd}]0;x\u{fffd}\n"
    );
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn unread_messages_are_found_by_a_search() {
    let fetched = format!("{}A4 OK done\r\n", ROWS.split_inclusive('\n').nth(1).unwrap());
    let script = [
        EXAMINE,
        ("A3 UID SEARCH UNSEEN\r\n", "* SEARCH 12 7\r\nA3 OK done\r\n"),
        ("A4 UID FETCH 12 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)\r\n", &fetched),
        ("A5 LOGOUT\r\n", "* BYE\r\nA5 OK\r\n"),
    ];
    let output = run(&["list", "--unseen", "--limit", "1"], &script);
    assert!(text(&output.stdout).starts_with("    12  "), "{output:?}");
    assert_eq!(text(&output.stdout).lines().count(), 1);
}

#[test]
fn mailboxes_are_listed_with_their_counts() {
    let script = [
        (
            "A2 LIST \"\" *\r\n",
            "* LIST (\\Sent) \"/\" Gesendet\r\n* LIST (\\Noselect) \"/\" \"&Jjo-!\"\r\n* LIST () \"/\" INBOX\r\nA2 OK\r\n",
        ),
        ("A3 STATUS Gesendet (MESSAGES UNSEEN)\r\n", "* STATUS Gesendet (MESSAGES 17 UNSEEN 3)\r\nA3 OK\r\n"),
        ("A4 STATUS INBOX (MESSAGES UNSEEN)\r\n", "A4 NO gone\r\n"),
        ("A5 LOGOUT\r\n", "* BYE\r\nA5 OK\r\n"),
    ];
    let output = run(&["list", "--folders"], &script);
    assert_eq!(
        text(&output.stdout),
        "INBOX                      ?\nGesendet      3 of 17 unread  \\Sent\n\u{263a}!                         -  \\Noselect\n"
    );
}

const STRUCTURE: &str = concat!(
    "((\"text\" \"html\" NIL NIL NIL \"7bit\" 9 1)",
    "(\"text\" \"plain\" (\"charset\" \"iso-8859-1\") NIL NIL \"quoted-printable\" 9 1) \"alternative\")",
    "(\"application\" \"pdf\" (\"name\" \"a.pdf\") NIL NIL \"base64\" 4000 NIL (\"attachment\" NIL) NIL NIL) \"mixed\"",
);

#[test]
fn the_text_of_a_message_is_shown_decoded() {
    let fetched = format!(
        "* 1 FETCH (UID 7 INTERNALDATE \"22-Nov-2026 03:17:54 +0000\" ENVELOPE (\"Sun, 22 Nov 2026 03:17:54 +0000\" \
         \"hi\" ((\"Fred\" NIL \"f\" \"b.example\")) NIL NIL ((NIL NIL \"g\" \"b.example\")) NIL NIL NIL NIL) \
         BODYSTRUCTURE ({STRUCTURE}))\r\nA3 OK done\r\n"
    );
    let script = [
        EXAMINE,
        ("A3 UID FETCH 7 (UID INTERNALDATE ENVELOPE BODYSTRUCTURE)\r\n", &*fetched),
        (
            "A4 UID FETCH 7 BODY.PEEK[1.2]\r\n",
            "* 1 FETCH (UID 7 BODY[1.2] {16}\r\nGr=FC=DFe\r\n=1B[m FLAGS (\\Seen))\r\nA4 OK done\r\n",
        ),
        ("A5 LOGOUT\r\n", "* BYE\r\nA5 OK\r\n"),
    ];
    let output = run(&["show", "7"], &script);
    assert_eq!(
        text(&output.stdout),
        "From: Fred <f@b.example>\nTo: g@b.example\nDate: Sun, 22 Nov 2026 03:17:54 +0000\nSubject: hi\n\
         Attached: 2      application/pdf               4.0K  a.pdf\n\nGr\u{fc}\u{df}e\n\u{fffd}[m\n"
    );
}

#[test]
fn a_part_is_saved_as_the_file_it_is_and_one_that_is_not_there_is_told() {
    let fetched = format!("* 1 FETCH (UID 7 BODYSTRUCTURE ({STRUCTURE}))\r\nA3 OK done\r\n");
    let asked = "A3 UID FETCH 7 (UID INTERNALDATE ENVELOPE BODYSTRUCTURE)\r\n";
    let script = [
        EXAMINE,
        (asked, &*fetched),
        ("A4 UID FETCH 7 BODY.PEEK[2]\r\n", "* 1 FETCH (UID 7 BODY[2] \"AP+A\")\r\nA4 OK done\r\n"),
        ("A5 LOGOUT\r\n", "* BYE\r\nA5 OK\r\n"),
    ];
    let folder = scratch("part");
    let file = folder.join("a.pdf");
    let output = run(&["show", "7", "--part", "2", "--save", file.to_str().unwrap()], &script);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read(&file).unwrap(), [0x00, 0xff, 0x80]);

    let output = run(&["show", "7", "--part", "3"], &[EXAMINE, (asked, &*fetched)]);
    let told = text(&output.stderr);
    assert!(told.starts_with("mail: the message has no such part; it has:"), "{told}");
    assert!(told.contains("1.2    text/plain") && told.contains("a.pdf"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_message_is_saved_octet_for_octet_whatever_its_length() {
    let folder = scratch("raw");
    for length in [0, 7, 65_536, 65_537, 3_000_000] {
        let lines = (0_u64..).flat_map(|n| [n.to_string().as_bytes(), b"\0\xfc\r\n"].concat());
        let message: Vec<u8> = lines.take(length).collect();
        let said = [
            format!("* 1 FETCH (UID 7 BODY[] {{{length}}}\r\n").into_bytes(),
            message.clone(),
            b" FLAGS ())\r\nA3 OK done\r\n".to_vec(),
        ]
        .concat();
        let script: Vec<(&str, &[u8])> = vec![
            (GREETING.0, GREETING.1.as_bytes()),
            (LOGIN.0, LOGIN.1.as_bytes()),
            (EXAMINE.0, EXAMINE.1.as_bytes()),
            ("A3 UID FETCH 7 BODY.PEEK[]\r\n", &said),
            ("A4 LOGOUT\r\n", b"* BYE\r\nA4 OK\r\n"),
        ];
        let (address, server) = serve(vec![script]);
        let file = folder.join("raw");
        let save = ["show", "7", "--raw", "--save", file.to_str().unwrap()];
        let output = clear(address).args(save).output().unwrap();
        server.join().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(fs::read(&file).unwrap() == message, "{length} octets");
    }
}

/// The most memory, in KiB, that the program held to show the octets of a message, all but the last of them.
#[cfg(target_os = "linux")]
fn peak(length: usize) -> u64 {
    let said = [
        format!("* 1 FETCH (UID 7 BODY[] {{{length}}}\r\n").into_bytes(),
        b"a line of a message of some length\r\n".repeat(length / 36 + 1)[..length].to_vec(),
        b")\r\nA3 OK done\r\n".to_vec(),
    ]
    .concat();
    let script: Vec<(&str, &[u8])> = vec![
        (GREETING.0, GREETING.1.as_bytes()),
        (LOGIN.0, LOGIN.1.as_bytes()),
        (EXAMINE.0, EXAMINE.1.as_bytes()),
        ("A3 UID FETCH 7 BODY.PEEK[]\r\n", &said),
        ("A4 LOGOUT\r\n", b"* BYE\r\nA4 OK\r\n"),
    ];
    let (address, server) = serve(vec![script]);
    let mut showing = clear(address).args(["show", "7", "--raw"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut octets = showing.stdout.take().unwrap();
    // More than a pipe holds is left: the program waits, and can be looked at.
    let mut shown = vec![0; length - 256 * 1024];
    octets.read_exact(&mut shown).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", showing.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = peak.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    octets.read_to_end(&mut shown).unwrap();
    assert_eq!(shown.len(), length);
    assert!(showing.wait().unwrap().success());
    server.join().unwrap();
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn a_message_of_any_size_is_shown_in_the_same_memory() {
    let (small, large) = (peak(1 << 20), peak(40 << 20));
    assert!(large < 20_000 && large < small + 2_000, "{small} KiB for 1 MB, {large} KiB for 40 MB");
}

#[test]
fn a_message_that_is_not_there_is_a_failure() {
    let script = [EXAMINE, ("A3 UID FETCH 8 BODY.PEEK[]\r\n", "A3 OK done\r\n")];
    let output = run(&["show", "8", "--raw"], &script);
    assert_eq!(text(&output.stderr), "mail: INBOX has no message 8\n");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn a_refused_login_is_told_in_the_servers_words_and_the_trace_holds_no_password() {
    let refused = ("A1 LOGIN fred blurdy\r\n", "A1 NO [AUTHENTICATIONFAILED] who \x1b[31mare you?\r\n");
    let (address, server) = serve(vec![vec![GREETING, refused]]);
    let output = clear(address).args(["--trace", "list"]).output().unwrap();
    server.join().unwrap();
    let told = text(&output.stderr);
    let last = "mail: cannot log in as fred: refused by the server: NO who \u{fffd}[31mare you?\n";
    assert!(told.ends_with(last), "{told}");
    assert!(told.starts_with("-- connecting to 127.0.0.1:"), "{told}");
    assert!(!told.contains("blurdy"), "{told}");
    assert_eq!(output.status.code(), Some(77));
}

#[test]
fn the_trace_tells_what_is_said_by_both() {
    let script = [("A2 EXAMINE nowhere\r\n", "* OK [CLOSED] was\r\nA2 NO no such mailbox\r\n")];
    let output = run(&["list", "nowhere", "--trace"], &script);
    let told = text(&output.stderr);
    assert!(
        told.contains("C: A2 EXAMINE nowhere\nS: * OK [CLOSED] was\nS: A2 NO no such mailbox\n"),
        "{told}"
    );
}

#[test]
fn the_trace_tells_how_many_octets_follow_and_not_the_octets() {
    let fetched =
        format!("* 1 FETCH (UID 7 BODY[] {{100000}}\r\n{} FLAGS (\\Seen))\r\nA3 OK\r\n", "x".repeat(100_000));
    let script =
        [EXAMINE, ("A3 UID FETCH 7 BODY.PEEK[]\r\n", &*fetched), ("A4 LOGOUT\r\n", "* BYE\r\nA4 OK\r\n")];
    let output = run(&["show", "7", "--raw", "--trace"], &script);
    let told = text(&output.stderr);
    assert!(told.contains("S: * 1 FETCH (UID 7 BODY[] {100000}\nS: * 1 FETCH (FLAGS (\\Seen))\n"), "{told}");
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_64() {
    let program = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mail"));
        command.stdin(Stdio::null()).env_remove("MAIL_PASSWORD");
        command
    };
    for (arguments, told) in [
        (&["list"][..], "--server HOST[:PORT] is missing"),
        (&["list", "--server", "h"], "--user NAME is missing"),
        (&["list", "--server", "h", "--user", "u", "--tls", "off"], "--allow-cleartext must be said with it"),
        (&["list", "--server", "h", "--user", "u", "--allow-cleartext"], "goes with --tls off alone"),
        (&["list", "--server", "h:imap", "--user", "u"], "neither HOST nor HOST:PORT"),
        (&["show", "0", "--server", "h", "--user", "u"], "invalid value '0'"),
        (&["show", "1", "--part", "1..2", "--server", "h", "--user", "u"], "not a number such as 2 or 1.2"),
        (&["fetch"], "unrecognized subcommand"),
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
    }
    let output = program().args(["list", "--server", "h", "--user", "u"]).output().unwrap();
    assert_eq!(
        (text(&output.stderr), output.status.code()),
        ("mail: the password is empty\n".into(), Some(1))
    );
}

#[test]
fn the_password_comes_from_a_file_or_from_standard_input() {
    let folder = scratch("password");
    let file = folder.join("password");
    fs::write(&file, "blurdy\nnot this\n").unwrap();
    let script: Script<'_> = vec![GREETING, LOGIN, ("A2 EXAMINE INBOX\r\n", "A2 NO\r\n")];
    let (address, server) = serve(vec![script.clone(), script]);
    let output = clear(address)
        .env("MAIL_PASSWORD", "wrong")
        .arg("--password-file")
        .arg(&file)
        .arg("list")
        .output()
        .unwrap();
    assert!(text(&output.stderr).contains("refused by the server: NO"), "{output:?}");
    let mut asked = clear(address)
        .env_remove("MAIL_PASSWORD")
        .arg("list")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    asked.stdin.take().unwrap().write_all(b"blurdy\r\n").unwrap();
    assert_eq!(asked.wait().unwrap().code(), Some(1));
    server.join().unwrap();
}

#[test]
fn a_token_is_asked_of_its_command_for_each_login_and_a_mechanism_may_be_told() {
    let greeting = (
        "",
        "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2] hi\r\n",
    );
    let refused = |said| vec![greeting, (said, "A1 NO [AUTHENTICATIONFAILED] no\r\n")];
    // No other way is tried.
    let (address, server) = serve(vec![
        refused("A1 AUTHENTICATE XOAUTH2 dXNlcj1mcmVkAWF1dGg9QmVhcmVyIHlhMjkueAEB\r\n"),
        refused("A1 AUTHENTICATE PLAIN AGZyZWQAYmx1cmR5\r\n"),
        vec![greeting],
    ]);
    let mail = |arguments: &[&str], code| {
        let output = clear(address).args(arguments).arg("list").output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        text(&output.stderr)
    };
    let told = mail(&["--mechanism", "xoauth2", "--token-command", "echo ya29.x; echo more"], 77);
    assert!(told.contains("refused by the server: NO"), "{told}");
    let told = mail(&[], 77);
    assert!(told.contains("refused by the server: NO"), "{told}");
    let told = mail(&["--token-command", "echo no >&2; false"], 75);
    assert!(told.contains("the command that says the token has failed"), "{told}");
    server.join().unwrap();
}

#[test]
fn a_server_with_an_unknown_certificate_is_told_nothing() {
    let identity = support::identity();
    let folder = scratch("tls");
    let ca = folder.join("ca.pem");
    fs::write(&ca, pem(&identity)).unwrap();
    let script: Script<'_> =
        vec![GREETING, LOGIN, ("A2 EXAMINE INBOX\r\n", "A2 OK\r\n"), ("A3 LOGOUT\r\n", "* BYE\r\nA3 OK\r\n")];
    let (address, server) = serve_tls(&identity, script);
    let mail = |known: bool| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mail"));
        command.args(["--server", &format!("localhost:{}", address.port()), "--user", "fred", "list"]);
        command.env("MAIL_PASSWORD", "blurdy");
        if known {
            command.arg("--ca").arg(&ca);
        }
        command.output().unwrap()
    };
    let output = mail(false);
    let told = text(&output.stderr);
    assert!(told.contains("cannot connect to localhost:") && told.contains("UnknownIssuer"), "{told}");
    let output = mail(true);
    assert!(output.status.success(), "{output:?}");
    server.join().unwrap();
}

#[test]
fn who_shows_a_certificate_needs_no_password() {
    let (identity, client) = (support::identity(), support::identity());
    let folder = scratch("certificate");
    let write = |name: &str, text: String| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name)
    };
    let (ca, cert) = (write("ca.pem", pem(&identity)), write("cert.pem", pem(&client)));
    let key = write("key.pem", client.signing_key.serialize_pem());
    let both = write("both.pem", pem(&client) + &client.signing_key.serialize_pem());
    for files in [vec!["--cert".into(), both], vec!["--cert".into(), cert, "--key".into(), key]] {
        let script: Script<'_> = vec![
            ("", "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=EXTERNAL] hi\r\n"),
            ("A1 AUTHENTICATE EXTERNAL ZnJlZA==\r\n", "A1 OK [CAPABILITY IMAP4rev1] in\r\n"),
            ("A2 EXAMINE INBOX\r\n", "A2 OK\r\n"),
            ("A3 LOGOUT\r\n", "* BYE\r\nA3 OK\r\n"),
        ];
        let (address, server) = support::serve_tls_to(&client, &identity, script);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mail"));
        command.args(["--server", &format!("localhost:{}", address.port()), "--user", "fred", "list"]);
        let output = command.arg("--ca").arg(&ca).args(files).env_remove("MAIL_PASSWORD").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        server.join().unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_mailbox_is_watched_across_a_broken_connection_until_ctrl_c() {
    let uids = "* 1 FETCH (UID 7)\r\n* 2 FETCH (UID 8)\r\nA3 OK\r\n";
    let new = |number: u32, uid: u32, tag: &str| {
        format!(
            "* {number} FETCH (UID {uid} FLAGS () ENVELOPE (NIL \"subject {uid}\" ((\"Fred\" NIL \"f\" \"b.example\")) \
             NIL NIL NIL NIL NIL NIL NIL))\r\n{tag} OK\r\n"
        )
    };
    let (first, second) = (new(3, 9, "A5"), new(3, 11, "A4"));
    let examine = "* 2 EXISTS\r\n* OK [UIDVALIDITY 9] valid\r\nA2 OK [READ-ONLY]\r\n";
    let again = "* 3 EXISTS\r\n* OK [UIDVALIDITY 9] valid\r\nA2 OK [READ-ONLY]\r\n";
    let uids_again = "* 1 FETCH (UID 8)\r\n* 2 FETCH (UID 9)\r\n* 3 FETCH (UID 11)\r\nA3 OK\r\n";
    let one: Script<'_> = vec![
        GREETING,
        LOGIN,
        ("A2 EXAMINE INBOX\r\n", examine),
        ("A3 FETCH 1:* UID\r\n", uids),
        ("A4 IDLE\r\n", "+ idling\r\n* 3 EXISTS\r\n"),
        ("DONE\r\n", "A4 OK\r\n"),
        ("A5 FETCH 3 (UID FLAGS ENVELOPE)\r\n", &first),
        (
            "A6 IDLE\r\n",
            "+ idling\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n* 1 FETCH (UID 8 FLAGS ())\r\n",
        ),
        // The connection breaks.
    ];
    let two: Script<'_> = vec![
        GREETING,
        LOGIN,
        ("A2 EXAMINE INBOX\r\n", again),
        ("A3 FETCH 1:* UID\r\n", uids_again),
        ("A4 FETCH 3 (UID FLAGS ENVELOPE)\r\n", &second),
        ("A5 IDLE\r\n", "+ idling\r\n"),
        ("DONE\r\n", "A5 OK\r\n"),
        ("A6 LOGOUT\r\n", "* BYE\r\nA6 OK\r\n"),
    ];
    let (address, server) = serve(vec![one, two]);
    let mut watcher =
        clear(address).arg("watch").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watcher.stdout.take().unwrap()).lines().map(Result::unwrap);
    for line in [
        "new         9  Fred                      subject 9",
        "flags       8  (\\Seen)",
        "gone        7",
        "flags       8  ()",
        // It came while the connection was broken.
        "new        11  Fred                      subject 11",
    ] {
        assert_eq!(lines.next().unwrap(), line);
    }
    // Once it idles again; before that, LOGOUT comes without DONE.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let kill = format!("kill -s INT {}", watcher.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = watcher.wait_with_output().unwrap();
    server.join().unwrap();
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("connecting again in 1 s"), "{told}");
}
