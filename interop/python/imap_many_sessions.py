"""Many sessions in IDLE at once. Prints by how many KiB the server's memory grew."""

import resource
import time

from imap import Session, deliver, target
from memory import Memory

a = target("count", "tls", "process")
COUNT = int(a.count)
WARM_UP = 100
memory = Memory(a.process) if a.process != "none" else None
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def waiting():
    session = Session.logged_in(a, "INBOX", clear=a.tls == "no")
    session.idling = session.tag()
    session.send(f"{session.idling} IDLE\r\n".encode())
    assert session.until("+", session.idling, [])[0] == "+", "IDLE was refused"
    return session


deliver(a, b"Subject: first\r\n\r\n")
sessions = [waiting() for _ in range(WARM_UP)]
time.sleep(0.5)
before = memory.resident() if memory else 0
started = time.monotonic()
sessions += [waiting() for _ in range(COUNT)]
seconds = time.monotonic() - started
time.sleep(0.5)
after = memory.resident() if memory else 0

# They wait indeed: each one is told of the mail that comes, and ends its wait.
deliver(a, b"Subject: second\r\n\r\n")
for session in sessions:
    while (response := session.response())[1:3] != ["2", "EXISTS"]:
        assert response[0] == "*", response
for session in sessions:
    session.send(b"DONE\r\n")
for session in sessions:
    session.answer(session.idling).expect("OK")
print(after - before)
print(f"{COUNT} logins in {seconds:.1f} s")
