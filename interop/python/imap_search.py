"""imaplib searches: flags, dates, sizes, headers, text, UIDs, in UTF-8, and any of it combined."""

from imap import fetched, login, ok, target

a = target()
session = login(a)
session.create("Search")


def message(number, sender, subject, date, body):
    fields = {
        "From": sender,
        "To": "list@example.test",
        "Cc": f"copy{number}@example.test",
        "Subject": subject,
        "Date": date,
        "Message-ID": f"<{number}@search>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\n{body}\r\n".encode()


for number, (flags, received, *rest) in enumerate(
    (
        (
            "\\Seen",
            " 1-Jan-2025",
            "anna@example.test",
            "first report",
            "Wed, 1 Jan 2025 10:00:00 +0000",
            "apples and pears",
        ),
        (
            "\\Flagged",
            "15-Feb-2025",
            "Bert <bert@example.test>",
            "Re: first report",
            "Fri, 14 Feb 2025 10:00:00 +0000",
            "Oranges",
        ),
        (
            "\\Answered \\Seen",
            "15-Feb-2025",
            "anna@example.test",
            "lunch",
            "Sat, 15 Feb 2025 10:00:00 +0000",
            "pears, 8bit: Gr\u00fc\u00dfe",
        ),
        (
            "\\Deleted $Work",
            " 1-Mar-2026",
            "carl@example.test",
            "Tabelle f\u00fcr M\u00e4rz",
            "Sun, 1 Mar 2026 10:00:00 +0000",
            "x" * 5000,
        ),
        ("\\Draft", " 2-Mar-2026", "dora@example.test", "draft", "Mon, 2 Mar 2026 10:00:00 +0000", "nothing"),
    ),
    1,
):
    ok(session.append("Search", f"({flags})", f'"{received} 12:00:00 +0000"', message(number, *rest)))
ok(session.select("Search"))


def expect(numbers, *criteria, charset=None):
    found = sorted(int(number) for number in ok(session.search(charset, *criteria))[0].split())
    assert found == numbers, f"SEARCH {criteria} finds {found} and not {numbers}"


expect([1, 2, 3, 4, 5], "ALL")
expect([1, 3], "SEEN")
expect([2, 4, 5], "UNSEEN")
expect([2], "FLAGGED")
expect([1, 3, 4, 5], "UNFLAGGED")
expect([3], "ANSWERED")
expect([4], "DELETED")
expect([1, 2, 3, 5], "UNDELETED")
expect([5], "DRAFT")
expect([1, 2, 3, 4], "UNDRAFT")
expect([4], "KEYWORD $Work")
expect([1, 2, 3, 5], "UNKEYWORD $Work")

# INTERNALDATE, and the Date field.
expect([1], "BEFORE 15-Feb-2025")
expect([2, 3], "ON 15-Feb-2025")
expect([2, 3, 4, 5], "SINCE 15-Feb-2025")
expect([2], "SENTON 14-Feb-2025")
expect([1, 2], "SENTBEFORE 15-Feb-2025")
expect([4, 5], 'SENTSINCE "1-Mar-2026"')

# Fields and text, whatever their case.
expect([1, 3], "FROM anna")
expect([2], 'FROM "Bert"')
expect([1, 2, 3, 4, 5], "TO list@")
expect([3], "CC copy3@EXAMPLE")
expect([1, 2], 'SUBJECT "First Report"')
expect([5], "HEADER Message-ID <5@search>")
expect([1, 2, 3, 4, 5], 'HEADER Message-ID ""')
expect([], 'HEADER X-Missing ""')
expect([1, 3], "BODY PEARS")
expect([], "BODY anna")
expect([1, 3], "TEXT anna")
expect([4], "LARGER 5000")
expect([1, 2, 3, 5], "SMALLER 5000")

# Numbers, UIDs, and combinations.
expect([2, 3], "2:3")
expect([1, 5], "1,5:*")
uids = {number: items["UID"] for number, items in fetched(ok(session.fetch("1:*", "UID"))).items()}
expect([2, 3], f"UID {uids[2]}:{uids[3]}")
expect([5], f"UID {int(uids[5]) + 100}:*")
found = ok(session.uid("SEARCH", None, "SEEN"))[0].decode().split()
assert found == [uids[1], uids[3]], found
expect([1], "SEEN UNANSWERED")
expect([2, 5], "OR FLAGGED DRAFT")
expect([2, 3, 4, 5], 'OR NOT SUBJECT "first report" FLAGGED')
expect([4], "NOT (OR SEEN (OR FLAGGED DRAFT))")
expect([2], "(UNSEEN (FLAGGED)) NOT DELETED SINCE 1-Jan-2025")
expect([], "SEEN UNSEEN")

# Eight-bit text, as a literal and in a body that is eight-bit itself.
for text, criterion, numbers in (
    ("M\u00e4rz", "SUBJECT", [4]),
    ("Gr\u00fc\u00dfe", "BODY", [3]),
    ("gr\u00fc\u00dfe", "TEXT", [3]),
    ("\u00f6", "TEXT", []),
):
    session.literal = text.encode()
    expect(numbers, criterion, charset="UTF-8")
expect([1, 2], 'SUBJECT "report"', charset="US-ASCII")
session.logout()
