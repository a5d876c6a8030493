"""poplib: every command, the lock of a maildrop, and that nothing but QUIT deletes."""

import os
import poplib

from common import arguments, read, tls

a = arguments("host", "pop3", "pop3s", "certificate", "user", "password", "messages")
sent = [read(os.path.join(a.messages, name)) for name in sorted(os.listdir(a.messages))]
# The longest line of the samples has 998 octets, with poplib's stuffing and CRLF a little more.
poplib._MAXLINE = 4096


def stls():
    session = poplib.POP3(a.host, int(a.pop3), timeout=20)
    assert "STLS" in session.capa(), "no STLS"
    session.stls(context=tls(a.certificate))
    assert "STLS" not in session.capa(), "STLS is offered under TLS"
    return session


def pop3s():
    return poplib.POP3_SSL(a.host, int(a.pop3s), timeout=20, context=tls(a.certificate))


def login(connect=pop3s):
    session = connect()
    session.user(a.user)
    session.pass_(a.password)
    return session


def refuses(action, *rest):
    try:
        action(*rest)
    except poplib.error_proto as error:
        assert error.args[0].startswith(b"-ERR"), error
        return error.args[0]
    raise AssertionError(f"{action.__name__} {rest} was not refused")


def octets(lines):
    return b"".join(line + b"\r\n" for line in lines)


# Without TLS nobody logs in, in whatever way.
clear = poplib.POP3(a.host, int(a.pop3), timeout=20)
assert "USER" not in clear.capa() and "SASL" not in clear.capa(), clear.capa()
try:
    clear.user(a.user)
    clear.pass_(a.password)
    raise AssertionError("a login without TLS was taken")
except poplib.error_proto:
    pass
clear.close()

# A wrong password, then the right one in the same session.
session = stls()
session.user(a.user)
refuses(session.pass_, a.password + "x")
session.user(a.user)
session.pass_(a.password)
for capability in ("UIDL", "TOP", "PIPELINING"):
    assert capability in session.capa(), f"no {capability}"

count, size = session.stat()
assert count == len(sent), f"STAT: {count} messages and not {len(sent)}"
listing = [tuple(map(int, line.split())) for line in session.list()[1]]
assert [number for number, _ in listing] == list(range(1, count + 1)), listing
assert sum(length for _, length in listing) == size, (listing, size)
identifiers = [line.split()[1] for line in session.uidl()[1]]
assert len(set(identifiers)) == count, identifiers
assert session.list(2).split()[1:] == [b"2", str(listing[1][1]).encode()], session.list(2)
assert session.uidl(2).split()[1:] == [b"2", identifiers[1]], session.uidl(2)
session.noop()

for number, message in enumerate(sent, 1):
    stored = octets(session.retr(number)[1])
    assert stored.endswith(message), f"message {number} was changed"
    assert stored.startswith(b"Return-Path: <"), stored[:80]
    assert len(stored) == listing[number - 1][1], f"LIST says {listing[number - 1]}, RETR {len(stored)}"
    head, _, body = stored.partition(b"\r\n\r\n")
    head += b"\r\n\r\n"
    assert octets(session.top(number, 0)[1]) == head, f"TOP {number} 0"
    expected = head + b"".join(body.splitlines(keepends=True)[:3]) if b"\r" in body else head
    assert octets(session.top(number, 3)[1]) == expected, f"TOP {number} 3"
    assert octets(session.top(number, 100000)[1]) == stored, f"TOP {number} 100000"

for action, rest in (
    (session.retr, (count + 1,)),
    (session.retr, (0,)),
    (session.dele, (count + 1,)),
    (session.top, (count + 1, 1)),
    (session.list, (count + 1,)),
    (session.uidl, (count + 1,)),
):
    refuses(action, *rest)

# DELE hides a message, RSET brings it back.
session.dele(1)
refuses(session.retr, 1)
refuses(session.dele, 1)
refuses(session.list, 1)
assert session.stat()[0] == count - 1
assert [line.split()[0] for line in session.list()[1]][0] == b"2"
session.rset()
assert session.stat() == (count, size)

# The maildrop is locked for others until this session ends.
other = pop3s()
other.user(a.user)
error = refuses(other.pass_, a.password)
assert b"[IN-USE]" in error, error
session.quit()
other.close()

# A connection that is dropped deletes nothing.
session = login(stls)
session.dele(1)
session.dele(2)
session.close()
for attempt in range(100):
    try:
        session = login()
        break
    except poplib.error_proto:
        assert attempt < 99, "the lock of a dropped session stays"
assert session.stat() == (count, size), session.stat()

# QUIT deletes what was marked; the others keep their identifiers.
session.dele(1)
session.dele(3)
session.quit()
session = login()
assert session.stat()[0] == count - 2
left = [line.split()[1] for line in session.uidl()[1]]
assert left == [identifiers[1]] + identifiers[3:], (left, identifiers)
session.quit()
