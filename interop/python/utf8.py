"""poplib at POP3S: a message of UTF-8 goes to who has said UTF8, names and passwords of UTF-8, languages."""

import poplib

from common import arguments, read, tls

a = arguments("host", "port", "certificate", "user", "password", "message")
sent = read(a.message)


def connect():
    return poplib.POP3_SSL(a.host, int(a.port), timeout=20, context=tls(a.certificate))


def login(session):
    session.user(a.user)
    session.pass_(a.password)
    return session


def refuses(action, *rest):
    try:
        action(*rest)
    except poplib.error_proto as error:
        return error.args[0]
    raise AssertionError(f"{action.__name__} {rest} was not refused")


session = connect()
offered = session.capa()
assert offered["UTF8"] == ["USER"] and "LANG" in offered, offered
assert session._longcmd("LANG")[1] == [b"en English"], "LANG"
assert session._shortcmd("LANG *").startswith(b"+OK en "), "LANG *"
assert refuses(session._shortcmd, "LANG tlh").startswith(b"-ERR"), "LANG tlh"

# Who has not said it is told to, and is told so again when it is too late.
login(session)
for action, rest in ((session.retr, (1,)), (session.top, (1, 0))):
    error = refuses(action, *rest)
    assert error.startswith(b"-ERR [UTF8] "), error
refuses(session.utf8)
assert session.stat()[0] == 1
session.quit()

session = connect()
session.utf8()
login(session)
for lines in (session.retr(1)[1], session.top(1, 1000)[1]):
    stored = b"".join(line + b"\r\n" for line in lines)
    assert stored.endswith(sent) and stored.startswith(b"Return-Path: <"), stored
session.quit()
