//! Sequences that some server once took for the end of a message: the commands behind them are text, not commands.

use super::Scenario;
use crate::failure::{During, Outcome, ensure};
use crate::pop3;
use crate::server::{ALICE, BOB, FOREIGN, Server, Service};
use crate::smtp::Smtp;
use crate::stage::Stage;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new("smuggling: no false end of data makes two messages over SMTP", |stage| {
        run(stage, Service::Smtp, "EHLO")
    }),
    Scenario::new("smuggling: no false end of data makes two messages over LMTP", |stage| {
        run(stage, Service::Lmtp, "LHLO")
    }),
];

/// Everything but CRLF `.` CRLF.
const FALSE_ENDS: &[&str] = &[
    "\n.\n",
    "\n.\r\n",
    "\r.\r",
    "\r.\r\n",
    "\r.\n",
    "\n.\r",
    "\r\n.\n",
    "\r\n.\r",
    "\r\n.\r\r\n",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\n.\n\r\n",
    "\r\r\n.\n",
    "\n\n.\n\n",
];

fn run(stage: &Stage, service: Service, greeting: &str) -> Outcome {
    let server = Server::start_in_clear(stage)?;
    let (mut taken, mut refused) = (0, 0);
    for end in FALSE_ENDS {
        match attempt(&server, service, greeting, end).during(format!("with {end:?}"))? {
            250 => taken += 1,
            _ => refused += 1,
        }
        let alice = pop3::read_all(server.address(Service::Pop3), ALICE)?;
        ensure!(alice.len() == taken, "with {end:?}: {} messages, {taken} were taken", alice.len());
        let bob = pop3::read_all(server.address(Service::Pop3), BOB)?;
        ensure!(bob.is_empty(), "with {end:?}: the smuggled message was delivered");
    }
    stage.note(format!("{taken} taken as one message, {refused} refused"));
    Ok(())
}

/// Sends a message to Alice that holds a false end and a transaction to Bob. Returns the code of its only reply.
fn attempt(server: &Server, service: Service, greeting: &str, end: &str) -> Outcome<u16> {
    let mut session = Smtp::connect(server.address(service))?;
    session.command(&format!("{greeting} client.example.test"))?.expect(250)?;
    session.begin(FOREIGN, &[ALICE])?.expect(354)?;
    session.send(format!(
        "Subject: first\r\n\r\nfirst{end}MAIL FROM:<{FOREIGN}>\r\nRCPT TO:<{BOB}>\r\nDATA\r\n\
         Subject: second\r\n\r\nsmuggled\r\n.\r\nQUIT\r\n"
    ))?;
    let said = session.finish()?;
    let codes: Vec<&str> = said.lines().filter_map(|line| line.get(..3)).collect();
    // One reply to the data, one to QUIT; a server may also hang up with its refusal.
    match codes.as_slice() {
        ["250", "221"] => Ok(250),
        [code] | [code, "221" | "421"] if code.starts_with(['4', '5']) => Ok(code.parse()?),
        _ => crate::failure::fail!("the server said {said:?}"),
    }
}
