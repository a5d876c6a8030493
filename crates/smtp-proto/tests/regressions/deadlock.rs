//! A client that pipelines more than the pipes hold, to a server that does not read while it cannot write.
use super::{
    client_session::{Session, mail, open, rcpt},
    common::config,
};
use bytes::{Buf, BytesMut};
use smtp_proto::{
    ClientConfig, Code, Machine, Reply, ServerConfig, Step, Text,
    client::{Client, Event as ClientEvent},
    server::{Ack, Event, Rejection, Server},
};

/// A machine as a driver of sockets runs it: where it wants to be flushed, nothing is read.
struct End<M> {
    machine: M,
    input: BytesMut,
}

/// Octets on their way, up to the size of a socket's buffer.
struct Pipe {
    octets: BytesMut,
    size: usize,
}

impl<M: Machine> End<M> {
    fn new(machine: M) -> Self {
        Self { machine, input: BytesMut::new() }
    }

    /// Handles events, writes as far as there is room, and reads. Did anything move?
    fn turn(&mut self, from: &mut Pipe, to: &mut Pipe, mut on_event: impl FnMut(&mut M, M::Event)) -> bool {
        let mut moved = false;
        let may_read = loop {
            match self.machine.receive(&mut self.input).unwrap() {
                Step::Event(event) => on_event(&mut self.machine, event),
                Step::NeedInput { .. } => break true,
                Step::NeedFlush => break false,
                Step::NeedAnswer | Step::Closed => panic!("the session goes on"),
            }
            moved = true;
        };
        let transmit = self.machine.transmit();
        let room = (to.size - to.octets.len()).min(transmit.remaining());
        to.octets.extend_from_slice(&transmit.copy_to_bytes(room));
        moved |= room > 0;
        if may_read {
            moved |= !from.octets.is_empty();
            self.input.unsplit(from.octets.split());
        }
        moved
    }
}

/// A server that has heard EHLO.
fn greeted(config: ServerConfig) -> End<Server> {
    let mut end = End::new(Server::new(config));
    let mut before = Pipe { octets: BytesMut::from(&b"EHLO c.example\r\n"[..]), size: 512 };
    let mut nowhere = Pipe { octets: BytesMut::new(), size: 512 };
    let accept = |server: &mut Server, event| match event {
        Event::Connect(ask) => server.accept(ask, ()).unwrap(),
        Event::Hello(ask) => server.accept(ask, ()).unwrap(),
        other => panic!("{other:?}"),
    };
    while end.turn(&mut before, &mut nowhere, accept) {}
    end
}

/// Sends 900 RCPTs at once through pipes of this size. All are answered, and the client's queue keeps to its
/// limit.
fn pipeline(
    client: ClientConfig,
    server: ServerConfig,
    size: usize,
    recipient: impl Fn(usize) -> String,
    outcome: &Result<Ack, Rejection>,
) {
    let most = client.max_unsent + "RCPT TO:<>\r\n".len() + recipient(899).len();
    let mut client: End<Client> = End::new(Session::offered(client, &["PIPELINING"]).client);
    let mut server = greeted(server);
    client.machine.send(mail()).unwrap();
    for number in 0..900 {
        client.machine.send(rcpt(&recipient(number))).unwrap();
    }
    let waiting = client.machine.transmit().remaining();
    assert!(waiting <= most, "{waiting} octets wait to be sent where {most} may");
    let (mut there, mut back) =
        (Pipe { octets: BytesMut::new(), size }, Pipe { octets: BytesMut::new(), size });
    let mut replies = 0;
    loop {
        let client_moved = client.turn(&mut back, &mut there, |_, event| {
            replies += usize::from(matches!(event, ClientEvent::Reply { .. }));
        });
        let server_moved = server.turn(&mut there, &mut back, |server, event| match event {
            Event::Mail(ask) => server.accept(ask, Ack::default()).unwrap(),
            Event::Rcpt(ask) => match outcome.clone() {
                Ok(ack) => server.accept(ask, ack).unwrap(),
                Err(rejection) => server.reject(ask, rejection).unwrap(),
            },
            other => panic!("{other:?}"),
        });
        if !client_moved && !server_moved {
            break;
        }
    }
    let unsent = (client.machine.transmit().remaining(), server.machine.transmit().remaining());
    assert_eq!(replies, 901, "deadlock: octets unsent by client and server: {unsent:?}");
}

#[test]
fn small_queues_and_small_sockets_do_not_deadlock() {
    let recipient = |number| format!("{number}-a-name-of-some-length@mailbox.example.net");
    let thanks = "recipient accepted, thank you very much for considering this server";
    pipeline(
        ClientConfig { max_unsent: 4096, ..open() },
        ServerConfig { max_unsent: 4096, max_recipients: 1000, ..config() },
        4096,
        recipient,
        &Ok(Ack::saying(Text::from_static(thanks))),
    );
}

#[test]
fn queues_as_they_are_set_and_sockets_of_64_kib_do_not_deadlock() {
    let label = "mailbox-of-a-long-name-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let domain = format!("{label}.{label}.{label}.example.net");
    let text = Text::try_from("5.1.1 ".to_owned() + &"see our policy ".repeat(31)).unwrap();
    let refusal = Rejection::new(Reply::new(Code::MAILBOX_UNAVAILABLE, text)).unwrap();
    pipeline(
        open(),
        ServerConfig { max_recipients: 1000, max_refusals: 1000, ..config() },
        64 << 10,
        |number| format!("{number}-some-tagged-and-hashed-bounce-address-aaaaaaa@{domain}"),
        &Err(refusal),
    );
}
