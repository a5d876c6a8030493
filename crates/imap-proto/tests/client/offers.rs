//! What is not offered is not said; where the offers are not known, the server is asked.
use crate::common::*;
use imap_proto::{
    client::SendRefusal,
    response::Capability::{self, CompressDeflate, Id, Idle, Move, Namespace, UidPlus, Unselect},
    *,
};

fn commands() -> Vec<(Command, Capability)> {
    let copy = Copy { numbering: Numbering::Uid, set: numbers(&[1]), mailbox: mailbox("x") };
    vec![
        (Command::Idle, Idle),
        (Command::Move(copy), Move),
        (Command::Unselect, Unselect),
        (Command::UidExpunge(numbers(&[1])), UidPlus),
        (Command::Namespace, Namespace),
        (Command::Id(IdFields::NIL), Id),
        (Command::Compress, CompressDeflate),
    ]
}

// covers rfc2342 4 namespace-where-offered
// covers rfc2971 3 id-where-offered
// covers rfc3691 1 unselect-where-offered
// covers rfc4315 2.1 uid-expunge-where-offered
// covers rfc5161 3.1 enable-where-offered
// covers rfc6851 1 move-where-offered
#[test]
fn a_command_goes_where_its_capability_is_offered() {
    for (command, capability) in commands() {
        let mut session = Session::selected(open(), "", 3);
        let refused = session.client.send(command.clone()).unwrap_err();
        assert_eq!(
            (*refused.command, refused.refusal),
            (command.clone(), SendRefusal::NotOffered(capability))
        );
        assert_eq!(session.says(), "");
        let mut session = Session::selected(open(), capability.as_str(), 3);
        session.sends(command);
        assert!(session.says().starts_with("A2 "));
    }
    let enable = || Command::Enable(Enable::new("CONDSTORE").unwrap());
    let mut session = Session::authenticated(open(), "");
    assert_eq!(
        session.client.send(enable()).unwrap_err().refusal,
        SendRefusal::NotOffered(Capability::Enable)
    );
    Session::authenticated(open(), "ENABLE").sends(enable());
}

#[test]
fn rev2_has_most_of_them_built_in() {
    for (command, capability) in commands() {
        let mut session = Session::selected(open(), "IMAP4rev2", 3);
        let is_built_in = !matches!(capability, Id | CompressDeflate);
        assert_eq!(session.client.send(command.clone()).is_ok(), is_built_in, "{command:?}");
    }
}

#[test]
fn where_the_offers_are_not_known_the_server_decides() {
    for (command, _) in commands() {
        let mut session = Session::new(open());
        session.hears("* PREAUTH hi\r\n");
        session.sends(Command::Select(MailboxName::INBOX));
        session.says();
        session.hears("* 3 EXISTS\r\nA1 OK done\r\n");
        session.sends(command);
        assert!(session.says().starts_with("A2 "));
    }
}

// covers rfc6855 4 utf8-needs-enable
#[test]
fn a_message_that_does_not_fit_is_not_sent() {
    let send = |offers: &str, append: Append| {
        let mut session = Session::authenticated(open(), offers);
        session.client.send(Command::Append(Box::new(append))).map_err(|error| error.refusal)
    };
    let binary = || Append::new(MailboxName::INBOX, message("x").with_kind(MessageKind::Binary));
    assert_eq!(send("", binary()), Err(SendRefusal::Unfit(Unfit::NeedsBinary)));
    assert!(send("BINARY", binary()).is_ok());
    let utf8 = Append::new(MailboxName::INBOX, message("x").with_kind(MessageKind::Utf8));
    assert_eq!(send("UTF8=ACCEPT BINARY", utf8), Err(SendRefusal::Unfit(Unfit::NeedsUtf8)));
    let mut two = Append::new(MailboxName::INBOX, message("x"));
    two.push(message("y"));
    assert_eq!(send("", two.clone()), Err(SendRefusal::Unfit(Unfit::NeedsMultiAppend)));
    assert!(send("MULTIAPPEND", two).is_ok());
}
