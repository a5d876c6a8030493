"""Says a token that the Dovecot of these scenarios takes for a user: a JWT of HS256, good for some seconds."""

import base64
import hashlib
import hmac
import json
import time

from common import arguments

a = arguments("user", "seconds")
KEY = b"interop-key-of-32-octets-or-more"


def text(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


now, seconds = int(time.time()), int(a.seconds)
claims = {"sub": a.user, "iat": now - 1000, "nbf": now - 1000, "exp": now + seconds}
said = ".".join(text(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
print(f"{said}.{text(hmac.new(KEY, said.encode(), hashlib.sha256).digest())}")
