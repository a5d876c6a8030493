//! SMTP: smtp-proto and smtp-codec.
mod classes;
mod codec;
mod fault;
mod proto;
mod read;
mod units;
mod values;

use crate::contest::Contest;

/// The contests.
pub(crate) fn contests() -> Vec<Contest> {
    let commands = Contest {
        peer: "smtp-proto 0.2.5",
        verbs: 4,
        kind: "SMTP commands",
        valid: units::command,
        also: &[
            b"MAIL FROM: <a@b.example>\r\n",
            b"EXPN \"\r\n",
            b"RCPT TO:<a@b.example> NOTIFY=NEVER,SUCCESS\r\n",
            b"RCPT TO:<a@b.example> NOTIFY=SUCCESS,NEVER\r\n",
            b"MAIL FROM:<xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@b.example>\r\n",
            b"MAIL FROM:<a@b.example> ENVID=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
            b"MAIL FROM:<a@b.example> BY=-5;R\r\n",
            b"MAIL FROM:<a@b.example> HOLDUNTIL=2030-02-30T12:00:00Z\r\n",
            b"EHLO [192.0.2.256]\r\n",
            b"MAIL FROM:<a@[256.0.2.1]>\r\n",
            b"MAIL FROM:<a@b.example> ENVID=QQ3141+9 SMTPUTF8\r\n",
            b"MAIL FROM:<a@b.example> HOLDUNTIL=1969-12-31T23:59:59Z\r\n",
            b"MAIL FROM:<a@b.example> SIZE= 1000\r\n",
            b"MAIL FROM:<a@b.example> BODY= 7BIT\r\n",
            b"MAIL FROM:<a@b.example> AUTH=caf+C3+A9@b.example\r\n",
            b"MAIL FROM:<a@b.example> SIZE=18446744073709551615\r\n",
            b"MAIL FROM:<a@b.example> SIZE=99999999999999999999999\r\n",
            b"EHLO localhost\t\r\n",
            b"AUTH PLAIN \t\r\n",
            b"RCPT TO:<a@b.example> NOTIFY=SUCCESS, DELAY\r\n",
            b"RCPT TO:<joe@[x-tag:conte>t]>\r\n",
            b"RCPT TO:<joe@[x-tag:\"ontent]>\r\n",
            b"NOOP \"\" b\"\r\n",
            b"BDAT 99999999999999999999999 LAST\r\n",
        ],
        ours: read::command_as_smtp_proto,
        theirs: proto::command,
        written: read::written_commands,
        classes: classes::PROTO_COMMANDS,
    };
    let replies = Contest {
        kind: "SMTP replies",
        valid: units::reply,
        also: &[b"250 22.1.5 ok\r\n", b"421 4..0\r\n", b"535-5.7.509 denied\r\n535 5.7.9 denied\r\n"],
        ours: read::reply,
        theirs: proto::reply,
        written: read::written_replies,
        classes: classes::PROTO_REPLIES,
        ..commands
    };
    let offers = Contest {
        kind: "SMTP EHLO replies",
        valid: units::offer,
        also: &[
            b"250-localhost\r\n250 AUTH PLAINLOGIN\r\n",
            b"250-localhost\r\n250 SIZE 18446744073709551615\r\n",
            b"250-localhost\r\n250-\r\n250 HELP\r\n",
            b"250-localhost\r\n250 ENHANCEDSTATUSCODESS\r\n",
        ],
        ours: read::offer_as_smtp_proto,
        theirs: proto::offer,
        classes: classes::PROTO_OFFERS,
        ..replies
    };
    let codec = "smtp-codec 0.2.0";
    vec![
        commands,
        Contest {
            peer: codec,
            ours: read::command,
            theirs: codec::command,
            written: codec::written_commands,
            classes: classes::CODEC_COMMANDS,
            ..commands
        },
        replies,
        Contest {
            peer: codec,
            ours: read::reply_taken,
            theirs: codec::reply,
            classes: classes::CODEC_REPLIES,
            ..replies
        },
        offers,
        Contest {
            peer: codec,
            ours: read::offer,
            theirs: codec::offer,
            classes: classes::CODEC_OFFERS,
            ..offers
        },
        Contest {
            kind: "SMTP data",
            valid: units::data,
            also: &[b".\r\n", b"\r\n.\r\r\n", b"a\r\n.\n.\r\n.\r\n"],
            ours: read::data,
            theirs: proto::data,
            written: |_| Vec::new(),
            classes: classes::PROTO_DATA,
            ..commands
        },
    ]
}
