"""imaplib makes, names, lists, subscribes to and deletes folders, nested and with names in every script."""

import base64
import re

from imap import login, ok, parse, refused, target

a = target()
session = login(a)


def utf7(name):
    """Modified UTF-7 (RFC 3501 section 5.1.3)."""

    def encode(found):
        octets = base64.b64encode(found[0].encode("utf-16be")).rstrip(b"=")
        return f"&{octets.decode().replace('/', ',')}-"

    return re.sub("[^\x20-\x7e]+", encode, name.replace("&", "&-"))


def quoted(name):
    return f'"{utf7(name)}"'


def listed(pattern, reference='""', command=session.list):
    """Name -> attributes."""
    found = {}
    for line in ok(command(reference, pattern)):
        if line is None:
            continue
        if isinstance(line, tuple):
            line = line[0].partition(b"{")[0] + b'"' + line[1] + b'"'
        elif not line:
            continue
        attributes, separator, name = parse([line])
        assert separator == b"/", line
        name = name.decode() if isinstance(name, bytes) else name
        assert name not in found, f"{name} is listed twice"
        found[name] = {attribute.lower() for attribute in attributes}
    return found


def status(name, items="(MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)"):
    values = parse([ok(session.status(name, items))[0]])[-1]
    return {name: int(value) for name, value in zip(values[::2], values[1::2])}


# What every account has.
ROLES = {"Sent": "\\sent", "Drafts": "\\drafts", "Trash": "\\trash", "Junk": "\\junk", "Archive": "\\archive"}
folders = listed('"*"')
assert set(folders) == {"INBOX", *ROLES}, folders
for name, role in ROLES.items():
    assert role in folders[name], f"{name} has {folders[name]}"
assert "\\hasnochildren" in folders["INBOX"], folders
assert ok(session.list('""', '""')) == [b'(\\Noselect) "/" ""'], session.list('""', '""')

# INBOX whatever its case, and only INBOX.
assert set(listed("inbox")) == {"INBOX"}
ok(session.select("iNbOx"))
refused(session.select("trash"))
refused(session.create("inbox"))
refused(session.delete("INBOX"))

# Nested folders: the levels above come to be, and know that they have children.
ok(session.create("Work/2026/May"))
folders = listed('"*"')
assert {"Work", "Work/2026", "Work/2026/May"} <= set(folders), folders
assert "\\haschildren" in folders["Work"] and "\\haschildren" in folders["Work/2026"], folders
assert "\\hasnochildren" in folders["Work/2026/May"], folders
assert set(listed('"Work/%"')) == {"Work/2026"}, listed('"Work/%"')
assert set(listed('"Work/*"')) == {"Work/2026", "Work/2026/May"}
assert set(listed('"%/2026/M*y"')) == {"Work/2026/May"}
assert set(listed('"*"', '"Work/2026/"')) == {"Work/2026/May"}
assert "Work/2026" not in listed('"%"') and "Work" in listed('"%"')
assert listed("Nothing") == {}
refused(session.create("Work/2026/May"), code="ALREADYEXISTS")
# A separator at the end says that folders will be made below (RFC 3501 section 6.3.3).
ok(session.create("Trips/"))
ok(session.create("Trips/Rome"))
assert {"Trips", "Trips/Rome"} <= set(listed('"*"'))

# Names in every script, with the characters that modified UTF-7 treats apart.
NAMES = [
    "Entw\u00fcrfe & Pl\u00e4ne",
    "\u65e5\u672c\u8a9e",
    "a&b",
    "\U0001f4ec mail",
    "with space",
    "what?",
]
for name in NAMES:
    ok(session.create(quoted(name)))
    ok(session.append(quoted(name), None, None, b"Subject: x\r\n\r\n"))
    assert status(quoted(name))["MESSAGES"] == 1, name
found = listed('"*"')
assert {utf7(name) for name in NAMES} <= set(found), f"{[utf7(name) for name in NAMES]} among {set(found)}"
ok(session.rename(quoted(NAMES[0]), quoted("Caf\u00e9/\u00dcber")))
assert utf7("Caf\u00e9/\u00dcber") in listed('"*"') and utf7(NAMES[0]) not in listed('"*"')
assert status(quoted("Caf\u00e9/\u00dcber"))["MESSAGES"] == 1

# RENAME takes the folders below and their mail along.
ok(session.append("Work/2026/May", "\\Seen", None, b"Subject: below\r\n\r\n"))
before = status("Work/2026/May")
ok(session.rename("Work/2026", "Old"))
assert set(listed('"Old*"')) == {"Old", "Old/May"}, listed('"Old*"')
assert not {"Work/2026", "Work/2026/May"} & set(listed('"*"'))
after = status("Old/May")
assert (after["MESSAGES"], after["UNSEEN"], after["UIDNEXT"]) == (1, 0, before["UIDNEXT"]), (before, after)
refused(session.rename("Nothing", "Something"), code="NONEXISTENT")
refused(session.rename("Old/May", "Trips/Rome"), code="ALREADYEXISTS")

# Subscriptions live apart from the folders.
for name in ("Old/May", quoted(NAMES[1])):
    ok(session.subscribe(name))
subscribed = set(listed('"*"', command=session.lsub))
assert {"Old/May", utf7(NAMES[1])} <= subscribed and "Trips" not in subscribed, subscribed
ok(session.unsubscribe("Old/May"))
subscribed = set(listed('"*"', command=session.lsub))
assert "Old/May" not in subscribed and utf7(NAMES[1]) in subscribed, subscribed

# DELETE: the mail goes, a folder below stays, and a new folder of the name is another one.
ok(session.append("Trips/Rome", None, None, b"Subject: x\r\n\r\n"))
first = status("Trips/Rome")
ok(session.delete("Trips/Rome"))
assert "Trips/Rome" not in listed('"*"')
refused(session.select("Trips/Rome"))
refused(session.delete("Trips/Rome"), code="NONEXISTENT")
ok(session.create("Trips/Rome"))
second = status("Trips/Rome")
assert second["MESSAGES"] == 0 and second["UIDVALIDITY"] > first["UIDVALIDITY"], (first, second)
answer = session.delete("Old")
assert "Old/May" in listed('"*"'), "DELETE took the folder below along"
assert answer[0] == "NO" or "\\noselect" in listed('"Old"').get("Old", {"\\noselect"}), answer

# STATUS counts, and asks for what it was asked for alone.
for flags in ("\\Seen", "\\Flagged", None):
    ok(session.append("Trips", flags, None, b"Subject: counted\r\n\r\n"))
counted = status("Trips")
assert (counted["MESSAGES"], counted["UNSEEN"]) == (3, 2), counted
assert counted["UIDNEXT"] >= 4 and counted["UIDVALIDITY"] > 0, counted
assert set(status("Trips", "(UIDNEXT)")) == {"UIDNEXT"}
refused(session.status("Nothing", "(MESSAGES)"))
session.logout()
