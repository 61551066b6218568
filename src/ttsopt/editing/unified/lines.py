"""Bytes as lines, where a line feed alone ends a line: what git, diff and patch go by."""

from __future__ import annotations

import re


def split_lines(data: bytes) -> list[bytes]:
    """Lines with their ends; the last one may have none."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", data)
