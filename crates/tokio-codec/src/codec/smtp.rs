//! SMTP, submission and LMTP.
use super::{BadLine, Error, Lines};
use bytes::{Bytes, BytesMut};
use mail_wire::{
    Frame, Output,
    dot::{BareLineEnding, DotDecoder, DotEncoder, Dotted},
    line::{Framed, LineEnding, LineFramer},
    sasl::{self, NotBase64},
};
use smtp_proto::{
    ClientConfig, Command, CommandError, Deviations, Leniency, Reply, ReplyReader, ServerConfig,
    dot::{Bare, Outgoing},
};
use tokio_util::codec::{Decoder, Encoder};

/// What the client says next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Phase {
    /// A command.
    #[default]
    Command,
    /// A message: 354 was said.
    Data,
    /// One line of a SASL exchange: 334 was said.
    SaslResponse,
}

/// What a client says.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum FromClient {
    /// A command, or a line that is none.
    Command(Result<Command, BadLine<CommandError>>),
    /// A line of a SASL exchange.
    Response(Result<sasl::Response, BadLine<NotBase64>>),
    /// A piece of the message: a slice of the input, un-stuffed.
    Payload(Bytes),
    /// The message holds a bare CR or LF: no more of it comes but its end.
    Refused(BareLineEnding),
    /// The message has ended.
    EndOfData,
}

/// The server's end: takes what a client says, writes replies.
///
/// ```
/// use tokio_codec::codec::smtp::{FromClient, Phase, ServerCodec};
/// use tokio_util::{bytes::{Bytes, BytesMut}, codec::{Decoder, Encoder}};
/// use smtp_proto::{Code, Command, Reply, ServerConfig, Text};
///
/// let mut codec = ServerCodec::new(&ServerConfig::new(Text::from_static("mx.example.net")));
/// let mut input = BytesMut::from(&b"DATA\r\n..dot\r\n.\r\nQUIT\r\n"[..]);
/// assert_eq!(codec.decode(&mut input)?, Some(FromClient::Command(Ok(Command::Data))));
///
/// let mut output = BytesMut::new();
/// codec.encode(Reply::new(Code::START_MAIL, Text::from_static("go ahead")), &mut output)?;
/// codec.expect(Phase::Data);
/// assert_eq!(&output[..], b"354 go ahead\r\n");
///
/// assert_eq!(codec.decode(&mut input)?, Some(FromClient::Payload(Bytes::from_static(b".dot\r\n"))));
/// assert_eq!(codec.decode(&mut input)?, Some(FromClient::EndOfData));
/// assert_eq!(codec.decode(&mut input)?, Some(FromClient::Command(Ok(Command::Quit))));
/// # Ok::<(), tokio_codec::codec::Error>(())
/// ```
#[derive(Debug)]
pub struct ServerCodec {
    phase: Phase,
    lines: Lines,
    dots: DotDecoder,
    bare: Bare,
    leniency: Leniency,
    deviations: Deviations,
}

impl ServerCodec {
    /// With the limits, the policy on bare CR and LF, and the leniency of `config`. A command comes first.
    pub fn new(config: &ServerConfig) -> Self {
        Self {
            phase: Phase::Command,
            lines: Lines::new(config.max_line, config.max_auth_line),
            dots: DotDecoder::new(config.bare),
            bare: config.bare,
            leniency: config.leniency,
            deviations: Deviations::new(),
        }
    }

    /// Says what comes next. To be told before the next item is taken; behind the end of a message, and behind one
    /// SASL response, commands come again.
    pub fn expect(&mut self, phase: Phase) {
        self.phase = phase;
        self.dots = DotDecoder::new(self.bare);
    }

    /// What was tolerated in the last command.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    fn parse(&mut self, line: impl Frame) -> Result<Command, BadLine<CommandError>> {
        self.deviations = Deviations::new();
        Command::parse(line, self.leniency, &mut self.deviations).map_err(BadLine::Syntax)
    }
}

impl Decoder for ServerCodec {
    type Item = FromClient;
    type Error = Error;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<FromClient>, Error> {
        let item = match self.phase {
            Phase::Command => FromClient::Command(match self.lines.command(input) {
                Framed::NeedInput => return Ok(None),
                Framed::Broken(broken) => Err(BadLine::Broken(broken)),
                Framed::Line(line) => self.parse(line),
            }),
            Phase::SaslResponse => FromClient::Response(match self.lines.response(input) {
                Framed::NeedInput => return Ok(None),
                Framed::Broken(broken) => Err(BadLine::Broken(broken)),
                Framed::Line(line) => sasl::Response::parse(&line).map_err(BadLine::Syntax),
            }),
            Phase::Data => match self.dots.next(input) {
                Dotted::NeedInput => return Ok(None),
                Dotted::Payload(piece) => FromClient::Payload(piece),
                Dotted::Refused(bare) => FromClient::Refused(bare),
                Dotted::End => FromClient::EndOfData,
            },
        };
        match item {
            FromClient::EndOfData => {
                // rule rfc5321 4.1.1.4 commands-behind-message: behind the end of a message commands are read again
                self.phase = Phase::Command;
                self.lines.resume();
            }
            // rule rfc4954 4 commands-behind-response: behind a response commands are read again
            FromClient::Response(_) => self.phase = Phase::Command,
            _ => {}
        }
        Ok(Some(item))
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<FromClient>, Error> {
        match self.decode(input)? {
            None if self.phase != Phase::Command || self.lines.is_inside(input) => Err(Error::Cut),
            item => Ok(item),
        }
    }
}

impl Encoder<Reply> for ServerCodec {
    type Error = Error;

    fn encode(&mut self, reply: Reply, output: &mut BytesMut) -> Result<(), Error> {
        reply.encode(output);
        Ok(())
    }
}

/// What a client has to say.
#[derive(Debug)]
#[non_exhaustive]
pub enum ToServer {
    /// A command.
    Command(Command),
    /// A line of a SASL exchange.
    Response(sasl::Response),
    /// A piece of the message: it is dot-stuffed.
    Payload(Bytes),
    /// The message ends here.
    EndOfData,
}

/// The client's end: takes replies, writes what a client has to say.
///
/// ```
/// use tokio_codec::codec::smtp::{ClientCodec, ToServer};
/// use tokio_util::{bytes::{Bytes, BytesMut}, codec::{Decoder, Encoder}};
/// use smtp_proto::{ClientConfig, Code, Command};
///
/// let mut codec = ClientCodec::new(&ClientConfig::default());
/// let mut output = BytesMut::new();
/// codec.encode(ToServer::Command(Command::Data), &mut output)?;
/// codec.encode(ToServer::Payload(Bytes::from_static(b".dot")), &mut output)?;
/// codec.encode(ToServer::EndOfData, &mut output)?;
/// assert_eq!(&output[..], b"DATA\r\n..dot\r\n.\r\n");
///
/// let mut input = BytesMut::from(&b"250-two\r\n250 lines\r\n4"[..]);
/// let reply = codec.decode(&mut input)?.ok_or("not whole")?;
/// assert_eq!((reply.code(), reply.lines().count()), (Code::OK, 2));
/// assert_eq!(codec.decode(&mut input)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ClientCodec {
    lines: LineFramer,
    replies: ReplyReader,
    leniency: Leniency,
    deviations: Deviations,
    bare: Outgoing,
    /// The message that is being written.
    payload: Option<DotEncoder>,
}

impl ClientCodec {
    /// With the limits, the policy on bare CR and LF, and the leniency of `config`.
    pub fn new(config: &ClientConfig) -> Self {
        Self {
            lines: LineFramer::new(config.max_line, LineEnding::CrlfOrLf),
            replies: ReplyReader::new(config.max_reply),
            leniency: config.leniency,
            deviations: Deviations::new(),
            bare: config.bare,
            payload: None,
        }
    }

    /// What was tolerated in replies so far.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }
}

impl Decoder for ClientCodec {
    type Item = Reply;
    type Error = Error;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Reply>, Error> {
        loop {
            let line = match self.lines.next(input) {
                Framed::NeedInput => return Ok(None),
                Framed::Broken(broken) => return Err(Error::BrokenReply(broken)),
                Framed::Line(line) => line,
            };
            if let Some(reply) = self.replies.push(line, self.leniency, &mut self.deviations)? {
                return Ok(Some(reply));
            }
        }
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<Reply>, Error> {
        match self.decode(input)? {
            None if self.lines.is_inside(input) || self.replies.is_inside() => Err(Error::Cut),
            reply => Ok(reply),
        }
    }
}

impl Encoder<ToServer> for ClientCodec {
    type Error = Error;

    fn encode(&mut self, said: ToServer, output: &mut BytesMut) -> Result<(), Error> {
        let new = || DotEncoder::new(self.bare);
        match (said, &mut self.payload) {
            // rule rfc5321 4.1.1.4 no-command-in-message: no command gets into a message [instead: {}]
            (ToServer::Command(_) | ToServer::Response(_), Some(_)) => return Err(Error::OpenPayload),
            (ToServer::Command(command), None) => command.encode(output),
            (ToServer::Response(response), None) => {
                response.encode(output);
                output.text(b"\r\n");
            }
            (ToServer::Payload(piece), payload) => payload.get_or_insert_with(new).write(piece, output)?,
            (ToServer::EndOfData, payload) => {
                payload.get_or_insert_with(new).finish(output)?;
                *payload = None;
            }
        }
        Ok(())
    }
}
