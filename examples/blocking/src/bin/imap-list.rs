//! Lists mailboxes, and the newest messages of INBOX: `imap-list HOST:PORT USER PASSWORD`.
//!
//! No runtime, no TLS: the machine, a socket, and the loop between them.
use bytes::{Buf, BytesMut};
use imap_proto::{
    CleartextLogin, ClientConfig, Command, Fetch, FetchItem, FetchItems, List, Login, MailboxName, Numbering,
    SequenceSet, State, Step, TlsPolicy,
    client::{Client, Event},
    response::{FetchItem as Fetched, StatusKind, Untagged},
};
use std::{
    env,
    error::Error,
    io::{Read, Write},
    net::TcpStream,
};

/// Messages shown at most.
const NEWEST: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, user, password] = &*arguments else {
        return Err("usage: imap-list HOST:PORT USER PASSWORD".into());
    };

    let mut socket = TcpStream::connect(address)?;
    // By default a client says nothing in clear, and a password least of all: this is for loopback.
    let (tls, cleartext) = (TlsPolicy::Opportunistic, CleartextLogin::Allow);
    let mut client = Client::new(ClientConfig { tls, cleartext, ..ClientConfig::default() });
    let mut input = BytesMut::new();
    let mut answered = 0;
    loop {
        match client.receive(&mut input)? {
            Step::Event(Event::Greeting(_)) => {
                client.send(Command::Login(Login::new(user, password)?))?;
            }
            Step::Event(Event::Completed { status, .. }) if status.kind() == StatusKind::Ok => {
                answered += 1;
                let all = List { reference: MailboxName::new("")?, pattern: MailboxName::new("*")? };
                // One command an answer; `send` would take several at once.
                let command = match answered {
                    1 => Command::List(all),
                    2 => Command::Examine(MailboxName::INBOX),
                    3 => newest(&client).unwrap_or(Command::Logout),
                    _ => Command::Logout,
                };
                // After LOGOUT there is nothing more to say.
                if client.state() != State::Closed {
                    client.send(command)?;
                }
            }
            Step::Event(Event::Completed { status, .. }) => return Err(status.text().to_string().into()),
            Step::Event(Event::Untagged(Untagged::List(list))) => println!("{}", list.mailbox),
            Step::Event(Event::Untagged(Untagged::Fetch(fetch))) => {
                for item in &fetch.items {
                    if let Fetched::Envelope(envelope) = item {
                        let subject = envelope.subject().unwrap_or_default();
                        println!("{} {}", fetch.number, String::from_utf8_lossy(&subject));
                    }
                }
            }
            Step::Event(_) => {}
            Step::NeedInput { hint } => {
                flush(&mut client, &mut socket)?;
                socket.set_read_timeout(Some(client.patience().limit))?;
                let held = input.len();
                input.resize(held + hint, 0);
                let read = socket.read(&mut input[held..])?;
                input.truncate(held + read);
                if read == 0 {
                    client.receive_eof(&input)?;
                }
            }
            Step::NeedFlush => flush(&mut client, &mut socket)?,
            Step::NeedAnswer => return Err("an event was left unanswered".into()),
            Step::Closed => return flush(&mut client, &mut socket),
        }
    }
}

/// Asks for the subjects of the newest messages, if there are any.
fn newest(client: &Client) -> Option<Command> {
    let messages = client.mailbox()?.messages();
    let set = SequenceSet::from_numbers(messages.saturating_sub(NEWEST) + 1..=messages)?;
    let items = FetchItems::new([FetchItem::Envelope])?;
    Some(Command::Fetch(Fetch { numbering: Numbering::Sequence, set, items }))
}

/// Writes all that is ready.
fn flush(client: &mut Client, socket: &mut TcpStream) -> Result<(), Box<dyn Error>> {
    let transmit = client.transmit();
    while transmit.has_remaining() {
        let written = socket.write(transmit.chunk())?;
        transmit.advance(written);
    }
    Ok(())
}
