"""A command in the same packet as STARTTLS or STLS must not be answered under TLS (RFC 3207 section 6)."""

import socket
import ssl

from common import arguments, tls

a = arguments("host", "port", "certificate", "protocol")
connection = socket.create_connection((a.host, int(a.port)), timeout=20)
lines = connection.makefile("rb")


def reply():
    while True:
        line = lines.readline()
        if a.protocol != "smtp" or line[3:4] != b"-":
            return line


reply()
if a.protocol == "smtp":
    connection.sendall(b"EHLO client.example.test\r\n")
    reply()
    connection.sendall(b"STARTTLS\r\nNOOP\r\n")
elif a.protocol == "imap":
    connection.sendall(b"a1 STARTTLS\r\na2 NOOP\r\n")
else:
    connection.sendall(b"STLS\r\nNOOP\r\n")
answer = reply()

YES = (b"220", b"+OK", b"a1 OK")
# Either way is right: to refuse at once, or to say yes and close. Wrong is an answer to NOOP, and silence.
after = b""
try:
    if answer.startswith(YES):
        connection = tls(a.certificate).wrap_socket(connection, server_hostname="localhost")
    connection.settimeout(5)
    after = connection.recv(4096)
    if after and not answer.startswith(YES):
        assert not after.startswith((b"250", b"+OK", b"a2 OK")), f"NOOP was answered: {after!r}"
        after = connection.recv(4096)
except TimeoutError:
    raise AssertionError(f"the connection stays open after {answer!r}") from None
except (ssl.SSLError, ConnectionError):
    pass
assert not after, f"there is an answer under TLS: {after!r}"
