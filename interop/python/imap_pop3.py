"""One mailbox by two protocols: what POP3 deletes, IMAP sees go, and the other way round."""

import poplib

from common import tls
from imap import Session, deliver, target

a = target()
poplib._MAXLINE = 4096
MESSAGES = [
    b"Subject: %d\r\n\r\n.dots\r\n.\r\nGr\xc3\xbc\xc3\x9fe %d\r\n" % (number, number)
    for number in range(1, 6)
]


def pop3():
    session = poplib.POP3_SSL(a.host, int(a.pop3s), timeout=20, context=tls(a.certificate))
    session.user(a.user)
    session.pass_(a.password)
    return session


def read(session):
    count, _ = session.stat()
    lines = [session.retr(number)[1] for number in range(1, count + 1)]
    return [b"".join(line + b"\r\n" for line in message) for message in lines]


def bodies(session):
    return [items["BODY[]"] for _, items in sorted(session.fetch("1:*", "BODY.PEEK[]").items())]


imap = Session.logged_in(a, "INBOX")
deliver(a, *MESSAGES)
assert imap.command("NOOP").numbered("EXISTS") == [5]
maildrop = pop3()
stored = read(maildrop)
assert stored == bodies(imap), "POP3 and IMAP read different octets"
assert all(copy.endswith(message) for copy, message in zip(stored, MESSAGES)), stored
# Reading by POP3 is not reading by IMAP.
sizes = imap.fetch("1:*", "RFC822.SIZE")
listing = [line.split() for line in maildrop.list()[1]]
assert [int(size) for _, size in listing] == [int(sizes[number]["RFC822.SIZE"]) for number in range(1, 6)]

# POP3 deletes with QUIT, not before; the IMAP session is told with its next NOOP.
maildrop.dele(2)
maildrop.dele(4)
assert imap.command("NOOP").numbered("EXPUNGE") == []
maildrop.quit()
told = imap.command("NOOP").expect("OK").numbered("EXPUNGE")
assert sorted(told) in ([2, 3], [2, 4]) and len(bodies(imap)) == 3, told
assert bodies(imap) == [stored[0], stored[2], stored[4]]

# What IMAP expunges is gone from the next POP3 session.
imap.command("STORE 1 +FLAGS.SILENT (\\Deleted)").expect("OK")
imap.command("EXPUNGE").expect("OK")
maildrop = pop3()
assert read(maildrop) == [stored[2], stored[4]]

# What IMAP expunges while a POP3 session is open does not change the numbers of that session.
imap.command("STORE 1 +FLAGS.SILENT (\\Deleted)").expect("OK")
imap.command("EXPUNGE").expect("OK")
assert maildrop.stat()[0] == 2
assert b"".join(line + b"\r\n" for line in maildrop.retr(2)[1]) == stored[4]
maildrop.quit()
maildrop = pop3()
assert read(maildrop) == [stored[4]]
maildrop.quit()

# What IMAP moves to INBOX, POP3 sees; other folders it does not.
imap.command("APPEND Archive %", MESSAGES[0]).expect("OK")
maildrop = pop3()
assert maildrop.stat()[0] == 1
maildrop.quit()
mover = Session.logged_in(a, "Archive")
mover.command("MOVE 1 INBOX").expect("OK")
maildrop = pop3()
assert read(maildrop) == [stored[4], MESSAGES[0]]
maildrop.quit()
