"""ANONYMOUS by imaplib and poplib: a guest reads, and changes nothing."""

import base64
import imaplib
import poplib
import smtplib

from common import arguments, tls

a = arguments("host", "submissions", "imaps", "pop3s", "user", "password", "certificate", "offered")
CONTEXT, PATIENCE = tls(a.certificate), 20
OFFERED = a.offered == "yes"
TRACE = "guest@elsewhere.test"

with smtplib.SMTP_SSL(a.host, int(a.submissions), context=CONTEXT, timeout=PATIENCE) as smtp:
    smtp.ehlo()
    assert "ANONYMOUS" not in smtp.esmtp_features["auth"].split(), "nobody sends mail without a name"

with imaplib.IMAP4_SSL(a.host, int(a.imaps), ssl_context=CONTEXT, timeout=PATIENCE) as imap:
    assert ("AUTH=ANONYMOUS" in imap.capabilities) is OFFERED, imap.capabilities
    if OFFERED:
        imap.authenticate("ANONYMOUS", lambda _: TRACE.encode())
        # imaplib takes a READ-ONLY that was not asked for as an error, and is right.
        assert imap.select("INBOX", readonly=True) == ("OK", [b"1"])
        status, data = imap.fetch("1", "(FLAGS BODY[])")
        assert b"Subject: short" in data[0][1], data
        status, data = imap.fetch("1", "(FLAGS)")
        assert b"\\Seen" not in data[0], data
        for change in (
            lambda: imap.create("new"),
            lambda: imap.rename("Sent", "Old"),
            lambda: imap.delete("Sent"),
            lambda: imap.subscribe("new"),
            lambda: imap.append("INBOX", "", None, b"Subject: x\r\n\r\nx\r\n"),
            lambda: imap.copy("1", "Sent"),
            lambda: imap.store("1", "+FLAGS", r"(\Deleted)"),
            lambda: imap.expunge(),
        ):
            try:
                status, data = change()
            except imaplib.IMAP4.readonly:
                continue
            assert status == "NO", (status, data)
        try:
            imap.select("INBOX")
            raise AssertionError("SELECT gives more than reading")
        except imaplib.IMAP4.readonly:
            # Else imaplib would not even log out.
            imap.select("INBOX", readonly=True)

owner = poplib.POP3_SSL(a.host, int(a.pop3s), context=CONTEXT, timeout=PATIENCE)
owner.user(a.user)
owner.pass_(a.password)
guest = poplib.POP3_SSL(a.host, int(a.pop3s), context=CONTEXT, timeout=PATIENCE)
assert ("ANONYMOUS" in guest.capa()["SASL"]) is OFFERED
if OFFERED:
    guest._shortcmd("AUTH ANONYMOUS " + base64.b64encode(TRACE.encode()).decode())
    assert b"Subject: short" in guest.retr(1)[1]
    try:
        guest.dele(1)
        raise AssertionError("a guest has deleted a message")
    except poplib.error_proto:
        pass
guest.quit()
assert owner.stat()[0] == 1
owner.quit()
