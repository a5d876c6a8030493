"""smtplib sends one large message over implicit TLS, a block at a time."""

import smtplib

from common import arguments, read, tls

a = arguments("host", "port", "certificate", "user", "password", "message", "to")
with smtplib.SMTP_SSL(
    a.host, int(a.port), local_hostname="client.example.test", timeout=120, context=tls(a.certificate)
) as smtp:
    smtp.login(a.user, a.password)
    refused = smtp.sendmail(a.user, [a.to], read(a.message))
    assert refused == {}, refused
