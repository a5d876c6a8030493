//! Sends the message on standard input by SMTP: `smtp-send HOST:PORT FROM TO < message`.
//!
//! No runtime, no TLS: the machine, a socket, and the loop between them.
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::{
    Class, ClientConfig, ClientName, Command, Mail, Mailbox, Rcpt, Step, TlsPolicy, WriteError,
    client::{Client, Event},
};
use std::{
    env,
    error::Error,
    io::{self, Read, Write},
    net::TcpStream,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, from, to] = &*arguments else { return Err("usage: smtp-send HOST:PORT FROM TO".into()) };
    let (from, to) = (Mailbox::new(from)?, Mailbox::new(to)?);
    let mut message = Vec::new();
    io::stdin().read_to_end(&mut message)?;
    let mut message = Some(Bytes::from(message));

    let mut socket = TcpStream::connect(address)?;
    // By default a client sends nothing in clear.
    let config = ClientConfig { tls: TlsPolicy::Opportunistic, ..ClientConfig::default() };
    let mut client = Client::new(config);
    let mut input = BytesMut::new();
    let mut unsent = vec![
        Command::Quit,
        Command::Data,
        Command::Rcpt(Rcpt::new(to)),
        Command::Mail(Mail::new(from)),
        Command::Ehlo(ClientName::new("localhost")?),
    ];
    loop {
        match client.receive(&mut input)? {
            // One command a reply; `send` would take several at once.
            Step::Event(Event::Greeting(reply) | Event::Reply { reply, .. }) => {
                println!("{reply}");
                if matches!(reply.code().class(), Class::Transient | Class::Permanent) {
                    return Err("refused".into());
                }
                if let Some(command) = unsent.pop() {
                    client.send(command)?;
                }
            }
            Step::Event(Event::Upload { mut upload, .. }) => {
                let mut chunk = message.take().unwrap_or_default();
                // `Blocked` hands the chunk back while too much waits to be written.
                while let Err(error) = client.write(&mut upload, chunk) {
                    let WriteError::Blocked { chunk: back, .. } = error else { return Err(error.into()) };
                    chunk = back;
                    flush(&mut client, &mut socket)?;
                }
                client.finish(upload)?;
            }
            Step::Event(event) => return Err(format!("not expected: {event:?}").into()),
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

/// Writes all that is ready.
fn flush(client: &mut Client, socket: &mut TcpStream) -> Result<(), Box<dyn Error>> {
    let transmit = client.transmit();
    while transmit.has_remaining() {
        let written = socket.write(transmit.chunk())?;
        transmit.advance(written);
    }
    Ok(())
}
