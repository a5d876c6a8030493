//! POP3: pop3-codec.
mod classes;
mod read;
mod units;

use crate::contest::Contest;

/// The contests.
pub(crate) fn contests() -> Vec<Contest> {
    let peer = "pop3-codec 0.3.0";
    let contest = Contest {
        peer,
        verbs: 4,
        kind: "POP3 commands",
        valid: units::command,
        also: &[b"APOP a\rb c4c9\r\n"],
        ours: read::command,
        theirs: read::command_of_peer,
        written: read::written_commands,
        classes: classes::COMMANDS,
    };
    let reply = Contest {
        kind: "POP3 status lines",
        valid: units::reply,
        also: &[],
        ours: read::reply,
        theirs: read::reply_of_peer,
        written: read::written_replies,
        classes: classes::REPLIES,
        ..contest
    };
    let listing = |kind, valid, ours, theirs, classes| Contest {
        kind,
        valid,
        also: &[],
        ours,
        theirs,
        written: |_| Vec::new(),
        classes,
        ..contest
    };
    vec![
        contest,
        reply,
        listing("POP3 STAT", units::stat, read::stat, read::stat_of_peer, classes::STAT),
        listing("POP3 LIST", units::list, read::list, read::list_of_peer, classes::LIST),
        listing("POP3 UIDL", units::uidl, read::uidl, read::uidl_of_peer, classes::UIDL),
        listing("POP3 CAPA", units::capa, read::capa, read::capa_of_peer, classes::CAPA),
        listing(
            "POP3 capabilities",
            units::capa,
            read::capa,
            read::capa_of_peer_with_two_ends,
            classes::CAPABILITIES,
        ),
        listing("POP3 RETR", units::retr, read::retr, read::retr_of_peer, classes::RETR),
    ]
}
