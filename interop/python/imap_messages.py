"""imaplib appends, fetches, flags, copies, moves and expunges; what it reads is what it wrote."""

import imaplib
import os
import time

from imap import fetched, login, ok, parse, refused, target

a = target()
imaplib._MAXLINE = 1 << 24
session = login(a)

PLAIN = (
    b"From: Alice <alice@example.test>\r\nSubject: plain\r\nMessage-ID: <1@x>\r\n\r\nline one\r\nline two\r\n"
)
INNER = b"From: Inner <inner@example.test>\r\nSubject: inner\r\nMessage-ID: <3@x>\r\n\r\nwithin\r\n"
NESTED = b"".join(
    (
        b"From: Bob <bob@example.test>\r\nSender: <sender@example.test>\r\nReply-To: reply@example.test\r\n",
        b'To: "Alice A." <alice@example.test>, carol@example.test\r\nCc: group: dave@example.test;\r\n',
        b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 5 Jan 2026 10:20:30 +0000\r\n",
        b"Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nMIME-Version: 1.0\r\n",
        b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\npreamble\r\n',
        b'--outer\r\nContent-Type: multipart/alternative; boundary="alt"\r\n\r\n',
        b"--alt\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        b"Gr\xc3\xbc\xc3\x9fe\r\n\r\n",
        b"--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>html</p>\r\n\r\n--alt--\r\n\r\n",
        b"--outer\r\nContent-Type: message/rfc822\r\n\r\n" + INNER + b"\r\n",
        b'--outer\r\nContent-Type: application/octet-stream; name="a.bin"\r\n',
        b"Content-Transfer-Encoding: base64\r\n",
        b'Content-Disposition: attachment; filename="a.bin"\r\n\r\nAAEC\r\n\r\n',
        b"--outer--\r\nepilogue\r\n",
    )
)
ODD = [
    b"",
    b"\r\n",
    b"no header at all",
    b"Subject: 8bit\r\n\r\n" + bytes(range(1, 256)) + b"\r\n",
    b"Subject: a\r\n\r\n.\r\n..\r\n",
]


def fetch(numbers, items):
    return fetched(ok(session.fetch(numbers, items)))


def flags(number):
    return set(fetch(str(number), "FLAGS")[number]["FLAGS"]) - {"\\Recent"}


def search(*criteria):
    return [int(number) for number in ok(session.search(None, *criteria))[0].split()]


def count(folder):
    return int(parse([ok(session.status(folder, "(MESSAGES)"))[0]])[-1][1])


# APPEND: flags, keywords and date, and where the message went (UIDPLUS).
ok(session.append("INBOX", "(\\Seen $Important)", '" 3-Feb-2025 04:05:06 +0700"', PLAIN))
where = session.untagged_responses.get("APPENDUID") or session.response("APPENDUID")[1]
validity, first = map(int, where[0].split())
ok(session.append("INBOX", None, None, NESTED))
told = ok(session.select("INBOX"))
assert told == [b"2"], told
assert session.response("UIDVALIDITY")[1] == [str(validity).encode()], (
    validity,
    session.response("UIDVALIDITY"),
)
permanent = session.response("PERMANENTFLAGS")[1][0].decode()
for flag in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "\\*"):
    assert flag in permanent, f"{flag} is not among {permanent}"
items = fetch("1", "(UID FLAGS INTERNALDATE RFC822.SIZE)")[1]
assert int(items["UID"]) == first and int(items["RFC822.SIZE"]) == len(PLAIN), items
assert set(items["FLAGS"]) - {"\\Recent"} == {"\\Seen", "$Important"}, items
instant = imaplib.Internaldate2tuple(b'INTERNALDATE "%s"' % items["INTERNALDATE"])
assert time.mktime(instant) == 1738530306, f"the date was changed: {items}"

# What is fetched is what was appended, whatever it is.
for message in ODD:
    answer = session.append("Archive", None, None, message)
    if not message and answer[0] == "NO":
        continue
    ok(answer)
    ok(session.select("Archive"))
    stored = fetch("*", "BODY.PEEK[]").popitem()[1]["BODY[]"]
    # A bare LF or CR in APPEND is the client's mistake; imaplib itself makes CRLF of both.
    assert stored == imaplib.MapCRLF.sub(imaplib.CRLF, message), f"{message!r} became {stored!r}"
ok(session.select("INBOX"))

# ENVELOPE and BODYSTRUCTURE.
items = fetch("2", "(ENVELOPE BODYSTRUCTURE)")[2]
alice, carol = [b"Alice A.", None, b"alice", b"example.test"], [None, None, b"carol", b"example.test"]
group = [[None, None, b"group", None], [None, None, b"dave", b"example.test"], [None, None, None, None]]
assert items["ENVELOPE"] == [
    b"Mon, 5 Jan 2026 10:20:30 +0000",
    b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
    [[b"Bob", None, b"bob", b"example.test"]],
    [[None, None, b"sender", b"example.test"]],
    [[None, None, b"reply", b"example.test"]],
    [alice, carol],
    group,
    None,
    b"<1@x>",
    b"<2@x>",
], items["ENVELOPE"]
mixed = items["BODYSTRUCTURE"]
alternative, inner, attachment = mixed[:3]
lower = lambda values: [value.lower() if isinstance(value, bytes) else value for value in values]
assert lower(mixed[3:5]) == [b"mixed", [b"boundary", b"outer"]] or lower(mixed[3:4]) == [b"mixed"], mixed
assert lower(alternative[2:3]) == [b"alternative"], alternative
assert lower(alternative[0][:2]) == [b"text", b"plain"] and lower(alternative[0][2]) == [b"charset", b"utf-8"]
assert lower(alternative[0][5:6]) == [b"8bit"] and alternative[0][6:8] == ["9", "1"], alternative[0]
assert lower(alternative[1][:2]) == [b"text", b"html"], alternative[1]
assert lower(inner[:2]) == [b"message", b"rfc822"] and inner[6] == str(len(INNER)), inner
assert inner[7][1] == b"inner" and lower(inner[8][:2]) == [b"text", b"plain"], inner
assert lower(attachment[:2]) == [b"application", b"octet-stream"] and lower(attachment[5:6]) == [b"base64"]
assert [lower(value) if isinstance(value, list) else value for value in attachment[8]][1] == [
    b"filename",
    b"a.bin",
], attachment

# Sections, by number and by name; none of it sets \Seen while PEEK is said.
head, _, text = NESTED.partition(b"\r\n\r\n")
SECTIONS = {
    "BODY[HEADER]": head + b"\r\n\r\n",
    "BODY[TEXT]": text,
    "BODY[]": NESTED,
    "BODY[1.1]": b"Gr\xc3\xbc\xc3\x9fe\r\n",
    "BODY[1.2]": b"<p>html</p>\r\n",
    "BODY[1.2.MIME]": b"Content-Type: text/html; charset=utf-8\r\n\r\n",
    "BODY[2]": INNER,
    "BODY[2.HEADER]": INNER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "BODY[2.TEXT]": b"within\r\n",
    "BODY[2.1]": b"within\r\n",
    "BODY[3]": b"AAEC\r\n",
    "BODY[HEADER.FIELDS (SUBJECT DATE)]": b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Date: Mon, 5 Jan 2026 10:20:30 +0000\r\n\r\n",
    "BODY[2.HEADER.FIELDS (SUBJECT)]": b"Subject: inner\r\n\r\n",
    "BODY[2.HEADER.FIELDS.NOT (FROM MESSAGE-ID)]": b"Subject: inner\r\n\r\n",
}
for section, expected in SECTIONS.items():
    found = {
        name.replace('"', ""): value
        for name, value in fetch("2", section.replace("BODY", "BODY.PEEK"))[2].items()
    }
    assert found.get(section) == expected, f"{section} is {found} and not {expected!r}"
for section in ("BODY.PEEK[4]", "BODY.PEEK[1.3]"):
    assert (list(fetch("2", section)[2].values())[0] or b"") == b"", section
assert flags(2) == set(), flags(2)

# Parts of sections, also beyond the end.
PARTIALS = {
    "<0.10>": NESTED[:10],
    "<5.7>": NESTED[5:12],
    f"<{len(NESTED) - 3}.100>": NESTED[-3:],
    "<100000.5>": b"",
}
for partial, expected in PARTIALS.items():
    found = fetch("2", f"BODY.PEEK[]{partial}")[2]
    origin = partial.partition(".")[0] + ">"
    assert found == {f"BODY[]{origin}": expected}, f"{partial}: {found}"

# The older names, and the items that set \Seen.
for item, expected in (("RFC822.HEADER", head + b"\r\n\r\n"), ("RFC822.SIZE", str(len(NESTED)))):
    assert fetch("2", item)[2][item] == expected, item
assert flags(2) == set()
for item, expected in (("RFC822", NESTED), ("RFC822.TEXT", text), ("BODY[TEXT]", text)):
    ok(session.store("2", "-FLAGS.SILENT", "\\Seen"))
    found = fetch("2", item)[2]
    assert found[item] == expected, f"{item}: {found}"
    assert flags(2) == {"\\Seen"}, f"{item} does not set \\Seen"
assert set(fetch("2", "ALL")[2]) >= {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"}
assert set(fetch("2", "FAST")[2]) >= {"FLAGS", "INTERNALDATE", "RFC822.SIZE"}
assert set(fetch("2", "FULL")[2]) >= {"ENVELOPE", "BODY"}
assert set(fetched(ok(session.uid("FETCH", f"{first}:*", "FLAGS")))[2]) == {"FLAGS", "UID"}

# STORE: add, take away, replace; keywords; SILENT says nothing.
told = fetched(ok(session.store("2", "+FLAGS", "(\\Flagged $Work)")))
assert set(told[2]["FLAGS"]) - {"\\Recent"} == {"\\Seen", "\\Flagged", "$Work"}, told
ok(session.store("2", "-FLAGS", "\\Seen"))
assert flags(2) == {"\\Flagged", "$Work"}
assert ok(session.store("2", "FLAGS.SILENT", "(\\Answered \\Draft)")) == [None]
assert flags(2) == {"\\Answered", "\\Draft"}
told = fetched(ok(session.uid("STORE", str(first), "+FLAGS", "(\\Deleted)")))
assert "UID" in told[1] and "\\Deleted" in told[1]["FLAGS"], told
ok(session.store("1:2", "FLAGS", "()"))
assert flags(1) == flags(2) == set()

# COPY keeps flags, date and octets, and tells the new UID.
ok(session.store("1", "+FLAGS", "(\\Flagged $Kept)"))
ok(session.copy("1", "Archive"))
code = session.response("COPYUID")[1]
assert code and code[0].split()[1] == str(first).encode(), code
date = fetch("1", "INTERNALDATE")[1]["INTERNALDATE"]
ok(session.select("Archive"))
copied = fetch("*", "(UID FLAGS INTERNALDATE BODY.PEEK[])").popitem()[1]
assert copied["UID"].encode() == code[0].split()[2], (copied, code)
assert set(copied["FLAGS"]) - {"\\Recent"} == {"\\Flagged", "$Kept"}, copied
assert copied["INTERNALDATE"] == date and copied["BODY[]"] == PLAIN, copied

# MOVE leaves nothing behind and takes all along.
ok(session.select("INBOX"))
before = count("Archive")
session.untagged_responses.clear()
assert session._simple_command("MOVE", "1", "Archive")[0] == "OK"
assert session.response("EXPUNGE")[1] == [b"1"], "MOVE tells no EXPUNGE"
assert count("Archive") == before + 1 and search("ALL") == [1]
uid = fetch("1", "UID")[1]["UID"]
ok(session.uid("MOVE", uid, "Archive"))
assert count("Archive") == before + 2 and search("ALL") == []

# EXPUNGE tells numbers that count what went before; UID EXPUNGE takes only what it names.
for number in range(6):
    ok(
        session.append(
            "Trash", "\\Deleted" if number % 2 == 0 else None, None, b"Subject: %d\r\n\r\n" % number
        )
    )
ok(session.select("Trash"))
uids = [items["UID"] for _, items in sorted(fetch("1:*", "UID").items())]
session.untagged_responses.clear()
ok(session.uid("EXPUNGE", f"{uids[0]}:{uids[1]},{uids[4]}"))
picture = list(uids)
for number in session.response("EXPUNGE")[1]:
    picture.pop(int(number) - 1)
assert picture == [uids[1], uids[2], uids[3], uids[5]], (uids, picture)
left = [items["UID"] for _, items in sorted(fetch("1:*", "UID").items())]
assert left == picture, (uids, left)
assert ok(session.expunge()) == [b"2"]
left = [items["UID"] for _, items in sorted(fetch("1:*", "UID").items())]
assert left == [uids[1], uids[3], uids[5]], (uids, left)

# UNSELECT keeps what is marked, CLOSE expunges it without a word.
ok(session.store("1", "+FLAGS", "\\Deleted"))
ok(session.unselect())
assert count("Trash") == 3
ok(session.select("Trash"))
session.untagged_responses.clear()
ok(session.close())
assert session.response("EXPUNGE")[1] == [None]
assert count("Trash") == 2

# Five megabytes there and back.
large = b"Subject: large\r\n\r\n" + b"".join(
    os.urandom(38).hex().encode() + b"\r\n" for _ in range(5 << 20 >> 6)
)
assert len(large) > 5_000_000
ok(session.append("Junk", None, None, large))
ok(session.select("Junk", readonly=True))
items = fetch("1", "(RFC822.SIZE BODY.PEEK[])")[1]
assert items["RFC822.SIZE"] == str(len(large)) and items["BODY[]"] == large, "five megabytes were changed"
middle = fetch("1", "BODY.PEEK[]<2500000.100000>")[1]
assert middle == {"BODY[]<2500000>": large[2500000:2600000]}, "a part of five megabytes"
ok(session.check())
assert session.logout()[0] == "BYE"
