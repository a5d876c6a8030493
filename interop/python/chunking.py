"""smtplib says BDAT: text and arbitrary octets in chunks, pipelined, refused; and asks for notifications."""

import os
import smtplib

from common import arguments, read

a = arguments("host", "port", "messages", "binary", "to", "unknown", "protocol")


class Chunking:
    """smtplib knows no BDAT: the command and its octets go out as they are, the replies are smtplib's to read."""

    def bdat(self, octets, last):
        self.send(b"BDAT %d%s\r\n" % (len(octets), b" LAST" if last else b"") + octets)

    def chunks(self, message, size):
        """Sends all chunks at once, as PIPELINING allows, and reads the replies. The last one is the verdict."""
        pieces = [message[at : at + size] for at in range(0, len(message), size)]
        for piece in pieces:
            self.bdat(piece, False)
        self.bdat(b"", True)
        for piece in pieces:
            code, text = self.getreply()
            assert code == 250, f"a chunk of {len(piece)}: {code} {text}"
        return self.getreply()


class Smtp(Chunking, smtplib.SMTP):
    pass


class Lmtp(Chunking, smtplib.LMTP):
    pass


session = {"smtp": Smtp, "lmtp": Lmtp}[a.protocol]
with session(a.host, int(a.port), local_hostname="client.example.test", timeout=20) as smtp:
    smtp.ehlo()
    for name in ("chunking", "binarymime", "dsn", "pipelining"):
        assert smtp.has_extn(name), f"no {name}"

    for number, name in enumerate(sorted(os.listdir(a.messages))):
        message = read(os.path.join(a.messages, name))
        assert smtp.mail("sender@elsewhere.test", ["BODY=8BITMIME", "RET=FULL", f"ENVID=id{number}"])[0] == 250
        code, text = smtp.rcpt(a.to, ["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;{a.to}"])
        assert code == 250, f"NOTIFY: {code} {text}"
        # A size that cuts lines, CRLFs and dots somewhere else in each message.
        code, text = smtp.chunks(message, 17 + 31 * number)
        assert code == 250, f"message {name}: {code} {text}"

    # Any octets at all, in one chunk.
    assert smtp.mail("sender@elsewhere.test", ["BODY=BINARYMIME"])[0] == 250
    assert smtp.rcpt(a.to)[0] == 250
    code, text = smtp.docmd("DATA")
    assert code == 503, f"DATA behind BODY=BINARYMIME: {code} {text}"
    smtp.bdat(read(a.binary), True)
    code, text = smtp.getreply()
    assert code == 250, f"binary: {code} {text}"

    # What nobody takes is read to its end all the same, and never as commands.
    assert smtp.mail("sender@elsewhere.test")[0] == 250
    assert smtp.rcpt(a.unknown)[0] == 550
    smtp.bdat(b"QUIT\r\n" * 100, False)
    code, text = smtp.getreply()
    assert code == 503, f"a chunk for nobody: {code} {text}"
    assert smtp.rset()[0] == 250
    assert smtp.noop()[0] == 250
