"""imaplib logs in: not in clear, by STARTTLS, LOGIN and AUTHENTICATE; and what is offered when."""

import imaplib

from common import tls
from imap import PATIENCE, Session, ok, target

a = target()
CREDENTIALS = f"\0{a.user}\0{a.password}".encode()
WRONG = f"\0{a.user}\0{a.password}x".encode()


def fails(action, *rest):
    try:
        action(*rest)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        return str(error)
    raise AssertionError(f"{action.__name__} was not refused")


# In clear nobody logs in, in whatever way, and the session stays usable.
session = imaplib.IMAP4(a.host, int(a.imap), timeout=PATIENCE)
assert "IMAP4REV1" in session.capabilities, session.capabilities
assert "STARTTLS" in session.capabilities, "no STARTTLS"
assert "LOGINDISABLED" in session.capabilities, "LOGIN is offered without TLS"
assert "AUTH=PLAIN" not in session.capabilities, "AUTH=PLAIN is offered without TLS"
fails(session.login, a.user, a.password)
fails(session.authenticate, "PLAIN", lambda _: CREDENTIALS)
ok(session.noop())

session.starttls(tls(a.certificate))
ok(session.capability())
assert "STARTTLS" not in session.capabilities, "STARTTLS is offered under TLS"
assert "LOGINDISABLED" not in session.capabilities, "LOGINDISABLED under TLS"
assert "AUTH=PLAIN" in session.capabilities, session.capabilities
assert "SASL-IR" in session.capabilities, session.capabilities

# A wrong password, in each way, then the right one in the same session.
fails(session.login, a.user, a.password + "x")
fails(session.authenticate, "PLAIN", lambda _: WRONG)
fails(session.authenticate, "PLAIN", lambda _: None)
fails(session.authenticate, "X-UNKNOWN", lambda _: b"")
ok(session.authenticate("PLAIN", lambda _: CREDENTIALS))
offered = set(ok(session.capability())[-1].decode().upper().split())
wanted = "IMAP4REV1 IDLE UIDPLUS MOVE NAMESPACE ID UNSELECT SPECIAL-USE CHILDREN ENABLE"
assert set(wanted.split()) <= offered, f"not offered: {set(wanted.split()) - offered}"
assert offered & {"LITERAL+", "LITERAL-"}, offered
assert ok(session.namespace()) == [b'(("" "/")) NIL NIL'], session.namespace()
session.logout()

# LOGIN over TLS, with the name and the password as atom, quoted string and literal.
for line, literals in (
    (f'LOGIN {a.user} "{a.password}"', ()),
    ("LOGIN % %", (a.user.encode(), a.password.encode())),
    (f'LOGIN "{a.user}" %', (a.password.encode(),)),
    (f"login {a.user} {a.password}", ()),
):
    session = Session(a)
    session.command(line, *literals).expect("OK")
    session.command("STARTTLS").expect("BAD")
    session.command(f"LOGIN {a.user} {a.password}").expect("BAD")
    session.command("NOOP").expect("OK")

# ID before and after login; nothing of a mailbox before login.
session = Session(a)
assert session.command('ID ("name" "interop")').expect("OK").data("ID"), "no ID"
assert session.command("ID NIL").expect("OK").data("ID"), "no ID"
for line in ("SELECT INBOX", 'LIST "" *', "NAMESPACE", "FETCH 1 FLAGS", "IDLE", "CREATE x"):
    Session(a).command(line).expect("BAD")
session.command(f'LOGIN {a.user} "{a.password}x"').expect("NO", "AUTHENTICATIONFAILED")
session.command(f'LOGIN nobody@example.test "{a.password}"').expect("NO", "AUTHENTICATIONFAILED")
session.command(f'LOGIN {a.user} "{a.password}"').expect("OK")
session.command("ENABLE X-UNKNOWN").expect("OK")

# BYE stands before the tagged OK, and then the server closes.
answer = session.command("LOGOUT").expect("OK")
assert [response[1] for response in answer.untagged] == ["BYE"], answer
try:
    session.response()
    raise AssertionError("the connection stays open behind LOGOUT")
except EOFError:
    pass
