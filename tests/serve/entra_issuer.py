"""An Entra ID of the tests: a key server on this machine, keys, and tokens signed with them."""

from __future__ import annotations

import http.server
import json
import time
from typing import Any, NamedTuple

from gen_jax.serve.access.gate import Gate
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Access

TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
AUDIENCE = "api://6e74172b-be56-4843-9ff4-e66a39bb12e3"


def kind_of(gate: Gate, authorization: str | None) -> str | None:
    """Return the kind of the refusal, or None."""
    try:
        gate.check(authorization)
    except Problem as problem:
        return problem.kind if "\n" not in problem.detail else "several lines"
    return None


def bearer(token: str) -> str:
    return f"Bearer {token}"


class AfterNow(NamedTuple):
    """A time in a claim, counted from when its token is made: tests are collected long before they run."""

    seconds: int


class KeyServer(http.server.ThreadingHTTPServer):
    """Serves one document, or fails; counts how often it is asked."""

    def __init__(self) -> None:
        self.document: Any = None
        self.asked = 0
        super().__init__(("127.0.0.1", 0), KeyHandler)


class KeyHandler(http.server.BaseHTTPRequestHandler):
    server: KeyServer  # type: ignore[assignment]

    def do_GET(self) -> None:
        self.server.asked += 1
        body = json.dumps(self.server.document).encode()
        self.send_response(200 if self.server.document is not None else 503)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Issuer:
    """An Entra of our own: its keys, their server, and tokens."""

    def __init__(self, server: KeyServer) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.server = server
        self.key, self.wrong_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.publish("one")
        self.url = f"http://127.0.0.1:{server.server_port}/keys"

    def publish(self, *names: str) -> None:
        """Serve the key under these names."""
        import jwt

        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        keys = [{**public, "kid": name, "use": "sig"} for name in names]
        self.server.document = {"keys": [*keys, {"kty": "EC", "kid": "curve"}, {"kty": "none"}]}

    def token(self, *, key: Any = None, algorithm: str = "RS256", kid: object = "one", **claims: Any) -> str:
        import jwt

        now = int(time.time())
        said = {
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "aud": AUDIENCE,
            "tid": TENANT,
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "roles": ["Images.Make"],
            **claims,
        }
        said = {name: now + value.seconds if isinstance(value, AfterNow) else value for name, value in said.items()}
        said = {name: value for name, value in said.items() if value is not None}
        headers = {} if kid is None else {"kid": kid}
        payload = json.dumps(said).encode()  # jwt.encode would refuse some of them
        return jwt.api_jws.encode(payload, self.key if key is None else key, algorithm, headers=headers)

    def gate(self, **access: Any) -> Gate:
        wanted = {"entra_tenant": TENANT, "entra_audience": AUDIENCE, **access}
        return Gate(Access(**wanted), environment={}, keys_url=self.url)
