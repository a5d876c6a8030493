"""A program mirrors a mailbox into a Maildir and back: what changes on either side is on both afterwards.

The program is run by `--sync`, a command line; the Maildir is `--maildir`. Octets are compared after what such
programs do to all messages: they write LF into Maildirs, and headers of their own into what they copy."""

import os
import re
import shlex
import subprocess
import time

from imap import Session, deliver, field, target

a = target("sync", "maildir", "count")
COUNT = int(a.count)
LETTERS = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S"}
OWN = re.compile(rb"(?im)^X-(?:TUID|OfflineIMAP):.*\n")


def message(name):
    body = f".line of {name}\r\n.\r\nGr\u00fc\u00dfe, \u65e5\u672c\r\n" + "x" * 900 + "\r\n"
    head = f"From: <someone@elsewhere.test>\r\nTo: <{a.user}>\r\nSubject: mirror {name}\r\n"
    head += f"Message-ID: <{name}@mirror>\r\n"
    mime = (
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    )
    return f"{head}{mime}\r\n{body}".encode()


def sync():
    done = subprocess.run(
        shlex.split(a.sync), stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False
    )
    output = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, f"{a.sync} ended with {done.returncode}\n{output[-4000:]}"


def comparable(octets):
    return OWN.sub(b"", octets.replace(b"\r\n", b"\n"))


def remote():
    """Message-ID -> flags and octets on the server."""
    contents = Session.logged_in(a).contents("INBOX").items()
    return {
        name: ("".join(sorted(LETTERS[flag] for flag in flags if flag in LETTERS)), comparable(octets))
        for name, (_, flags, octets) in contents
    }


def paths():
    """Message-ID -> path in the Maildir."""
    found = {}
    for folder in ("cur", "new"):
        for name in os.listdir(os.path.join(a.maildir, folder)):
            path = os.path.join(a.maildir, folder, name)
            with open(path, "rb") as file:
                identifier = field(file.read(), "Message-ID")
            assert identifier not in found, f"{identifier} is twice in the Maildir"
            found[identifier] = path
    return found


def local():
    """Message-ID -> flags and octets in the Maildir."""
    found = {}
    for name, path in paths().items():
        with open(path, "rb") as file:
            found[name] = (
                "".join(sorted(set(path.rpartition(":2,")[2]) & set("DFRS"))) if ":2," in path else ""
            ), comparable(file.read())
    return found


def compare(when):
    here, there = local(), remote()
    assert set(here) == set(there), f"{when}: {sorted(set(here) ^ set(there))[:10]} are on one side alone"
    for name, copy in here.items():
        assert copy == there[name], f"{when}: {name} is {copy} here and {there[name]} there"
    return here


def set_local_flags(path, letters):
    folder, name = os.path.split(path)
    changed = os.path.join(
        os.path.dirname(folder), "cur", name.partition(":2,")[0] + ":2," + "".join(sorted(letters))
    )
    os.rename(path, changed)


started = time.monotonic()
deliver(a, *[message(f"m{number}") for number in range(10)])
sync()
first = compare("after the first run")
assert len(first) == COUNT + 10, f"{len(first)} messages"

# Changes on the server: flags set, then some taken away again; deletions; mail that comes; an APPEND.
server = Session.logged_in(a, "INBOX")
server.command("STORE 1:20 +FLAGS.SILENT (\\Seen)").expect("OK")
server.command("STORE 11:15 +FLAGS.SILENT (\\Flagged \\Answered)").expect("OK")
gone_there = {
    field(items["BODY[HEADER.FIELDS (MESSAGE-ID)]"], "Message-ID")
    for items in server.fetch("31:40", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]").values()
}
server.command("STORE 31:40 +FLAGS.SILENT (\\Deleted)").expect("OK")
server.command("EXPUNGE").expect("OK")
deliver(a, *[message(f"delivered{number}") for number in range(10)])
server.command("APPEND INBOX (\\Seen \\Draft) %", message("appended")).expect("OK")
# Changes in the Maildir: other messages flagged and removed, new ones put there.
names = {
    field(items["BODY[HEADER.FIELDS (MESSAGE-ID)]"], "Message-ID")
    for items in server.fetch("101:130", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]").values()
}
here = sorted((name, path) for name, path in paths().items() if name in names)
flagged_here, gone_here = here[:10], here[10:20]
for _, path in flagged_here:
    set_local_flags(path, "FS")
for _, path in gone_here:
    os.unlink(path)
for number in range(10):
    with open(os.path.join(a.maildir, "new", f"{int(time.time())}.local{number}.interop"), "wb") as file:
        file.write(message(f"local{number}").replace(b"\r\n", b"\n"))
sync()
second = compare("after the second run")
gone = gone_there | {name for name, _ in gone_here}
new = {f"<delivered{number}@mirror>" for number in range(10)} | {
    f"<local{number}@mirror>" for number in range(10)
}
expected = set(first) - gone | new | {"<appended@mirror>"}
assert set(second) == expected, f"{sorted(set(second) ^ expected)[:10]}"
assert all(second[name][0] == "FS" for name, _ in flagged_here), "flags set in the Maildir are lost"
assert second["<appended@mirror>"][0] == "DS", second["<appended@mirror>"]
assert sum(flags == "FRS" for flags, _ in second.values()) == 5, "flags set on the server are lost"
for name in [f"local{number}" for number in range(10)] + ["appended"]:
    assert second[f"<{name}@mirror>"][1] == comparable(message(name)), f"{name} was changed"

# Flags are taken away, on each side.
server.command("NOOP").expect("OK")
server.command("STORE 11:15 -FLAGS.SILENT (\\Flagged)").expect("OK")
for name, path in paths().items():
    if name in dict(flagged_here):
        set_local_flags(path, "S")
sync()
third = compare("after the third run")
assert set(third) == set(second)
assert all(third[name][0] == "S" for name, _ in flagged_here), "flags taken away in the Maildir are back"
assert sum("F" in flags for flags, _ in third.values()) == 0, "flags taken away on the server are back"


# Without a change, nothing changes: neither files, nor UIDs, nor flags, nor the next UID.
def all_of_it():
    session = Session.logged_in(a)
    status = session.command("STATUS INBOX (UIDNEXT UIDVALIDITY MESSAGES)").expect("OK").data("STATUS")
    return sorted(paths().values()), session.contents("INBOX"), status


before = all_of_it()
sync()
assert all_of_it() == before, "a run without changes changed something"
print(f"{len(third)} messages, four runs and their changes in {time.monotonic() - started:.1f} s")
