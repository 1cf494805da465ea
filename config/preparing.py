"""Answers on the demo's port while the demo prepares: /health/ for programs, a page for people.

Standard library only: it runs before anything is installed.
"""

import json
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>Lotbook is preparing</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}}
</style></head><body><h1>Lotbook is preparing</h1><p role="status">{step}</p>
<p>This page looks again by itself and opens the demo as soon as it is ready.</p></body></html>
"""


class Preparing:
    """Serves on a listening socket until it is handed over; the socket itself stays open."""

    def __init__(self, listener: socket, step: str) -> None:
        self.step = step
        self._server = ThreadingHTTPServer(
            listener.getsockname()[:2], self._handler(), bind_and_activate=False
        )
        self._server.socket.close()
        self._server.socket = listener
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    def hand_over(self) -> None:
        """Take no more connections: whoever else listens on the socket answers from now on."""
        self._server.shutdown()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        preparing = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.split("?")[0].rstrip("/") == "/health":
                    answer = {"status": "preparing", "step": preparing.step}
                    self.answer(200, "application/json", json.dumps(answer))
                else:
                    page = PAGE.format(step=escape(preparing.step))
                    self.answer(503, "text/html; charset=utf-8", page)

            do_POST = do_HEAD = do_GET

            def answer(self, status: int, kind: str, text: str) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Retry-After", "2")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Nothing: the demo's own progress lines are what people read."""

        return Handler
