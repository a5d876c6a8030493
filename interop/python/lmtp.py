"""smtplib's LMTP class: an answer for each recipient, one of which is unknown."""

import os
import smtplib

from common import arguments, read

a = arguments("host", "port", "messages", "to", "unknown")
recipients = a.to.split(",")


class Lmtp(smtplib.LMTP):
    """smtplib reads one reply after DATA; LMTP sends one for each accepted recipient."""

    def data_for(self, message, accepted):
        code, text = self.data(message)
        replies = [(code, text)]
        while len(replies) < accepted:
            replies.append(self.getreply())
        return replies


with Lmtp(a.host, int(a.port), local_hostname="client.example.test", timeout=20) as lmtp:
    code, text = lmtp.ehlo()
    assert code == 250, f"LHLO: {code} {text}"
    code, text = lmtp.docmd("EHLO", "client.example.test")
    assert 500 <= code < 600, f"LMTP takes EHLO: {code} {text}"
    for name in sorted(os.listdir(a.messages)):
        assert lmtp.mail("sender@elsewhere.test", [])[0] == 250
        codes = [lmtp.rcpt(recipient)[0] for recipient in (recipients[0], a.unknown, *recipients[1:])]
        assert codes == [250, 550] + [250] * (len(recipients) - 1), codes
        replies = lmtp.data_for(read(os.path.join(a.messages, name)), len(recipients))
        assert [code for code, _ in replies] == [250] * len(recipients), replies

    # Without a recipient DATA is out of order.
    assert lmtp.mail("sender@elsewhere.test", [])[0] == 250
    assert lmtp.rcpt(a.unknown)[0] == 550
    code, text = lmtp.docmd("DATA")
    assert code in (503, 554), f"DATA without recipients: {code} {text}"
