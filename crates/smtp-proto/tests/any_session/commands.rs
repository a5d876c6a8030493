//! Commands that a client may want to send, wherever it stands.
use proptest::prelude::*;
use smtp_proto::{
    Argument, Auth, CleartextLogin, ClientConfig, ClientName, Command, Mail, Mailbox, Mechanism, Protocol,
    Rcpt, Secret, TlsPolicy, dot,
};

/// Takes any server, sends any octets.
pub(crate) fn client_config(protocol: Protocol) -> ClientConfig {
    ClientConfig {
        protocol,
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        bare: dot::Outgoing::Normalise,
        ..ClientConfig::default()
    }
}

pub(crate) fn protocol() -> impl Strategy<Value = Protocol> {
    prop_oneof![Just(Protocol::Smtp), Just(Protocol::Lmtp)]
}

/// All but QUIT, the commands of transactions more often.
pub(crate) fn command(protocol: Protocol) -> impl Strategy<Value = Command> {
    let other = prop::sample::select(vec![
        Command::StartTls,
        Command::Rset,
        Command::Noop(None),
        Command::Vrfy(Argument::new("jane").unwrap()),
        Command::Expn(Argument::new("list").unwrap()),
        Command::Help(None),
        // Of SMTP alone.
        Command::Helo(client_name()),
    ]);
    prop_oneof![
        3 => Just(hello(protocol)),
        2 => prop::option::of(Just(Secret::copy_from(b"x"))).prop_map(auth),
        8 => (mailbox(), prop::option::of(0..400_u64)).prop_map(mail),
        12 => mailbox().prop_map(|to| Command::Rcpt(Rcpt::new(to))),
        7 => Just(Command::Data),
        7 => other,
    ]
}

/// MAIL, some RCPTs, DATA.
pub(crate) fn transaction() -> impl Strategy<Value = Vec<Command>> {
    let recipients = prop::collection::vec(mailbox().prop_map(Rcpt::new), 1..4);
    (mailbox(), recipients).prop_map(|(from, recipients)| {
        let recipients = recipients.into_iter().map(Command::Rcpt);
        [mail((from, None))].into_iter().chain(recipients).chain([Command::Data]).collect()
    })
}

pub(crate) fn hello(protocol: Protocol) -> Command {
    match protocol {
        Protocol::Smtp => Command::Ehlo(client_name()),
        Protocol::Lmtp => Command::Lhlo(client_name()),
    }
}

fn client_name() -> ClientName {
    ClientName::new("c.example").unwrap()
}

fn auth(initial: Option<Secret>) -> Command {
    Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial })
}

fn mail((from, size): (Mailbox, Option<u64>)) -> Command {
    let mail = Mail::new(from);
    Command::Mail(match size {
        Some(size) => mail.with_size(size),
        None => mail,
    })
}

/// The last one needs SMTPUTF8.
fn mailbox() -> impl Strategy<Value = Mailbox> {
    let name = prop_oneof![10 => Just("a@x.example"), 9 => Just("b@x.example"), 1 => Just("dömi@x.example")];
    name.prop_map(|name| Mailbox::new(name).unwrap())
}
