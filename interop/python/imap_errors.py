"""Junk and mistakes: BAD and NO where they belong, and a session that goes on."""

from imap import Session, target

a = target()
MESSAGE = b"Subject: x\r\n\r\ntext\r\n"


def junk(octets, folder=None):
    """A line that no client should send: BAD, tagged or not, and the session stays in step.

    Each has a session of its own: a server may lose its patience with a client that says nothing else."""
    session = Session.logged_in(a, folder)
    session.send(octets)
    response = session.response()
    assert response[1] == "BAD", f"{octets!r} was answered {response}"
    session.command("NOOP").expect("OK")


junk(b"j1 FROBNICATE\r\n")
junk(b"j2 \r\n")
junk(b"j3\r\n")
junk(b"j4 SELECT\r\n")
junk(b"j5 SELECT (INBOX)\r\n")
junk(b"j6 FETCH\r\n")
junk(b'j7 LIST "" "*\r\n')
junk(b"j8 STATUS INBOX MESSAGES\r\n")
junk(b"j9 STATUS INBOX (NONSENSE)\r\n")
junk(b"* NOOP\r\n")
junk(b"\xff\xfe\xfd\r\n")

# Without a mailbox there are no messages.
session = Session.logged_in(a)
for line in (
    "FETCH 1 FLAGS",
    "STORE 1 FLAGS ()",
    "SEARCH ALL",
    "EXPUNGE",
    "CLOSE",
    "UNSELECT",
    "UID FETCH 1 UID",
):
    session.command(line).expect("BAD")

session = Session.logged_in(a)
# What is missing is told, and that it may be made.
session.command("SELECT Missing").expect("NO")
session.command("EXAMINE Missing/Below").expect("NO")
session.command("STATUS Missing (MESSAGES)").expect("NO")
session.command("APPEND Missing %", MESSAGE).expect("NO", "TRYCREATE")
session.send(b"l1 APPEND Missing {%d+}\r\n%s\r\n" % (len(MESSAGE), MESSAGE))
session.answer("l1").expect("NO", "TRYCREATE")
session.command("APPEND INBOX %", MESSAGE).expect("OK", "APPENDUID")
session.command("APPEND INBOX (\\Seen) %", MESSAGE).expect("OK", "APPENDUID")
session.command("SELECT INBOX").expect("OK")
session.command("COPY 1 Missing").expect("NO", "TRYCREATE")
session.command("UID COPY 1:* Missing").expect("NO", "TRYCREATE")
session.command("MOVE 1 Missing").expect("NO", "TRYCREATE")
session.command("UID MOVE 1:* Missing").expect("NO", "TRYCREATE")
assert session.command("SEARCH ALL").expect("OK").data("SEARCH") == [
    ["1", "2"]
], "MOVE to nowhere took messages"

session = Session.logged_in(a, "INBOX")
# Numbers beyond the mailbox are a mistake; UIDs that are not there are none.
for line in (
    "FETCH 3 FLAGS",
    "STORE 3 +FLAGS (\\Seen)",
    "COPY 3 Trash",
    "FETCH 0 FLAGS",
    "FETCH 1:x FLAGS",
    "FETCH 1 NONSENSE",
):
    answer = session.command(line)
    assert answer.status in ("BAD", "NO"), f"{line}: {answer}"
assert session.command("UID FETCH 9999 FLAGS").expect("OK").fetched() == {}
assert session.command("UID STORE 9999 +FLAGS (\\Seen)").expect("OK").fetched() == {}
session.command("UID COPY 9999 Trash").expect("OK")
session.command("UID MOVE 9999 Trash").expect("OK")
session.command("UID EXPUNGE 9999").expect("OK")
junk(b"j11 SEARCH NONSENSE\r\n", "INBOX")
junk(b"j12 SEARCH SINCE 31-Foo-2026\r\n", "INBOX")
junk(b"j13 FETCH 1 (FLAGS\r\n", "INBOX")
junk(b"j14 FETCH 1 BODY[1\r\n", "INBOX")
junk(b"j15 STORE 1 COLOURS ()\r\n", "INBOX")
session.command('SEARCH CHARSET X-UNKNOWN SUBJECT "x"').expect("NO", "BADCHARSET")

session = Session.logged_in(a)
# Read-only is read-only.
session.command("EXAMINE INBOX").expect("OK", "READ-ONLY")
for line in ("STORE 1 +FLAGS (\\Deleted)", "EXPUNGE", "UID EXPUNGE 1:*"):
    session.command(line)
session.command("FETCH 1:* BODY[]").expect("OK")
session.command("CLOSE").expect("OK")
session.command("SELECT INBOX").expect("OK", "READ-WRITE")
flags = [set(items["FLAGS"]) - {"\\Recent"} for items in session.fetch("1:*", "FLAGS").values()]
assert flags == [set(), {"\\Seen"}], f"EXAMINE changed something: {flags}"

# A mailbox that cannot be selected leaves none selected (RFC 3501 section 6.3.1).
session.command("SELECT Missing").expect("NO")
session.command("FETCH 1 FLAGS").expect("BAD")
session.command("LOGOUT").expect("OK")

# A length that no number holds is refused; to go on or to close is the server's choice.
session = Session.logged_in(a)
session.send(b"j16 APPEND INBOX {99999999999999999999}\r\n")
response = session.response()
assert response[1] in ("BAD", "NO", "BYE"), response
