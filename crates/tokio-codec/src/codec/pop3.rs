//! POP3.
use super::{BadLine, Error, Lines};
use bytes::{Bytes, BytesMut};
use mail_wire::{
    ParseError,
    dot::{DotEncoder, Outgoing},
    line::Framed,
    sasl::{self, NotBase64},
};
use pop3_proto::{
    Capability, Command, Deviation, Language, Leniency, Response, ScanListing, ServerConfig, UniqueIdListing,
};
use tokio_util::codec::{Decoder, Encoder};

/// What the client says next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Phase {
    /// A command.
    #[default]
    Command,
    /// One line of a SASL exchange: a challenge was said.
    SaslResponse,
}

/// What a client says.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum FromClient {
    /// A command, or a line that is none.
    Command(Result<Command, BadLine<ParseError>>),
    /// A line of a SASL exchange.
    Response(Result<sasl::Response, BadLine<NotBase64>>),
}

/// What a server has to say. Behind the status line of a multi-line reply stand its lines, and then the end.
#[derive(Debug)]
#[non_exhaustive]
pub enum ToClient {
    /// A status line, or a challenge.
    Response(Response),
    /// A piece of a message: it is dot-stuffed.
    Payload(Bytes),
    /// A line of the reply to LIST.
    Scan(ScanListing),
    /// A line of the reply to UIDL.
    UniqueId(UniqueIdListing),
    /// A line of the reply to CAPA.
    Capability(Capability),
    /// A line of the reply to LANG.
    Language(Language),
    /// The multi-line reply ends here.
    End,
}

/// The server's end: takes commands, writes replies.
///
/// ```
/// use tokio_codec::codec::pop3::{FromClient, ServerCodec, ToClient};
/// use tokio_util::{bytes::{Bytes, BytesMut}, codec::{Decoder, Encoder}};
/// use pop3_proto::{Command, MessageNumber, Reply, ReplyText, Response, ServerConfig};
///
/// let mut codec = ServerCodec::new(&ServerConfig::default());
/// let mut input = BytesMut::from(&b"RETR 1\r\n"[..]);
/// let one = MessageNumber::new(1).ok_or("no such number")?;
/// assert_eq!(codec.decode(&mut input)?, Some(FromClient::Command(Ok(Command::Retr(one)))));
///
/// let mut output = BytesMut::new();
/// let ok = Reply::ok(ReplyText::from_static("here it is"));
/// codec.encode(ToClient::Response(Response::Reply(ok)), &mut output)?;
/// codec.encode(ToClient::Payload(Bytes::from_static(b"Subject: dots\n\n...\n")), &mut output)?;
/// codec.encode(ToClient::End, &mut output)?;
/// assert_eq!(&output[..], b"+OK here it is\r\nSubject: dots\r\n\r\n....\r\n.\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ServerCodec {
    phase: Phase,
    lines: Lines,
    leniency: Leniency,
    deviation: Option<Deviation>,
    bare: Outgoing,
    /// The multi-line reply that is being written.
    payload: Option<DotEncoder>,
}

impl ServerCodec {
    /// With the limits, the policy on bare CR and LF, and the leniency of `config`. A command comes first.
    pub fn new(config: &ServerConfig) -> Self {
        Self {
            phase: Phase::Command,
            lines: Lines::new(config.max_line, config.max_auth_line),
            leniency: config.leniency,
            deviation: None,
            bare: config.bare,
            payload: None,
        }
    }

    /// Says what comes next. To be told before the next item is taken; behind one SASL response commands come
    /// again.
    pub fn expect(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// What was tolerated in the last command.
    pub fn deviation(&self) -> Option<Deviation> {
        self.deviation
    }
}

impl Decoder for ServerCodec {
    type Item = FromClient;
    type Error = Error;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<FromClient>, Error> {
        Ok(Some(match self.phase {
            Phase::Command => FromClient::Command(match self.lines.command(input) {
                Framed::NeedInput => return Ok(None),
                Framed::Broken(broken) => Err(BadLine::Broken(broken)),
                Framed::Line(line) => Command::parse_lenient(&line.into_bytes(), self.leniency)
                    .map(|(command, deviation)| {
                        self.deviation = deviation;
                        command
                    })
                    .map_err(BadLine::Syntax),
            }),
            Phase::SaslResponse => {
                let response = match self.lines.response(input) {
                    Framed::NeedInput => return Ok(None),
                    Framed::Broken(broken) => Err(BadLine::Broken(broken)),
                    Framed::Line(line) => sasl::Response::parse(&line).map_err(BadLine::Syntax),
                };
                // rule rfc5034 4 commands-behind-response: behind a response commands are read again
                self.phase = Phase::Command;
                FromClient::Response(response)
            }
        }))
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<FromClient>, Error> {
        match self.decode(input)? {
            None if self.phase != Phase::Command || self.lines.is_inside(input) => Err(Error::Cut),
            item => Ok(item),
        }
    }
}

impl Encoder<ToClient> for ServerCodec {
    type Error = Error;

    fn encode(&mut self, said: ToClient, output: &mut BytesMut) -> Result<(), Error> {
        let mut line = BytesMut::new();
        let piece = match said {
            // rule rfc1939 3 no-status-in-lines: no status line gets into the lines of a multi-line reply
            ToClient::Response(_) if self.payload.is_some() => return Err(Error::OpenPayload),
            ToClient::Response(response) => {
                response.encode(output);
                return Ok(());
            }
            ToClient::Payload(piece) => piece,
            ToClient::Scan(listing) => {
                listing.encode(&mut line);
                line.freeze()
            }
            ToClient::UniqueId(listing) => {
                listing.encode(&mut line);
                line.freeze()
            }
            ToClient::Capability(capability) => {
                capability.encode(&mut line);
                line.freeze()
            }
            ToClient::Language(language) => {
                language.encode(&mut line);
                line.freeze()
            }
            ToClient::End => {
                // rule rfc1939 3 listing-ends: the lines of a multi-line reply end with a lone dot
                self.open().finish(output)?;
                self.payload = None;
                return Ok(());
            }
        };
        Ok(self.open().write(piece, output)?)
    }
}

impl ServerCodec {
    fn open(&mut self) -> &mut DotEncoder {
        self.payload.get_or_insert_with(|| DotEncoder::new(self.bare))
    }
}
