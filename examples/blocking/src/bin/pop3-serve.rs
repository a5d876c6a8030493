//! Hands out the messages named on the command line by POP3: `pop3-serve ADDR:PORT NAME PASSWORD FILE..`.
//!
//! One client after the other, in clear, and nothing is ever deleted: the machine, a socket, and the loop between
//! them.
use bytes::{Buf, Bytes, BytesMut};
use pop3_proto::{
    CleartextLogin, DropListing, MessageNumber, ScanListing, ServerConfig, Step, UniqueId, UniqueIdListing,
    server::{Event, Rejection, Server},
};
use std::{
    env,
    error::Error,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, name, password, files @ ..] = &*arguments else {
        return Err("usage: pop3-serve ADDR:PORT NAME PASSWORD FILE..".into());
    };
    let messages = files.iter().map(|file| fs::read(file).map(Bytes::from)).collect::<Result<Vec<_>, _>>()?;
    let listener = TcpListener::bind(address)?;
    println!("{}", listener.local_addr()?);
    for socket in listener.incoming() {
        if let Err(error) = serve(socket?, name, password, &messages) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

fn serve(
    mut socket: TcpStream,
    name: &str,
    password: &str,
    messages: &[Bytes],
) -> Result<(), Box<dyn Error>> {
    // By default nobody logs in in clear.
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    let mut server = Server::new(config);
    let mut input = BytesMut::new();
    loop {
        match server.receive(&mut input)? {
            Step::Event(event) => answer(event, &mut server, &mut socket, name, password, messages)?,
            Step::NeedInput { hint } => {
                flush(&mut server, &mut socket)?;
                socket.set_read_timeout(Some(server.patience().limit))?;
                let held = input.len();
                input.resize(held + hint, 0);
                let read = socket.read(&mut input[held..])?;
                input.truncate(held + read);
                if read == 0 {
                    server.receive_eof(&input)?;
                }
            }
            Step::NeedFlush => flush(&mut server, &mut socket)?,
            Step::NeedAnswer => return Err("an event was left unanswered".into()),
            Step::Closed => return flush(&mut server, &mut socket),
        }
    }
}

fn answer(
    event: Event,
    server: &mut Server,
    socket: &mut TcpStream,
    name: &str,
    password: &str,
    messages: &[Bytes],
) -> Result<(), Box<dyn Error>> {
    let octets = |message: MessageNumber| messages[message.index()].len() as u64;
    let numbers = || (1..).map_while(MessageNumber::new).take(messages.len());
    match event {
        Event::Connect(ask) => server.accept(ask, ())?,
        Event::Login(ask)
            if ask.name.as_bytes() == name.as_bytes() && ask.password.as_bytes() == password.as_bytes() =>
        {
            let all = DropListing { messages: messages.len() as u32, octets: numbers().map(octets).sum() };
            server.accept(ask, all)?;
        }
        Event::Login(ask) => server.reject(ask, Rejection::AUTHENTICATION_FAILED)?,
        Event::List(ask) => {
            let size = octets(ask.message);
            server.accept(ask, size)?;
        }
        Event::Uidl(ask) => {
            let id = unique_id(ask.message)?;
            server.accept(ask, id)?;
        }
        Event::ListAll(ask) => {
            let mut listing = server.accept(ask, ())?;
            for message in numbers() {
                server.entry(&mut listing, &ScanListing { message, octets: octets(message) })?;
                flush(server, socket)?;
            }
            server.finish_listing(listing)?;
        }
        Event::UidlAll(ask) => {
            let mut listing = server.accept(ask, ())?;
            for message in numbers() {
                server.entry(&mut listing, &UniqueIdListing { message, id: unique_id(message)? })?;
                flush(server, socket)?;
            }
            server.finish_listing(listing)?;
        }
        Event::Retr(ask) => {
            let message = messages[ask.message.index()].clone();
            let mut upload = server.accept(ask, message.len() as u64)?;
            server.write(&mut upload, message)?;
            server.finish(upload)?;
        }
        Event::Quit(ask) => server.accept(ask, ())?,
        // What is dropped unanswered, such as DELE, ends the session with `-ERR [SYS/TEMP]`.
        event => drop(event),
    }
    Ok(())
}

fn unique_id(message: MessageNumber) -> Result<UniqueId, Box<dyn Error>> {
    Ok(UniqueId::new(message.get().to_string())?)
}

/// Writes all that is ready.
fn flush(server: &mut Server, socket: &mut TcpStream) -> Result<(), Box<dyn Error>> {
    let transmit = server.transmit();
    while transmit.has_remaining() {
        let written = socket.write(transmit.chunk())?;
        transmit.advance(written);
    }
    Ok(())
}
