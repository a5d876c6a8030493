"""SCRAM as RFC 5802 writes it down, by smtplib, imaplib and poplib: with and without the server's certificate bound in."""

import base64
import hashlib
import hmac
import imaplib
import os
import poplib
import smtplib

from common import arguments, tls

a = arguments("host", "submissions", "imaps", "pop3s", "user", "password", "unknown", "certificate")
CONTEXT = tls(a.certificate)
PATIENCE = 20


class Refused(Exception):
    """The server has said no."""


class Scram:
    """The client's side: called with each challenge, it gives the answer."""

    def __init__(self, hash_name, user, password, binding=None, flag="n"):
        self.hash_name, self.password = hash_name, password.encode()
        # The server's certificate is signed by ECDSA with SHA-256.
        self.header = b"p=tls-server-end-point,," if binding else flag.encode() + b",,"
        self.binding = binding or b""
        self.nonce = base64.b64encode(os.urandom(18))
        self.bare = b"n=" + user.replace("=", "=3D").replace(",", "=2C").encode() + b",r=" + self.nonce
        self.signature = None
        self.proved = False

    def first(self):
        return self.header + self.bare

    def __call__(self, challenge):
        if not challenge:
            return self.first()
        if self.signature is None:
            return self.prove(challenge)
        assert challenge == b"v=" + base64.b64encode(self.signature), "the server has not proved itself"
        self.proved = True
        return b""

    def hmac(self, key, text):
        return hmac.new(key, text, self.hash_name).digest()

    def prove(self, server_first):
        fields = dict(field.split(b"=", 1) for field in server_first.split(b","))
        assert fields[b"r"].startswith(self.nonce) and len(fields[b"r"]) > len(self.nonce), server_first
        salt, count = base64.b64decode(fields[b"s"]), int(fields[b"i"])
        assert count >= 4096, count
        salted = hashlib.pbkdf2_hmac(self.hash_name, self.password, salt, count)
        client_key = self.hmac(salted, b"Client Key")
        last = b"c=" + base64.b64encode(self.header + self.binding) + b",r=" + fields[b"r"]
        said = b",".join([self.bare, server_first, last])
        client_signature = self.hmac(hashlib.new(self.hash_name, client_key).digest(), said)
        self.signature = self.hmac(self.hmac(salted, b"Server Key"), said)
        proof = bytes(x ^ y for x, y in zip(client_key, client_signature))
        return last + b",p=" + base64.b64encode(proof)


def by_smtp(mechanism, scram, is_initial):
    with smtplib.SMTP_SSL(a.host, int(a.submissions), context=CONTEXT, timeout=PATIENCE) as smtp:
        smtp.ehlo()
        assert mechanism in smtp.esmtp_features["auth"].split(), smtp.esmtp_features["auth"]

        initial = " " + base64.b64encode(scram.first()).decode() if is_initial else ""
        code, text = smtp.docmd("AUTH", mechanism + initial)
        while code == 334:
            code, text = smtp.docmd(base64.b64encode(scram(base64.b64decode(text))).decode())
        if code == 535:
            raise Refused(text)
        assert code == 235, (code, text)
        assert smtp.mail(a.user)[0] == 250


def by_imap(mechanism, scram, _):
    with imaplib.IMAP4_SSL(a.host, int(a.imaps), ssl_context=CONTEXT, timeout=PATIENCE) as imap:
        assert "AUTH=" + mechanism in imap.capabilities, imap.capabilities
        try:
            # imaplib sends no initial response.
            imap.authenticate(mechanism, scram)
        except imaplib.IMAP4.error as error:
            assert b"AUTHENTICATIONFAILED" in error.args[0].encode() or "AUTHENTICATIONFAILED" in str(error), error
            raise Refused(error) from error
        assert imap.select("INBOX")[0] == "OK"


def by_pop3(mechanism, scram, is_initial):
    pop3 = poplib.POP3_SSL(a.host, int(a.pop3s), context=CONTEXT, timeout=PATIENCE)
    try:
        assert mechanism in pop3.capa()["SASL"], pop3.capa()
        initial = " " + base64.b64encode(scram.first()).decode() if is_initial else ""
        pop3._putcmd("AUTH " + mechanism + initial)
        while (line := pop3._getline()[0]).startswith(b"+ "):
            pop3._putcmd(base64.b64encode(scram(base64.b64decode(line[2:]))).decode())
        if line.startswith(b"-ERR"):
            assert line.startswith(b"-ERR [AUTH]"), line
            raise Refused(line)
        assert pop3.stat()[0] >= 0
    finally:
        pop3.close()


def is_refused(by, *arguments):
    try:
        by(*arguments)
    except Refused:
        return True
    return False


with smtplib.SMTP_SSL(a.host, int(a.submissions), context=CONTEXT, timeout=PATIENCE) as smtp:
    CERTIFICATE = hashlib.sha256(smtp.sock.getpeercert(True)).digest()

for by in (by_smtp, by_imap, by_pop3):
    for name, hash_name in (("SCRAM-SHA-1", "sha1"), ("SCRAM-SHA-256", "sha256")):
        for is_initial in (True, False):
            for mechanism, binding in ((name, None), (name + "-PLUS", CERTIFICATE)):
                scram = Scram(hash_name, a.user, a.password, binding)
                by(mechanism, scram, is_initial)
                assert scram.proved, "the server has not proved itself"
            where = (by.__name__, name, is_initial)
            for user, password in ((a.user, "wrong"), (a.unknown, a.password)):
                assert is_refused(by, name, Scram(hash_name, user, password), is_initial), where
            # Somebody stands between, with a certificate of its own; or has taken -PLUS off the list.
            other = Scram(hash_name, a.user, a.password, b"\0" * 32)
            assert is_refused(by, name + "-PLUS", other, is_initial), where
            stripped = Scram(hash_name, a.user, a.password, flag="y")
            assert is_refused(by, name, stripped, is_initial), where
            unbound = Scram(hash_name, a.user, a.password)
            assert is_refused(by, name + "-PLUS", unbound, is_initial), where
