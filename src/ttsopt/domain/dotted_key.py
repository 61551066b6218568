"""Dotted keys of config files, as TOML writes them: `custom.is_half`, `'a.b'.c`, `servers.0.port`."""

from __future__ import annotations

import json
import re

_PART = re.compile(r"""[ \t]*(?:([\w-]+)|'([^'\r\n]+)'|("(?:[^"\\\r\n]|\\.)+"))[ \t]*""")


def split_key(text: str) -> tuple[str, ...]:
    """The parts of a dotted key, without their quotes.

    Raises:
        ValueError: It is no dotted key. Source: https://toml.io/en/v1.0.0#keys
    """
    parts: list[str] = []
    position = 0
    while True:
        found = _PART.match(text, position)
        if found is None:
            raise ValueError(f"no dotted key: {text!r}")
        bare, literal, basic = found.groups()
        parts.append(bare or literal or _unescaped(basic, text))
        if found.end() == len(text):
            return tuple(parts)
        if text[found.end()] != ".":
            raise ValueError(f"no dotted key: {text!r}")
        position = found.end() + 1


def _unescaped(quoted: str, text: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError as error:
        raise ValueError(f"no dotted key: {text!r}") from error
