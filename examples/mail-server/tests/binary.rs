//! The program as it is run: its first start, its accounts, its end.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

mod support;

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use bytes::Bytes;
use mail_server::{
    accounts::Credentials,
    cli::Cli,
    config::{Config, Endpoint},
    store::{OpenMode, SqliteStore, Store},
};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use support::{PATIENCE, TempDir, trust, wire::Wire};
use tokio_codec::sasl::{Hash, ScramKeys, Secret};

const SERVICES: [&str; 8] = ["smtp", "submission", "submissions", "lmtp", "imap", "imaps", "pop3", "pop3s"];

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mail-server"));
    command.arg("--data").arg(data).stdin(Stdio::null());
    command
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stdout {
    Read,
    Closed,
}

/// A process that serves; killed when the test ends before it did.
struct Serving {
    process: Child,
    addresses: Vec<(String, SocketAddr)>,
    /// `None` once nobody reads it any more.
    log: Option<ChildStderr>,
}

impl Serving {
    /// Starts a server; its standard output is closed at once, or left to be read.
    fn start(data: &Path, stdout: Stdout) -> Self {
        Self::start_with(data, stdout, &[])
    }

    /// The same, with more arguments.
    fn start_with(data: &Path, stdout: Stdout, arguments: &[&str]) -> Self {
        let mut command = program(data);
        command.args(arguments);
        for service in SERVICES {
            command.args([&format!("--{service}"), "127.0.0.1:0"]);
        }
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if stdout == Stdout::Closed {
            drop(process.stdout.take());
        }
        let log = process.stderr.take();
        let mut serving = Self { process, addresses: Vec::new(), log };
        while serving.addresses.len() < SERVICES.len() {
            let line = serving.log_line();
            let field = |name: &str| {
                let value = line.split(&format!("{name}=")).nth(1)?.split_whitespace().next()?;
                Some(value.to_owned())
            };
            if let (Some(service), Some(address)) = (field("service"), field("address")) {
                serving.addresses.push((service, address.parse().unwrap()));
            }
        }
        serving
    }

    /// A line of the log. Octet by octet: what is behind it is left for who reads next.
    fn log_line(&mut self) -> String {
        let mut line = Vec::new();
        let mut octet = [0];
        while line.last() != Some(&b'\n') {
            let read = self.log.as_mut().unwrap().read(&mut octet).unwrap();
            assert_eq!(read, 1, "the server ended: {}", line.escape_ascii());
            line.extend(octet);
        }
        String::from_utf8(line).unwrap()
    }

    fn address(&self, service: &str) -> SocketAddr {
        self.addresses.iter().find(|(known, _)| known == service).unwrap().1
    }

    fn signal(&self, name: &str) {
        // Every shell has it; not every system has it as a program.
        let kill = format!("kill -s {name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server still runs");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The most memory that the process held so far, in KiB.
    #[cfg(target_os = "linux")]
    fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn add(data: &Path, address: &str, password: &[u8]) -> Output {
    with_password(data, "add", address, password)
}

fn with_password(data: &Path, what: &str, address: &str, password: &[u8]) -> Output {
    let mut command = program(data);
    command.args(["account", what, address, "--password-stdin"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // One that refuses the address does not read.
    let _ = process.stdin.take().unwrap().write_all(password);
    process.wait_with_output().unwrap()
}

#[track_caller]
fn assert_says(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    assert_eq!([&*said[0], &*said[1]], [stdout, stderr]);
    assert_eq!(output.status.code(), Some(code));
}

fn mode(path: PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_first_start_makes_an_account_and_a_signal_ends_it() {
    let dir = TempDir::new();
    // Made beforehand, for everybody: what is in it is for its owner all the same.
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let mut serving = Serving::start(&data, Stdout::Read);
    let mut stdout = BufReader::new(serving.process.stdout.take().unwrap());
    let mut made = String::new();
    stdout.read_line(&mut made).unwrap();
    let password =
        made.trim_end().strip_prefix("Made the account demo@localhost with the password ").unwrap();
    for file in ["mail.db", "mail.db-wal", "mail.db-shm", "serve.lock", "key.pem"] {
        assert_eq!(mode(data.join(file)), 0o600, "{file}");
    }
    assert_eq!([mode(data.join("spool")), mode(data.join("bodies"))], [0o700, 0o700]);

    // Accounts while it runs.
    let added = add(&data, "Bob@Example.org", b"correct horse\r\nnot this\r\n");
    assert_says(&added, 0, "added bob@example.org\n", "");
    let again = add(&data, "bob@example.org", b"x\n");
    assert_says(&again, 1, "", "mail-server: account already exists\n");
    let empty = add(&data, "carol@example.org", b"\n");
    assert_says(&empty, 1, "", "mail-server: password is empty\n");
    for odd in ["carol", "a b@example.org", "carol@example..org", "carol@-"] {
        let refused = add(&data, odd, b"x\n");
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.starts_with(&format!("mail-server: '{odd}' is not a mail address: ")), "{said}");
    }
    let listed = program(&data).args(["account", "list"]).output().unwrap();
    assert_says(&listed, 0, "bob@example.org\ndemo@localhost\n", "");

    // A message of 20 MiB for both of them, and each reads it: the server holds it at no time.
    let line = b"0123456789abcdef0123456789abcd\r\n";
    let body = Bytes::from(line.repeat(20 << 15));
    let mut lmtp = Wire::connect(serving.address("lmtp")).await;
    assert!(lmtp.line().await.starts_with("220 "));
    lmtp.says("LHLO c.example.org", "250").await;
    lmtp.says("MAIL FROM:<a@example.org>", "250").await;
    lmtp.says("RCPT TO:<bob@example.org>", "250").await;
    lmtp.says("RCPT TO:<demo@localhost>", "250").await;
    lmtp.says("DATA", "354").await;
    lmtp.send(&body).await;
    lmtp.says(".", "250").await;
    assert!(lmtp.reply().await.starts_with("250 "));
    // And once more, in one chunk.
    lmtp.says("MAIL FROM:<a@example.org>", "250").await;
    lmtp.says("RCPT TO:<bob@example.org>", "250").await;
    lmtp.send(format!("BDAT {} LAST\r\n", body.len())).await;
    lmtp.send(&body).await;
    assert!(lmtp.reply().await.starts_with("250 "));
    for (name, password) in [("bob@example.org", "correct horse"), ("demo@localhost", password)] {
        let mut pop3 = Wire::connect(serving.address("pop3s")).await;
        pop3 = pop3.into_tls(trust(&data.join("cert.pem"))).await;
        assert!(pop3.line().await.starts_with("+OK"));
        pop3.says(&format!("USER {name}"), "+OK").await;
        pop3.says(&format!("PASS {password}"), "+OK").await;
        assert!(pop3.retrieve(1).await.ends_with(&body), "{name}");
        if name == "bob@example.org" {
            assert!(pop3.retrieve(2).await.ends_with(&body), "in one chunk");
        }
    }
    let shown = program(&data).args(["envelopes", "bob@example.org"]).output().unwrap();
    let told = "1\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@example.org>\nRCPT TO:<demo@localhost>\n\
                2\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@example.org>\n";
    assert_says(&shown, 0, told, "");
    let none = program(&data).args(["envelopes", "bob@example.org", "--folder", "Work"]).output().unwrap();
    assert_says(&none, 1, "", "mail-server: no such folder\n");
    #[cfg(target_os = "linux")]
    assert!(serving.peak_memory() < 30 << 10, "{} KiB", serving.peak_memory());

    // A second server does not touch the first one's data.
    let second = program(&data).output().unwrap();
    let told = format!("mail-server: another server is running on {}\n", data.display());
    assert_says(&second, 1, "", &told);

    serving.signal("TERM");
    assert!(lmtp.reply().await.starts_with("421 "));
    assert_eq!(serving.wait().code(), Some(0));
    let mut log = String::new();
    serving.log.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("stopped"), "{log}");
    for secret in [password, "correct horse"] {
        assert!(!log.contains(secret), "{log}");
    }

    let mut serving = Serving::start(&data, Stdout::Read);
    serving.signal("INT");
    assert_eq!(serving.wait().code(), Some(0));
    let mut said = String::new();
    serving.process.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_password_is_changed_while_the_server_runs() {
    let dir = TempDir::new();
    let data = dir.path().join("data");
    let none = with_password(&data, "password", "bob@example.org", b"x\n");
    assert_says(&none, 1, "", &format!("mail-server: there is no folder {}\n", data.display()));
    assert_says(&add(&data, "bob@example.org", b"old one\n"), 0, "added bob@example.org\n", "");
    let serving = Serving::start(&data, Stdout::Closed);
    let says = async |password: &str, expected: &str| {
        let mut pop3 =
            Wire::connect(serving.address("pop3s")).await.into_tls(trust(&data.join("cert.pem"))).await;
        assert!(pop3.line().await.starts_with("+OK"));
        pop3.says("USER bob@example.org", "+OK").await;
        pop3.says(&format!("PASS {password}"), expected).await;
    };
    says("old one", "+OK").await;
    let changed = with_password(&data, "password", "Bob@Example.org", b"new one\n");
    assert_says(&changed, 0, "changed bob@example.org\n", "");
    says("old one", "-ERR").await;
    says("new one", "+OK").await;
    let empty = with_password(&data, "password", "bob@example.org", b"\n");
    assert_says(&empty, 1, "", "mail-server: password is empty\n");
    let nobody = with_password(&data, "password", "carol@example.org", b"x\n");
    assert_says(&nobody, 1, "", "mail-server: there is no account carol@example.org\n");
    says("new one", "+OK").await;
}

/// Of the addresses of loopback's network Linux has 16 million.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_flood_from_thousands_of_addresses_leaves_no_memory_behind() {
    let dir = TempDir::new();
    let file = dir.path().join("mail-server.toml");
    let limits =
        "[limits]\ntrusted = []\n[limits.address]\nmessages_per_minute = 1\nrecipients_per_hour = 1\n";
    fs::write(&file, limits).unwrap();
    let data = dir.path().join("data");
    let mut serving = Serving::start_with(&data, Stdout::Closed, &["--config", file.to_str().unwrap()]);
    // The log of a flood would fill its pipe.
    serving.log = None;
    let (mut before, mut unlucky) = (0, 0);
    for number in 0..3000_u16 {
        if number == 1000 {
            before = serving.peak_memory();
        }
        let [high, low] = number.to_be_bytes();
        let from = SocketAddr::from(([127, 1, high, low], 0));
        let mut wire = Wire::connect_from(from, serving.address("smtp")).await;
        assert!(wire.reply().await.starts_with("220 "));
        wire.says("EHLO c.example.org", "250").await;
        if !wire.says("MAIL FROM:<a@example.org>", "").await.starts_with("250") {
            unlucky += 1;
            continue;
        }
        unlucky += u32::from(!wire.says("RCPT TO:<nobody@localhost>", "").await.starts_with("550 5.1.1"));
        wire.says("RCPT TO:<demo@localhost>", "450 4.7.1").await;
        wire.says("RSET", "250").await;
        wire.says("MAIL FROM:<a@example.org>", "450 4.7.1").await;
    }
    // A thousand addresses have touched each page of the counters.
    let grown = serving.peak_memory() - before;
    assert!(grown < 2 << 10, "{grown} KiB");
    // Whoever shares both of its cells with others waits for them: 4 on the average, and more than 40 never.
    assert!(unlucky <= 40, "{unlucky} of 3000 were refused");
}

#[tokio::test]
async fn a_server_that_nobody_listens_to_serves() {
    let dir = TempDir::new();
    let mut serving = Serving::start(dir.path(), Stdout::Closed);
    // Neither is the log read any more.
    serving.log = None;
    let mut smtp = Wire::connect(serving.address("smtp")).await;
    assert!(smtp.line().await.starts_with("220 "));
    smtp.says("EHLO c.example.org", "250").await;
    smtp.begin("demo@localhost").await;
    smtp.says("Subject: unheard\r\n.", "250").await;
    // Told twice, it does not wait for anybody.
    smtp.says("MAIL FROM:<>", "250").await;
    serving.signal("TERM");
    thread::sleep(Duration::from_millis(100));
    assert!(serving.process.try_wait().unwrap().is_none(), "a transaction was cut");
    serving.signal("TERM");
    assert_eq!(serving.wait().code(), Some(0));
}

#[test]
fn what_cannot_be_is_told_in_one_line() {
    let dir = TempDir::new();
    let said = |arguments: &[&str]| {
        let output = program(&dir.path().join("data")).args(arguments).output().unwrap();
        assert_ne!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["--smtp", "25"]).contains("'25' is neither ADDR:PORT nor 'off'"));
    assert!(said(&["--pop3s", "localhost:25"]).contains("'localhost:25' is neither ADDR:PORT nor 'off'"));
    assert!(said(&["account", "list"]).starts_with("mail-server: there is no folder "));

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _taken = std::net::TcpListener::bind(taken).unwrap();
    let others_off: Vec<String> = SERVICES[1..].iter().map(|service| format!("--{service}=off")).collect();
    let mut arguments: Vec<&str> = others_off.iter().map(String::as_str).collect();
    let smtp = format!("--smtp={taken}");
    arguments.extend([&*smtp, "--log=error"]);
    let told = said(&arguments);
    assert!(told.starts_with(&format!("mail-server: smtp on {taken}: Address already in use")), "{told}");
    arguments.push("--smtp=off");
    arguments.retain(|argument| *argument != smtp);
    assert_eq!(said(&arguments), "mail-server: every port is off\n");
}

#[test]
fn the_configuration_is_read_from_a_file_and_from_flags() {
    use clap::Parser;
    let dir = TempDir::new();
    let file = dir.path().join("mail.toml");
    let load = |text: &str, flags: &[&str]| {
        fs::write(&file, text).unwrap();
        let program = ["mail-server", "--config", file.to_str().unwrap()];
        let cli = Cli::try_parse_from(program.iter().chain(flags)).unwrap();
        Config::load(&cli.options).map_err(|error| error.to_string())
    };
    let text = "hostname = 'mx.example.net'\ndata = '/srv/mail'\n[listen]\nsmtp = '[::]:25'\npop3 = 'off'\n";
    let config = load(text, &["--pop3", "[::1]:0", "--max-message", "1000"]).unwrap();
    assert_eq!(config.hostname, "mx.example.net");
    assert_eq!(config.data, Path::new("/srv/mail"));
    assert_eq!(config.listen.smtp, Endpoint::At("[::]:25".parse().unwrap()));
    assert_eq!(config.listen.pop3, Endpoint::At("[::1]:0".parse().unwrap()));
    assert_eq!(config.limits.max_message, 1000);
    // The file may be named behind a command, too.
    let arguments = ["mail-server", "account", "list", "--config", file.to_str().unwrap()];
    assert_eq!(Cli::try_parse_from(arguments).unwrap().options.config.as_deref(), Some(&*file));

    for (text, line, what) in [
        ("hostname = 'x'\n[listen]\nsmpt = 'off'\n", "line 3", "unknown field `smpt`"),
        ("[limits]\nmax_message = 'much'\n", "line 2", "invalid type"),
        ("[listen]\nsmtp = '25'\n", "line 2", "'25' is neither ADDR:PORT nor 'off'"),
        ("[listen\n", "line 1", "]"),
    ] {
        let error = load(text, &[]).unwrap_err();
        assert!(error.starts_with(&*file.display().to_string()), "{error}");
        assert!(error.contains(line) && error.contains(what), "{error}");
    }
    let missing = Cli::try_parse_from(["mail-server", "--config", "/nonexistent.toml"]).unwrap();
    let error = Config::load(&missing.options).unwrap_err().to_string();
    assert!(error.starts_with("cannot read /nonexistent.toml: No such file"), "{error}");
}

#[test]
fn the_example_configuration_holds_the_defaults() {
    let text = include_str!("../mail-server.example.toml");
    let config: Config = toml::from_str(text).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
}

#[tokio::test]
async fn the_start_tells_how_many_accounts_have_keys_of_an_earlier_version() {
    let dir = TempDir::new();
    let data = dir.path().join("data");
    let password = Secret::copy_from(b"pencil");
    let keys = |hash| ScramKeys::from_password(hash, &password, b"some salt", 100_000).unwrap();
    let old = Credentials::from_keys(keys(Hash::Sha1), keys(Hash::Sha256)).unwrap();
    let store = SqliteStore::open(&data, OpenMode::Admin).unwrap();
    for address in ["alice@example.org", "bob@example.org"] {
        store.add_account(&address.parse().unwrap(), &old).await.unwrap();
    }
    drop(store);
    for left in [2, 1] {
        let mut server = Serving::start(&data, Stdout::Read);
        let told = server.log_line();
        assert!(told.contains(&format!("accounts={left}")), "{told}");
        let wire = Wire::connect(server.address("pop3s")).await;
        let mut wire = wire.into_tls(trust(&data.join("cert.pem"))).await;
        wire.line().await;
        wire.says("USER alice", "+OK").await;
        wire.says("PASS pencil", "+OK").await;
        server.signal("TERM");
        assert!(server.wait().success());
    }
}

#[tokio::test]
async fn the_log_tells_what_a_guest_says_of_itself_and_cannot_be_forged_by_it() {
    let dir = TempDir::new();
    let data = dir.path().join("data");
    assert_says(&add(&data, "list@example.org", b"pencil\n"), 0, "added list@example.org\n", "");
    let mut server = Serving::start_with(&data, Stdout::Read, &["--anonymous", "list@example.org"]);
    let wire = Wire::connect(server.address("pop3s")).await;
    let mut wire = wire.into_tls(trust(&data.join("cert.pem"))).await;
    wire.line().await;
    let said = BASE64.encode("me\" account=\"\u{202e}root");
    wire.says(&format!("AUTH ANONYMOUS {said}"), "+OK").await;
    let told = server.log_line();
    assert!(told.contains(r#"a guest trace="me\" account=\"\u{202e}root""#), "{told}");
    assert!(server.log_line().contains(r#"logged in account="list@example.org""#));
    drop(server);
    // An account that is not there opens nothing.
    let mut command = program(&data);
    let output =
        command.args(["--anonymous", "nobody@example.org", "--smtp", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("there is no account nobody@example.org for guests\n"), "{said}");
}
