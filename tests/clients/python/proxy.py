"""`foldback serve` before a rehearsal, and an organization's issuer whose tokens it takes."""

import base64
import json
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from service import BINARY, PATIENCE

AUDIENCE = "api://foldback"


def _number(value):
    """A whole number as a JWK writes it."""
    length = (value.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(value.to_bytes(length, "big")).rstrip(b"=").decode()


class Issuer:
    """Publishes one key, as OpenID Connect Discovery has it, and signs with it."""

    def __init__(self):
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self._key.public_key().public_numbers()
        jwk = {"kty": "RSA", "n": _number(public.n), "e": _number(public.e), "use": "sig", "kid": "one"}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answers = {
                    "/.well-known/openid-configuration": {
                        "issuer": issuer.url,
                        "jwks_uri": f"{issuer.url}/keys",
                    },
                    "/keys": {"keys": [jwk]},
                }
                body = json.dumps(answers.get(self.path)).encode()
                self.send_response(200 if self.path in answers else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def token(self, **claims):
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "iat": now, "exp": now + 600, **claims}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "one"})


class Proxy:
    """A proxy in front of `service`; whoever has a `token` of its issuer may use it."""

    def __init__(self, service):
        self.service = service
        self._issuer = Issuer()
        self._folder = tempfile.TemporaryDirectory(prefix="foldback-test-")
        folder = Path(self._folder.name)
        (folder / "secret").write_text(service.value("client-secret"))
        (folder / "key").write_text(service.value("acs-access-key"))
        config = folder / "foldback.toml"
        config.write_text(
            f"""[graph]
tenant = "{service.value("tenant")}"
client_id = "{service.value("client-id")}"
credential = {{ secret_file = "secret" }}
[acs]
credential = {{ access_key_file = "key" }}
resource_id = "{service.value("acs-resource-id")}"
[sign_in]
issuer = "{self._issuer.url}"
client_id = "{AUDIENCE}"
default_role = "producer"
[limits]
streams_end_within_ms = 0
[rehearsal]
enabled = true
call_service = "{service.address}"
"""
        )
        self._log = tempfile.TemporaryFile(mode="w+")
        arguments = ["serve", "--config", str(config), "--addr", "127.0.0.1:0"]
        self._process = subprocess.Popen(
            [BINARY, *arguments], stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        for line in self._process.stdout:
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "address":
                self.address = value
            if name == "sign-in":
                break
        self.token = self._issuer.token(sub="ada", name="Ada King")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._issuer.close()
            self._folder.cleanup()
        self._log.seek(0)
        assert code == 0, f"the proxy ended with {code}\n{self._log.read()}"

    @property
    def call(self):
        return self.service.call

    def json(self, path, body=None):
        """What Foldback itself answers whoever has the token."""
        request = urllib.request.Request(
            self.address + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error

    def joined(self, meeting):
        """Joins a call; its name, as soon as everybody in it is known."""
        name = self.json("/foldback/v1/calls", meeting)["id"]
        deadline = time.monotonic() + PATIENCE
        while True:
            state = self.json(f"/foldback/v1/calls/{name}")
            if state["roster"] and (state["call"] or {}).get("state") == "established":
                return name
            assert time.monotonic() < deadline, "the call is established"

    def asked(self, name):
        """Who asked for what in a call, oldest first."""
        operations = self.json(f"/foldback/v1/calls/{name}")["operations"]
        return [(it["by"], it["request"]["kind"]) for it in operations]
