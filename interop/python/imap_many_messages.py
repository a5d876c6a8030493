"""Flags and envelopes of a large folder, twice, each time in a session of its own. Prints by how many KiB the
server's memory grew at its peak: while it worked out what it had not yet, and when it had all of it."""

import time

from imap import Session, target
from memory import Memory

a = target("count", "process")
COUNT = int(a.count)
memory = Memory(a.process) if a.process != "none" else None


def fetch():
    """Returns the growth in KiB and the time in seconds."""
    session = Session.logged_in(a)
    examined = session.command("EXAMINE INBOX").expect("OK")
    assert examined.numbered("EXISTS") == [COUNT], examined.numbered("EXISTS")
    if memory:
        memory.forget_peak()
    before = memory.resident() if memory else 0
    started = time.monotonic()
    tag = session.tag()
    session.send(f"{tag} FETCH 1:* (FLAGS ENVELOPE)\r\n".encode())
    numbers, names = [], set()
    while (response := session.response())[0] != tag:
        if response[2:3] == ["FETCH"]:
            numbers.append(int(response[1]))
            items = dict(zip(response[3][::2], response[3][1::2]))
            assert set(items) == {"FLAGS", "ENVELOPE"} and "\\Seen" not in items["FLAGS"], response
            date, subject, sender, *_, name = items["ENVELOPE"]
            assert subject == b"filled " + name[7:-8].zfill(5), items
            assert sender == [[b"Sender Name", None, b"sender", b"example.test"]], items
            names.add(name)
    assert response[1] == "OK", response
    seconds = time.monotonic() - started
    grown = memory.peak() - before if memory else 0
    assert numbers == list(range(1, COUNT + 1)), "each message once, in order"
    assert len(names) == COUNT, f"{len(names)} different messages"
    return grown, seconds


(cold, cold_seconds), (warm, warm_seconds) = fetch(), fetch()
print(cold, warm)
print(f"{cold_seconds:.1f} s and {warm_seconds:.1f} s")
