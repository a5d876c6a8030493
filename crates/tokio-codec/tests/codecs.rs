//! Codecs: the same items under every cut, and lines that mean nothing.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::{Bytes, BytesMut};
use common::{client_config, server_config};
use futures_util::{SinkExt, StreamExt};
use pop3_proto::{Language, LanguageTag, MessageNumber, ReplyText, Response, ScanListing};
use smtp_proto::{Code, Command, Reply, ServerConfig, Text};
use std::fmt::Debug;
use tokio::io::{AsyncWriteExt, duplex};
use tokio_codec::codec::{Error, pop3, smtp};
use tokio_util::codec::{Decoder, Encoder, Framed, FramedRead};

/// All items of `pieces`, each shown; payload that was cut is joined. `expect` may tell the codec what comes next.
fn items<D: Decoder<Error = Error>>(
    codec: &mut D,
    pieces: &[&[u8]],
    show: impl Fn(&mut D, D::Item) -> String,
) -> Result<Vec<String>, Error> {
    let (mut input, mut found) = (BytesMut::new(), Vec::<String>::new());
    let mut note = |item: String| match found.last_mut() {
        Some(last) if last.starts_with('|') && item.starts_with('|') => last.push_str(&item[1..]),
        _ => found.push(item),
    };
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(item) = codec.decode(&mut input)? {
            note(show(codec, item));
        }
    }
    while let Some(item) = codec.decode_eof(&mut input)? {
        note(show(codec, item));
    }
    Ok(found)
}

fn smtp_item(codec: &mut smtp::ServerCodec, item: smtp::FromClient) -> String {
    match item {
        smtp::FromClient::Command(Ok(command)) => {
            match command {
                Command::Data => codec.expect(smtp::Phase::Data),
                Command::Auth(_) => codec.expect(smtp::Phase::SaslResponse),
                _ => {}
            }
            let mut line = Vec::new();
            command.encode(&mut line);
            String::from_utf8(line).unwrap()
        }
        smtp::FromClient::Command(Err(bad)) => bad.to_string(),
        smtp::FromClient::Response(Err(bad)) => bad.to_string(),
        smtp::FromClient::Payload(piece) => format!("|{}", piece.escape_ascii()),
        other => format!("{other:?}"),
    }
}

const SMTP: &[u8] = b"EHLO c\r\nno\nline\r\nMAIL FROM:<a@b.example\r\n0123456789012345678901234567890123456789\r\nAUTH PLAIN\r\nAGEAYg==\r\nAUTH LOGIN\r\n!\r\nDATA\r\n..a\r\nb\r\n.\r\nNOOP\r\nDATA\r\nx\ny\r\n.\r\nQUIT\r\n";

// covers rfc4954 4 commands-behind-response
// covers rfc5321 4.1.1.4 commands-behind-message
#[test]
fn an_smtp_client_is_understood_the_same_under_every_cut() {
    let config = ServerConfig { max_line: 32, ..server_config() };
    let expected = [
        "EHLO c\r\n",
        "bare LF at octet 2 of the line",
        "bad sender address: expected '>' at octet 22, found the end",
        "line longer than 32 octets",
        "AUTH PLAIN\r\n",
        "Response(Ok(Data(Secret(..))))",
        "AUTH LOGIN\r\n",
        "not base64, or base64 without its padding",
        "DATA\r\n",
        "|.a\\r\\nb\\r\\n",
        "EndOfData",
        "NOOP\r\n",
        "DATA\r\n",
        "|x",
        "Refused(Lf(1))",
        "EndOfData",
        "QUIT\r\n",
    ];
    for cut in 0..=SMTP.len() {
        let mut codec = smtp::ServerCodec::new(&config);
        assert_eq!(
            items(&mut codec, &[&SMTP[..cut], &SMTP[cut..]], smtp_item).unwrap(),
            expected,
            "cut at {cut}"
        );
    }
    let octets: Vec<_> = SMTP.chunks(1).collect();
    assert_eq!(items(&mut smtp::ServerCodec::new(&config), &octets, smtp_item).unwrap(), expected);
}

#[test]
fn an_smtp_client_that_is_cut_is_told_from_one_that_stops() {
    // Behind these octets it may stop: a line has ended, and no message or exchange is open.
    let mut config = server_config();
    config.max_line = 32;
    for end in 0..=SMTP.len() {
        let found = items(&mut smtp::ServerCodec::new(&config), &[&SMTP[..end]], smtp_item);
        let data = |said: &[u8]| said.windows(6).filter(|said| said == b"DATA\r\n").count();
        let ended = SMTP[..end].windows(5).filter(|said| *said == b"\r\n.\r\n").count();
        let exchange = SMTP[..end].ends_with(b"AUTH PLAIN\r\n") || SMTP[..end].ends_with(b"AUTH LOGIN\r\n");
        let clean = data(&SMTP[..end]) == ended && !exchange && (end == 0 || SMTP[..end].ends_with(b"\r\n"));
        match found {
            Ok(_) => assert!(clean, "{end}"),
            Err(Error::Cut) => assert!(!clean, "{end}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn what_was_looked_at_before_a_message_does_not_hide_the_end_of_a_line_behind_it() {
    let mut codec = smtp::ServerCodec::new(&server_config());
    let mut input = BytesMut::from(&b"DATA\r\nlong enough"[..]);
    codec.decode(&mut input).unwrap().unwrap();
    // Asked too early: what has come is looked at as a command.
    assert_eq!(codec.decode(&mut input).unwrap(), None);
    codec.expect(smtp::Phase::Data);
    assert!(matches!(codec.decode(&mut input).unwrap(), Some(smtp::FromClient::Payload(_))));
    input.extend_from_slice(b"\r\n.\r\nQUIT\r\n");
    while !matches!(codec.decode(&mut input).unwrap().unwrap(), smtp::FromClient::EndOfData) {}
    assert_eq!(codec.decode(&mut input).unwrap(), Some(smtp::FromClient::Command(Ok(Command::Quit))));
}

#[test]
fn payload_is_a_slice_of_the_input() {
    let mut codec = smtp::ServerCodec::new(&server_config());
    codec.expect(smtp::Phase::Data);
    let mut input = BytesMut::from(&b"a line\r\nand more"[..]);
    let at = input.as_ptr();
    let Some(smtp::FromClient::Payload(piece)) = codec.decode(&mut input).unwrap() else {
        panic!("no payload")
    };
    assert_eq!(piece.as_ptr(), at);
}

#[test]
fn replies_are_read_the_same_under_every_cut() {
    let said = b"220 mx\r\n250-mx\r\n250-SIZE 5\n250 PIPELINING\r\n354 go\r\n";
    let show = |_: &mut smtp::ClientCodec, reply: Reply| reply.to_string();
    for cut in 0..=said.len() {
        let mut codec = smtp::ClientCodec::new(&client_config());
        let found = items(&mut codec, &[&said[..cut], &said[cut..]], show).unwrap();
        assert_eq!(found, ["220 mx", "250 mx SIZE 5 PIPELINING", "354 go"]);
    }
    for (said, error) in [
        (&b"250-mx\r\n"[..], "the peer closed the connection in the middle of something"),
        (b"250 m", "the peer closed the connection in the middle of something"),
        (b"hello\0\r\n", "reply is no line: NUL at octet 5 of the line"),
    ] {
        let mut codec = smtp::ClientCodec::new(&client_config());
        assert_eq!(items(&mut codec, &[said], show).unwrap_err().to_string(), error);
    }
}

// covers rfc5321 4.1.1.4 no-command-in-message
#[test]
fn no_command_gets_into_a_message() {
    let mut codec = smtp::ClientCodec::new(&client_config());
    let mut output = BytesMut::new();
    codec.encode(smtp::ToServer::Payload(Bytes::from_static(b".\r\n")), &mut output).unwrap();
    let refused = codec.encode(smtp::ToServer::Command(Command::Quit), &mut output);
    assert!(matches!(refused, Err(Error::OpenPayload)));
    let refused = codec.encode(smtp::ToServer::Payload(Bytes::from_static(b"a\nb")), &mut output);
    assert!(matches!(refused, Err(Error::BareLineEnding(_))));
    codec.encode(smtp::ToServer::EndOfData, &mut output).unwrap();
    codec.encode(smtp::ToServer::Command(Command::Quit), &mut output).unwrap();
    assert_eq!(&output[..], b"..\r\n.\r\nQUIT\r\n");
}

// covers rfc5034 4 commands-behind-response
#[test]
fn a_pop3_client_is_understood_the_same_under_every_cut() {
    let said = b"USER a b\r\nRETR x\r\n\0\r\nAUTH PLAIN\r\nAGEAYg==\r\nQUIT\r\n";
    let show = |codec: &mut pop3::ServerCodec, item: pop3::FromClient| {
        if matches!(&item, pop3::FromClient::Command(Ok(pop3_proto::Command::Auth { .. }))) {
            codec.expect(pop3::Phase::SaslResponse);
        }
        match item {
            pop3::FromClient::Command(Err(_)) => String::from("bad"),
            other => short(&other),
        }
    };
    for cut in 0..=said.len() {
        let mut codec = pop3::ServerCodec::new(&pop3_proto::ServerConfig::default());
        let found = items(&mut codec, &[&said[..cut], &said[cut..]], show).unwrap();
        let expected =
            ["Command(Ok(User", "bad", "bad", "Command(Ok(Auth", "Response(Ok(Dat", "Command(Ok(Quit"];
        assert_eq!(found, expected);
    }
}

fn short(item: &impl Debug) -> String {
    format!("{item:?}").chars().take(15).collect()
}

// covers rfc1939 3 listing-ends
#[test]
fn a_pop3_listing_has_its_end() {
    let mut codec = pop3::ServerCodec::new(&pop3_proto::ServerConfig::default());
    let mut output = BytesMut::new();
    let message = MessageNumber::new(1).unwrap();
    codec.encode(pop3::ToClient::Scan(ScanListing { message, octets: 5 }), &mut output).unwrap();
    codec.encode(pop3::ToClient::End, &mut output).unwrap();
    let english = LanguageTag::new("en").unwrap();
    codec.encode(pop3::ToClient::Language(Language::new(english, None).unwrap()), &mut output).unwrap();
    codec.encode(pop3::ToClient::End, &mut output).unwrap();
    assert_eq!(&output[..], b"1 5\r\n.\r\nen\r\n.\r\n");
}

// covers rfc1939 3 no-status-in-lines
#[test]
fn no_status_line_gets_into_a_pop3_listing() {
    let mut codec = pop3::ServerCodec::new(&pop3_proto::ServerConfig::default());
    let mut output = BytesMut::new();
    let message = MessageNumber::new(1).unwrap();
    codec.encode(pop3::ToClient::Scan(ScanListing { message, octets: 5 }), &mut output).unwrap();
    let ok = || pop3::ToClient::Response(Response::Reply(pop3_proto::Reply::ok(ReplyText::from_static("2"))));
    assert!(matches!(codec.encode(ok(), &mut output), Err(Error::OpenPayload)));
    codec.encode(pop3::ToClient::End, &mut output).unwrap();
    codec.encode(ok(), &mut output).unwrap();
    assert_eq!(&output[..], b"1 5\r\n.\r\n+OK 2\r\n");
}

#[tokio::test]
async fn a_bad_line_does_not_end_a_framed_stream() {
    let (mut client, server) = duplex(64);
    let mut framed = Framed::new(server, smtp::ServerCodec::new(&server_config()));
    client.write_all(b"\xff\r\nQUIT\r\n").await.unwrap();
    assert!(matches!(framed.next().await.unwrap().unwrap(), smtp::FromClient::Command(Err(_))));
    framed.send(Reply::new(Code::UNRECOGNISED, Text::from_static("what?"))).await.unwrap();
    assert_eq!(framed.next().await.unwrap().unwrap(), smtp::FromClient::Command(Ok(Command::Quit)));
    let mut client = FramedRead::new(client, smtp::ClientCodec::new(&client_config()));
    assert_eq!(client.next().await.unwrap().unwrap().to_string(), "500 what?");
}
