"""Two ways to ask the engine: for the bytes that come out, and for the one answer of one edit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve

pytest.register_assert_rewrite("edit_checks")


def as_bytes(source: str | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.encode()


@pytest.fixture
def patched() -> Callable[..., bytes]:
    """`patched(source, *edits)`: the bytes with all edits that apply."""

    def run(source: str | bytes, *edits: Edit) -> bytes:
        raw = as_bytes(source)
        return compose_checked("a.py", raw, resolve("a.py", raw, edits).splices)

    return run


@pytest.fixture
def answer() -> Callable[[str | bytes, Edit], EditAnswer]:
    """`answer(source, edit)`: what that edit answers."""

    def run(source: str | bytes, edit: Edit) -> EditAnswer:
        return resolve("a.py", as_bytes(source), [edit]).answers[0]

    return run
