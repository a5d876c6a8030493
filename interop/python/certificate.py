"""EXTERNAL by smtplib, imaplib and poplib, over TLS that shows a certificate of the client's own."""

import base64
import imaplib
import poplib
import smtplib

from common import arguments, tls

a = arguments("host", "submissions", "imaps", "pop3s", "user", "other", "certificate", "own", "key")
CONTEXT, PLAIN = tls(a.certificate), tls(a.certificate)
CONTEXT.load_cert_chain(a.own, a.key)
PATIENCE = 20


def by_smtp(context, name):
    with smtplib.SMTP_SSL(a.host, int(a.submissions), context=context, timeout=PATIENCE) as smtp:
        smtp.ehlo()
        if "EXTERNAL" not in smtp.esmtp_features["auth"].split():
            return None
        try:
            # An empty one must wait for the challenge: smtplib would say nothing for it.
            smtp.auth("EXTERNAL", lambda challenge=None: name, initial_response_ok=bool(name))
        except smtplib.SMTPAuthenticationError as error:
            assert error.smtp_code == 535, error
            return False
        assert smtp.mail(a.user)[0] == 250
        return True


def by_imap(context, name):
    with imaplib.IMAP4_SSL(a.host, int(a.imaps), ssl_context=context, timeout=PATIENCE) as imap:
        if "AUTH=EXTERNAL" not in imap.capabilities:
            return None
        try:
            imap.authenticate("EXTERNAL", lambda _: name.encode())
        except imaplib.IMAP4.error as error:
            assert "AUTHENTICATIONFAILED" in str(error), error
            return False
        assert imap.select("INBOX")[0] == "OK"
        return True


def by_pop3(context, name):
    pop3 = poplib.POP3_SSL(a.host, int(a.pop3s), context=context, timeout=PATIENCE)
    try:
        if "EXTERNAL" not in pop3.capa()["SASL"]:
            return None
        try:
            pop3._shortcmd("AUTH EXTERNAL " + (base64.b64encode(name.encode()).decode() or "="))
        except poplib.error_proto as error:
            assert error.args[0].startswith(b"-ERR [AUTH]"), error
            return False
        assert pop3.stat()[0] >= 0
        return True
    finally:
        pop3.close()


for by in (by_smtp, by_imap, by_pop3):
    for name, expected in (("", True), (a.user, True), (a.other, False)):
        assert by(CONTEXT, name) is expected, (by.__name__, name)
    assert by(PLAIN, "") is None, f"{by.__name__}: it is offered to who shows no certificate"
