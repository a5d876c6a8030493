"""smtplib at a submission port: STARTTLS, login, several recipients, 8BITMIME, SMTPUTF8, refusals."""

import os
import smtplib

from common import arguments, read, tls

a = arguments("host", "port", "certificate", "user", "password", "messages", "to", "unknown", "utf8")
recipients = a.to.split(",")

with smtplib.SMTP(a.host, int(a.port), local_hostname="client.example.test", timeout=20) as smtp:
    smtp.ehlo()
    assert smtp.has_extn("starttls"), "no STARTTLS"
    assert not smtp.has_extn("auth"), "AUTH is offered without TLS"
    code, text = smtp.docmd("MAIL", f"FROM:<{a.user}>")
    assert code == 530, f"MAIL before login: {code} {text}"

    smtp.starttls(context=tls(a.certificate))
    smtp.ehlo()
    assert not smtp.has_extn("starttls"), "STARTTLS is offered under TLS"
    assert {"PLAIN", "LOGIN"} <= set(smtp.esmtp_features["auth"].split()), smtp.esmtp_features["auth"]
    assert smtp.has_extn("8bitmime"), "no 8BITMIME"
    assert smtp.has_extn("size"), "no SIZE"

    try:
        smtp.login(a.user, a.password + "x")
        raise AssertionError("a wrong password was taken")
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535, error
    smtp.login(a.user, a.password)

    # Several messages over one session, each to several recipients.
    for name in sorted(os.listdir(a.messages)):
        message = read(os.path.join(a.messages, name))
        refused = smtp.sendmail(a.user, recipients, message, mail_options=["BODY=8BITMIME"])
        assert refused == {}, refused

    # One unknown recipient among known ones: the others get the message.
    refused = smtp.sendmail(a.user, [recipients[0], a.unknown], b"Subject: partly\r\n\r\nrefused\r\n")
    assert list(refused) == [a.unknown] and refused[a.unknown][0] == 550, refused

    # Unknown recipients alone: no message.
    try:
        smtp.sendmail(a.user, [a.unknown], b"Subject: nobody\r\n\r\n")
        raise AssertionError("mail for nobody was taken")
    except smtplib.SMTPRecipientsRefused as error:
        assert error.recipients[a.unknown][0] == 550, error

    # A declared size above the limit is refused at MAIL.
    limit = int(smtp.esmtp_features["size"])
    code, text = smtp.mail(a.user, [f"SIZE={limit + 1}"])
    assert code == 552, f"SIZE above the limit: {code} {text}"
    smtp.rset()

    code, text = smtp.vrfy(a.user)
    assert code in (250, 252, 502), f"VRFY: {code} {text}"
    assert smtp.noop()[0] == 250

    if a.utf8 != "-":
        assert smtp.has_extn("smtputf8"), "no SMTPUTF8"
        message = "Subject: Gr\u00fc\u00dfe\r\n\r\nan eine Adresse mit Umlaut\r\n".encode()
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        refused = smtp.sendmail(a.user, [a.utf8], message, mail_options=options)
        assert refused == {}, refused
