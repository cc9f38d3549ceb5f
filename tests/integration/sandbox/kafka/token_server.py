"""An authorization server in small: `python -m THIS_MODULE DIRECTORY PORT`.

It hands out tokens that live for LIFE seconds to the one client it knows, signed with a key whose
public half it leaves in the directory for brokers (`jwks.json`). Every answer is a line in
`tokens.log`: the HTTP status and the client that asked.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "probe-client", "Oauth-5f3b"
AUDIENCE = "kafka"
LIFE = 8


def main(directory: Path, port: int) -> None:
    """Serve until killed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig"}
    public |= {"n": _text(numbers.n.to_bytes(256)), "e": _text(numbers.e.to_bytes(3))}
    (directory / "jwks.json").write_text(json.dumps({"keys": [public]}))

    class Tokens(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic "))
            known = asked.decode() == f"{CLIENT}:{SECRET}"
            answer = {"access_token": _token(key), "token_type": "bearer", "expires_in": LIFE}
            refusal = {"error": "invalid_client"}
            body = json.dumps(answer if known else refusal).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            with (directory / "tokens.log").open("a") as log:
                log.write(format % arguments + "\n")

    HTTPServer(("127.0.0.1", port), Tokens).serve_forever()


def _token(key: rsa.RSAPrivateKey) -> str:
    now = int(time.time())
    header = {"alg": "RS256", "kid": "one", "typ": "JWT"}
    claims = {"sub": CLIENT, "aud": AUDIENCE, "scope": "kafka", "iat": now, "exp": now + LIFE}
    signed = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_text(key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def _text(data: bytes) -> str:
    """Return base64url without padding, as JWT and JWK want it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
