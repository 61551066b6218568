"""Keep arrays by key where they outlive the process: in a folder, or on a Redis that several services share.

`open_store(place)` takes the words of a patch's parameter: empty keeps nothing, `disk` a folder of the user's
cache, `redis://HOST:PORT/DB?ttl=SECONDS` (also `rediss://`, with a password as in all such addresses) a Redis,
anything else the folder of that name. What is kept is the bytes of a `.npy` file, which are read without pickle:
whoever can write there can give a wrong voice, and run nothing. At most 1 MB each, real numbers alone; what cannot
be read is made anew. A folder keeps the MOST used last, and puts a file there in one step. Redis forgets after
`ttl` seconds (a week) what was not asked for meanwhile.

A store that fails answers nothing, is said once on stderr, and is asked again after half a minute: the service
speaks as it did without. Nothing waits longer than half a second for it.

Laid out by ttsopt; needs Python 3.8 and numpy, and for Redis the package redis (pip install redis).
"""

import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import numpy as np

FOLDER = "TTSOPT_EMBEDDINGS_FOLDER"
MOST = 4096  # files of a folder
MOST_BYTES = 1 << 20  # of one array with its head
WEEK = 7 * 24 * 3600
SECONDS = 0.5  # for an answer of Redis
AGAIN_SECONDS = 30.0
PREFIX = "ttsopt:embedding:"
_SUFFIX = ".npy"
_DISK = "disk"
_NUMBERS = "fiu"

__ttsopt_fallbacks__ = []  # read by ttsopt's benchmark: what was said on stderr


def open_store(place):
    """Return the store that words name; None for none."""
    words = (place or "").strip()
    if not words:
        return None
    if words.lower().startswith(("redis://", "rediss://")):
        return Store(_Redis(words), _without_password(words))
    folder = _cache_folder() if words.lower() == _DISK else Path(words).expanduser()
    return Store(_Folder(folder), str(folder))


class Store:
    """Arrays by key, of 64 hex digits; a place that fails is left alone for a while."""

    def __init__(self, place, name):
        self.place, self.name = place, name
        self.asked_again = 0.0

    def get(self, key):
        """Return the array of a key; None where there is none that can be read."""
        data = self._try(self.place.read, key)
        return None if data is None else _array(data)

    def put(self, key, array):
        """Keep an array, where it is one of real numbers and not too large."""
        data = _bytes(array)
        if data is not None:
            self._try(self.place.write, key, data)

    def _try(self, action, *values):
        if time.monotonic() < self.asked_again:
            return None
        try:
            return action(*values)
        except Exception as error:  # noqa: BLE001 - whatever a client raises, the voice is computed
            self.asked_again = time.monotonic() + AGAIN_SECONDS
            _say_once("%s keeps no embeddings: %s" % (self.name, str(error).split("\n")[0]))
            return None


def _bytes(array):
    if array.dtype.kind not in _NUMBERS or array.nbytes > MOST_BYTES // 2:
        return None
    made = io.BytesIO()
    np.save(made, array, allow_pickle=False)
    return made.getvalue()


def _array(data):
    if len(data) > MOST_BYTES:
        return None
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError, SyntaxError):
        return None
    fits = isinstance(array, np.ndarray) and array.dtype.kind in _NUMBERS
    return array if fits and np.isfinite(array).all() else None


class _Folder:
    """One file for each key; the ones used last stay."""

    def __init__(self, path):
        self.path = path

    def read(self, key):
        path = self.path / (key + _SUFFIX)
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return data

    def write(self, key, data):
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=str(self.path))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(self.path / (key + _SUFFIX))
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        self._drop_oldest()

    def _drop_oldest(self):
        with os.scandir(str(self.path)) as listing:
            there = [
                (row.stat().st_mtime, row.path) for row in listing if row.name.endswith(_SUFFIX)
            ]
        for _, path in sorted(there)[: max(0, len(there) - MOST)]:
            with contextlib.suppress(OSError):
                Path(path).unlink()


class _Redis:
    """A Redis, connected to when it is first asked."""

    def __init__(self, address):
        parts = urlsplit(address)
        asked = parse_qs(parts.query)
        self.ttl = max(1, int(asked.pop("ttl", [WEEK])[0]))
        self.address = urlunsplit(parts._replace(query=""))
        self.client = None

    def read(self, key):
        client = self._connected()
        if (client.strlen(PREFIX + key) or 0) > MOST_BYTES:
            return None
        data = client.get(PREFIX + key)
        if data is not None:
            client.expire(PREFIX + key, self.ttl)
        return data

    def write(self, key, data):
        self._connected().set(PREFIX + key, data, ex=self.ttl)

    def _connected(self):
        if self.client is None:
            import redis

            limits = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
            self.client = redis.Redis.from_url(self.address, **limits)
        return self.client


def _cache_folder():
    named = os.environ.get(FOLDER)
    if named:
        return Path(named)
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ttsopt" / "embeddings"


def _without_password(address):
    parts = urlsplit(address)
    return "%s://%s:%s" % (parts.scheme, parts.hostname, parts.port or 6379)


def _say_once(text):
    if text not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(text)
        sys.stderr.write("ttsopt: %s\n" % (text,))
