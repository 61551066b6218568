"""A local server that speaks what the clients of Hugging Face and ModelScope ask when they fetch a file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
Files = dict[tuple[str, str], bytes]


@dataclass
class HubServer:
    """`files` by repository and path. `cut`: a response ends after so many bytes, once; `lie`: wrong checksums."""

    files: Files
    url: str = ""
    cut: int | None = None
    lie: bool = False
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)

    def sent(self, start: int, content: bytes) -> bytes:
        """What goes out of a body that begins at `start`."""
        body = content[start:]
        if self.cut is None or len(body) <= self.cut:
            return body
        cut, self.cut = self.cut, None
        return body[:cut]

    def digest(self, content: bytes) -> str:
        return hashlib.sha256(content + b"!" * self.lie).hexdigest()


@contextmanager
def hub_server(files: Files) -> Iterator[HubServer]:
    """The server, on a free port of this machine."""
    hub = HubServer(files)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def do_POST(self) -> None:
        self.send_json({"Code": 200, "Success": True, "Data": {}})

    def answer(self, *, body: bool) -> None:
        url = urlsplit(self.path)
        path, query = unquote(url.path), parse_qs(url.query)
        self.hub.asked.append(f"{self.command} {path}")
        of_hf = re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path)
        of_ms = re.match(r"/api/v1/models/([^/]+/[^/]+)/repo", path)
        if of_hf:
            self.send_file(*of_hf.groups(), body=body)
        elif of_ms and "FilePath" in query:
            self.send_file(of_ms[1], query["FilePath"][0], body=body)
        elif of_ms:
            self.send_json({"Code": 200, "Success": True, "Data": {"Files": self.listed(of_ms[1])}})
        elif path.endswith("/revisions"):
            row = {"Revision": "master", "CreatedAt": 1}
            data = {"RevisionMap": {"Branches": [row], "Tags": []}}
            self.send_json({"Code": 200, "Success": True, "Data": data})
        else:
            self.send_json({"Code": 200, "Success": True, "Data": {}})

    def listed(self, repository: str) -> list[dict[str, object]]:
        return [
            {
                "Path": path,
                "Name": path.rpartition("/")[2],
                "Type": "blob",
                "Size": len(content),
                "Sha256": self.hub.digest(content),
                "Revision": COMMIT,
            }
            for (owner, path), content in self.hub.files.items()
            if owner == repository
        ]

    def send_json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_file(self, repository: str, path: str, *, body: bool) -> None:
        content = self.hub.files.get((repository, path))
        if content is None:
            self.send_error(404)
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        if asked:
            self.hub.ranges.append(asked[0])
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{self.hub.digest(content)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            sent = self.hub.sent(start, content)
            self.wfile.write(sent)
            if len(sent) < len(content) - start:
                self.close_connection = True
                self.connection.close()
