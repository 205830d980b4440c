"""One `foldback callservice` of its own, its levers, and a receiver for what it posts."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BINARY = os.environ.get(
    "FOLDBACK_BINARY", str(Path(__file__).parents[3] / "target/debug/foldback")
)

# Longer than anything here takes; a test that gets here has failed.
PATIENCE = 20.0


class Service:
    """A frozen rehearsal with its levers open. Ends with the `with` block, cleanly or the test fails."""

    def __init__(self, *flags, speed="0"):
        self._log = tempfile.TemporaryFile(mode="w+")
        arguments = ["callservice", "--addr", "127.0.0.1:0", "--speed", speed, "--inspect", *flags]
        self._process = subprocess.Popen(
            [BINARY, *arguments],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._values = {}
        self._changed = threading.Condition()
        self._over = False
        threading.Thread(target=self._read, daemon=True).start()

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
        assert code == 0, f"the service ended with {code}\n{self.log()}"

    def _read(self):
        for line in self._process.stdout:
            name, separator, value = line.rstrip("\n").partition(": ")
            with self._changed:
                if separator:
                    self._values[name] = value
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def value(self, name):
        """The value of a printed `name: value` line, as soon as it is there."""
        with self._changed:
            self._changed.wait_for(lambda: name in self._values or self._over, PATIENCE)
            if name not in self._values:
                raise AssertionError(f"the service printed no {name!r}\n{self.log()}")
            return self._values[name]

    def log(self):
        """What it has logged so far."""
        self._log.seek(0)
        return self._log.read()

    @property
    def address(self):
        return self.value("address")

    @property
    def call(self):
        return self.value("graph-call-id")

    def token(self, scope="https://graph.microsoft.com/.default"):
        """A token by client credentials, as any client gets one."""
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_id": self.value("client-id"),
            "client_secret": self.value("client-secret"),
        }
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{self.address}/tenant/oauth2/v2.0/token", body, PATIENCE) as answer:
            return json.load(answer)["access_token"]

    def lever(self, name, order=None, method=None):
        """Pulls a lever below `/rehearsal/v1/`, or reads one; it must work."""
        request = urllib.request.Request(
            f"{self.address}/rehearsal/v1/{name}",
            data=None if order is None else json.dumps(order).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{name}: {error.code} {error.read().decode()}") from error

    def fault(self, **order):
        self.lever("faults", order)

    def switch(self, **order):
        self.lever("switches", order)

    def arrived(self, part, method=None):
        """The requests so far whose path holds `part`, oldest first."""
        return [
            it
            for it in self.lever("requests")
            if part in it["path"] and method in (None, it["method"])
        ]


class Delivery:
    """One POST of the service: its headers and its body."""

    def __init__(self, headers, body):
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def token(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        assert scheme == "Bearer", f"a signed notification carries a bearer token, not {scheme!r}"
        return token


class Receiver:
    """Takes what is posted to it, in order."""

    def __init__(self):
        self._arrived = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._arrived.put(Delivery(self.headers, body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/notifications/secret"
        serve = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        serve.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def next(self):
        """The next delivery."""
        try:
            return self._arrived.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError("no notification came in time") from None

    def until(self, wanted):
        """The next delivery that is wanted; those before it are passed over."""
        while True:
            delivery = self.next()
            if wanted(delivery):
                return delivery

    def is_quiet(self):
        """Whether nothing waits to be looked at."""
        return self._arrived.empty()
