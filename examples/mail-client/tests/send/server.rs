//! An SMTP server that takes everything, but for what it is told to answer otherwise.
use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::net::UnixListener,
    path::Path,
    thread::{self, JoinHandle},
    time::Duration,
};

/// What a server has heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The lines but those of messages.
    pub(crate) lines: Vec<String>,
    /// The messages, dots unstuffed.
    pub(crate) messages: Vec<String>,
}

/// How a server behaves, in its one session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Server {
    /// What EHLO is answered with, behind the first line.
    pub(crate) offers: Vec<&'static str>,
    /// What is answered to a line that begins so, and once: nothing at all ends the session.
    pub(crate) instead: Vec<(&'static str, &'static str)>,
    /// LMTP: this many answers behind a message.
    pub(crate) lmtp: Option<usize>,
}

impl Server {
    pub(crate) fn start(self) -> (SocketAddr, JoinHandle<Heard>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serving = thread::spawn(move || {
            let socket = accept(&listener);
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let (input, mut output) = (BufReader::new(socket.try_clone().unwrap()), socket);
            self.serve(input, &mut output)
        });
        (address, serving)
    }

    /// The same at a Unix socket.
    pub(crate) fn start_at(self, path: &Path) -> JoinHandle<Heard> {
        let listener = UnixListener::bind(path).unwrap();
        thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let (input, mut output) = (BufReader::new(socket.try_clone().unwrap()), socket);
            self.serve(input, &mut output)
        })
    }

    fn serve(mut self, mut input: impl BufRead, output: &mut impl Write) -> Heard {
        let mut heard = Heard::default();
        let greeting = self.instead_of("").unwrap_or("220 mx.example ready\r\n");
        let _ = output.write_all(greeting.as_bytes());
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).unwrap_or(0) == 0 {
                return heard;
            }
            let line = line.trim_end().to_owned();
            heard.lines.push(line.clone());
            let instead = self.instead_of(&line);
            let answer = match instead {
                Some("") => return heard,
                Some(answer) => answer.to_owned(),
                None if line.starts_with("EHLO") || line.starts_with("LHLO") => {
                    let mut lines = vec!["mx.example"];
                    lines.extend(&self.offers);
                    let last = lines.len() - 1;
                    let said = |(at, line): (usize, &&str)| {
                        format!("250{}{line}\r\n", if at < last { '-' } else { ' ' })
                    };
                    lines.iter().enumerate().map(said).collect()
                }
                None if line == "DATA" => "354 go\r\n".to_owned(),
                None if line.starts_with("BDAT") => {
                    let octets = line.split(' ').nth(1).unwrap().parse().unwrap();
                    let mut chunk = vec![0; octets];
                    input.read_exact(&mut chunk).unwrap();
                    heard.messages.push(String::from_utf8_lossy(&chunk).into_owned());
                    "250 2.0.0 queued\r\n".to_owned()
                }
                None if line == "QUIT" => {
                    let _ = output.write_all(b"221 bye\r\n");
                    return heard;
                }
                None => "250 2.0.0 ok\r\n".to_owned(),
            };
            let _ = output.write_all(answer.as_bytes());
            if line == "DATA" && answer.starts_with("354") {
                heard.messages.push(message(&mut input));
                let answer = self.instead_of(".").unwrap_or("250 2.0.0 queued as 7\r\n");
                if answer.is_empty() {
                    return heard;
                }
                let _ = output.write_all(answer.repeat(self.lmtp.unwrap_or(1)).as_bytes());
            }
        }
    }

    /// What is answered in place of what is usual, this once.
    fn instead_of(&mut self, line: &str) -> Option<&'static str> {
        let is = |(begin, _): &(&str, &str)| {
            if begin.is_empty() { line.is_empty() } else { line.starts_with(begin) }
        };
        let at = self.instead.iter().position(is)?;
        Some(self.instead.remove(at).1)
    }
}

/// A program that says nothing at all is no reason to wait for ever.
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    for _ in 0..1000 {
        if let Ok((socket, _)) = listener.accept() {
            socket.set_nonblocking(false).unwrap();
            return socket;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody connects");
}

fn message(input: &mut impl BufRead) -> String {
    let mut message = String::new();
    loop {
        let mut line = Vec::new();
        assert!(input.read_until(b'\n', &mut line).unwrap() > 0, "the message is cut");
        if line == b".\r\n" {
            return message;
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        message.push_str(&String::from_utf8_lossy(line));
    }
}
