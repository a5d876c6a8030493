"""What the IMAP scripts share: where the server is, sessions that show every response, deliveries."""

import imaplib
import re
import smtplib
import socket

from common import arguments, tls

PATIENCE = 20


def target(*more):
    """The arguments that every IMAP script is given, and its own."""
    names = ("host", "imap", "imaps", "pop3s", "delivery", "user", "password", "certificate")
    return arguments(*names, *more)


def login(a):
    """An imaplib session over TLS."""
    session = imaplib.IMAP4_SSL(a.host, int(a.imaps), ssl_context=tls(a.certificate), timeout=PATIENCE)
    session.login(a.user, a.password)
    return session


def ok(answer):
    """The data of an imaplib answer, which must be OK."""
    status, data = answer
    assert status == "OK", answer
    return data


def refused(answer, status="NO", code=None):
    """Fails unless an imaplib answer, or the error that stands for it, refuses with this response code."""
    assert answer[0] == status, answer
    text = answer[1][0].decode()
    assert code is None or text.startswith(f"[{code}"), f"[{code}] was expected: {text}"


def fetched(data):
    """imaplib's data of a FETCH: message number -> item -> value. Items that are told twice are joined."""
    chunks = []
    for item in data:
        if isinstance(item, tuple):
            chunks += [LITERAL.sub(b"", item[0]), Literal(item[1])]
        elif item is not None:
            chunks.append(item)
    messages = {}
    values = parse(chunks)
    for number, items in zip(values[::2], values[1::2]):
        messages.setdefault(int(number), {}).update(pairs(items))
    return messages


def deliver(a, *messages):
    """Sends each message to the account, in one session of SMTP or LMTP."""
    protocol, port = a.delivery.split(":")
    kind = {"smtp": smtplib.SMTP, "lmtp": smtplib.LMTP}[protocol]
    with kind(a.host, int(port), local_hostname="client.example.test", timeout=PATIENCE) as session:
        for message in messages:
            problems = session.sendmail("sender@elsewhere.test", [a.user], message)
            assert problems == {}, problems


# Values: an atom is a str, a quoted string or a literal is bytes, NIL is None, a list is a list.
LITERAL = re.compile(rb"\{(\d+)\}(?:\r\n)?$")
TOKEN = re.compile(
    rb'[ \r\n]*(?:([()])|"((?:[^"\\]|\\.)*)"|([^ ()"\[\r\n]*\[[^\]]*\][^ ()\r\n]*|[^ ()"\r\n]+))'
)


class Literal(bytes):
    """Octets that stand for themselves."""


def parse(chunks):
    """Parses a line, in pieces: its texts, and its literals."""
    stack = [[]]
    for chunk in chunks:
        if isinstance(chunk, Literal):
            stack[-1].append(bytes(chunk))
            continue
        at = 0
        while chunk[at:].strip():
            found = TOKEN.match(chunk, at)
            assert found, f"not a list of values: {chunk[at:]!r}"
            at = found.end()
            bracket, quoted, atom = found.groups()
            if bracket == b"(":
                stack.append([])
            elif bracket == b")":
                values = stack.pop()
                stack[-1].append(values)
            elif quoted is not None:
                stack[-1].append(re.sub(rb"\\(.)", rb"\1", quoted))
            else:
                stack[-1].append(None if atom.upper() == b"NIL" else atom.decode())
    assert len(stack) == 1, f"an open list: {chunks!r}"
    return stack[0]


def pairs(items):
    """The list `name value name value` as a dictionary."""
    return {name.upper(): value for name, value in zip(items[::2], items[1::2])}


class Answer:
    """The responses to one command, in their order, the tagged one apart."""

    def __init__(self, status, text, untagged):
        self.status, self.text, self.untagged = status, text, untagged

    def __repr__(self):
        return f"{self.status} {self.text} {self.untagged}"

    def expect(self, status, code=None):
        assert self.status == status, f"{status} was expected: {self}"
        assert code is None or self.text.startswith(f"[{code}"), f"[{code}] was expected: {self}"
        return self

    def data(self, name):
        """The untagged data of one name: `* NAME value ..`."""
        return [response[2:] for response in self.untagged if response[1] == name]

    def numbered(self, name):
        """The numbers of `* number NAME`."""
        return [int(response[1]) for response in self.untagged if response[2:3] == [name]]

    def fetched(self):
        """Message number -> item -> value."""
        messages = {}
        for response in self.untagged:
            if response[2:3] == ["FETCH"]:
                messages.setdefault(int(response[1]), {}).update(pairs(response[3]))
        return messages


class Session:
    """A session of a client that shows each response, as it came and in its order."""

    def __init__(self, a, clear=False):
        self.socket = socket.create_connection((a.host, int(a.imap if clear else a.imaps)), timeout=PATIENCE)
        if not clear:
            self.socket = tls(a.certificate).wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = b""
        self.count = 0
        self.greeting = self.response()
        assert self.greeting[1] == "OK", self.greeting

    @classmethod
    def logged_in(cls, a, folder=None, clear=False):
        session = cls(a, clear)
        session.command(f'LOGIN {a.user} "{a.password}"').expect("OK")
        if folder:
            session.command(f"SELECT {folder}").expect("OK")
        return session

    def send(self, octets):
        self.socket.sendall(octets)

    def tag(self):
        self.count += 1
        return f"t{self.count}"

    def command(self, line, *literals):
        """Sends a command and reads until it is answered. `%` is a literal, sent when it is asked for."""
        tag = self.tag()
        untagged = []
        texts = f"{tag} {line}".split("%") if literals else [f"{tag} {line}"]
        for text, literal in zip(texts, literals):
            self.send(text.encode() + b"{%d}\r\n" % len(literal))
            answer = self.until("+", tag, untagged)
            if answer[0] == tag:
                return Answer(answer[1], answer[2], untagged)
            self.send(literal)
        self.send(texts[-1].encode() + b"\r\n")
        return self.answer(tag, untagged)

    def answer(self, tag, untagged=None):
        untagged = [] if untagged is None else untagged
        _, status, text = self.until(tag, tag, untagged)
        return Answer(status, text, untagged)

    def until(self, wanted, tag, untagged):
        """Reads responses until one begins with `wanted` or `tag`."""
        while True:
            response = self.response()
            if response[0] in (wanted, tag):
                return response
            untagged.append(response)

    def response(self, timeout=PATIENCE):
        """The next response: `[tag, status, text]` of a status or `+`, a list of values of all else."""
        self.socket.settimeout(timeout)
        chunks = [self.line()]
        first, _, rest = chunks[0].partition(b" ")
        word, _, text = rest.partition(b" ")
        if first == b"+":
            return ["+", "", rest.decode(errors="replace")]
        if word.upper() in (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"):
            return [first.decode(), word.decode().upper(), text.decode(errors="replace")]
        while found := LITERAL.search(chunks[-1]):
            chunks[-1] = chunks[-1][: found.start()]
            chunks += [Literal(self.octets(int(found[1]))), self.line()]
        return parse(chunks)

    def line(self):
        while b"\r\n" not in self.buffer:
            self.more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def octets(self, count):
        if len(self.buffer) < count:
            parts, held = [self.buffer], len(self.buffer)
            while held < count:
                parts.append(self.socket.recv(1 << 16))
                assert parts[-1], "the server closed within a literal"
                held += len(parts[-1])
            self.buffer = b"".join(parts)
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def more(self):
        octets = self.socket.recv(1 << 16)
        if not octets:
            raise EOFError("the server closed the connection")
        self.buffer += octets

    def fetch(self, numbers, items):
        return self.command(f"FETCH {numbers} {items}").expect("OK").fetched()

    def contents(self, folder):
        """Message-ID -> UID, flags but \\Recent, and octets, of a whole folder."""
        examined = self.command(f"EXAMINE {folder}").expect("OK")
        found = {}
        if examined.numbered("EXISTS")[-1]:
            for items in self.fetch("1:*", "(UID FLAGS BODY.PEEK[])").values():
                name = field(items["BODY[]"], "Message-ID")
                assert name not in found, f"{name} is twice in {folder}"
                flags = frozenset(items["FLAGS"]) - {"\\Recent"}
                found[name] = int(items["UID"]), flags, items["BODY[]"]
        return found


def field(message, name):
    """The value of a header field that stands on one line."""
    found = re.search(rb"(?im)^%s:[ \t]*(.*?)\r?$" % name.encode(), message)
    return found[1].decode(errors="replace") if found else None
