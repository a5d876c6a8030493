//! IMAP: imap-codec and imap-proto.
mod classes;
mod codec;
mod proto;
mod read;
mod units;

use crate::contest::Contest;

/// The contests.
pub(crate) fn contests() -> Vec<Contest> {
    let commands = Contest {
        peer: "imap-codec 2.0.0-alpha.10",
        verbs: 9,
        kind: "IMAP commands",
        valid: units::command,
        also: units::SELDOM_COMMANDS,
        ours: read::command,
        theirs: codec::command,
        written: codec::written_commands,
        classes: classes::CODEC_COMMANDS,
    };
    let responses = Contest {
        kind: "IMAP responses",
        valid: units::response,
        also: units::SELDOM_RESPONSES,
        ours: read::response,
        theirs: codec::response,
        written: codec::written_responses,
        classes: classes::CODEC_RESPONSES,
        ..commands
    };
    vec![
        commands,
        responses,
        Contest {
            peer: "imap-proto 0.17.0",
            theirs: proto::response,
            classes: classes::PROTO_RESPONSES,
            ..responses
        },
    ]
}
