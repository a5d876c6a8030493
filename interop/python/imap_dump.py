"""imaplib reads a folder: each message goes to a file, its name and the flags to a line of the output."""

import os

from imap import fetched, login, ok, target

a = target("folder", "into")
session = login(a)
count = int(ok(session.select(f'"{a.folder}"', readonly=True))[0])
if count:
    for number, items in sorted(fetched(ok(session.fetch("1:*", "(FLAGS BODY.PEEK[])"))).items()):
        name = f"{number:05}"
        with open(os.path.join(a.into, name), "wb") as file:
            file.write(items["BODY[]"] or b"")
        print(name, *sorted(flag for flag in items["FLAGS"] if flag != "\\Recent"))
session.logout()
