"""IDLE: a session that waits is told at once of mail that comes, flags that change, and what is expunged."""

import time

from imap import Session, deliver, target

a = target()
SOON = 2
idler = Session.logged_in(a, "INBOX")
other = Session.logged_in(a, "INBOX")


def idle():
    """Begins to wait. Returns the tag of the command."""
    tag = idler.tag()
    idler.send(f"{tag} IDLE\r\n".encode())
    untagged = []
    assert idler.until("+", tag, untagged)[0] == "+", "IDLE was refused"
    return tag


def done(tag):
    idler.send(b"DONE\r\n")
    return idler.answer(tag).expect("OK")


def told(wanted):
    """Waits until a response is what is wanted, and returns how long that took."""
    started = time.monotonic()
    seen = []
    while True:
        left = SOON - (time.monotonic() - started)
        try:
            assert left > 0, f"not within {SOON} s: {seen}"
            seen.append(idler.response(left))
        except TimeoutError:
            raise AssertionError(f"not within {SOON} s: {seen}") from None
        if wanted(seen[-1]):
            return time.monotonic() - started


tag = idle()
for number in (1, 2, 3):
    deliver(a, b"Subject: %d\r\n\r\ntext\r\n" % number)
    told(lambda response: response[1:3] == [str(number), "EXISTS"])
# A waiting session holds no lock: the other one reads and writes.
other.command("NOOP").expect("OK")
other.command("STORE 2 +FLAGS (\\Flagged $Told)").expect("OK")
told(
    lambda response: response[1:3] == ["2", "FETCH"]
    and {"\\Flagged", "$Told"} <= set(response[3][response[3].index("FLAGS") + 1])
)
other.command("STORE 1 +FLAGS.SILENT (\\Deleted)").expect("OK")
other.command("EXPUNGE").expect("OK")
told(lambda response: response[1:3] == ["1", "EXPUNGE"])
other.command("MOVE 1 Archive").expect("OK")
told(lambda response: response[1:3] == ["1", "EXPUNGE"])
done(tag)
assert set(idler.fetch("1:*", "UID")) == {1}

# DONE without news, and a second IDLE in the session.
tag = idle()
done(tag)
tag = idle()
other.command("APPEND INBOX (\\Seen) %", b"Subject: appended\r\n\r\n").expect("OK")
told(lambda response: response[1:3] == ["2", "EXISTS"])
done(tag)
assert "\\Seen" in idler.fetch("2", "FLAGS")[2]["FLAGS"]

# Without a mailbox there is nothing to wait for, but IDLE is allowed; DONE in one packet with it too.
idler.command("UNSELECT").expect("OK")
tag = idler.tag()
idler.send(f"{tag} IDLE\r\nDONE\r\n".encode())
untagged = []
assert idler.until("+", tag, untagged)[0] == "+"
idler.answer(tag).expect("OK")

# What is not DONE ends IDLE with BAD.
tag = idle()
idler.send(b"x1 NOOP\r\n")
assert idler.answer(tag).status == "BAD"
