"""A plan reads the catalogue's files once, and parses what several patches share once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ttsopt.boundary.parsing import parse_python
from ttsopt.boundary.reading import read_text
from ttsopt.catalog import helpers, load
from ttsopt.domain.effect import Effect
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest, make_plan

SAMPLE = Path(__file__).parents[2] / "patches" / "sample" / "checkout"


def test_every_table_of_the_catalogue_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[Path] = Counter()

    def counting(path: Path, most: int) -> str:
        read[path] += 1
        return read_text(path, most)

    monkeypatch.setattr(load, "read_text", counting)
    make_plan(PlanRequest(Target(SAMPLE), Selection(effect=Effect.LOSSY)))
    assert {path.name for path in read} == {"system.toml", "patch.toml"}
    assert set(read.values()) == {1}


def test_a_helper_is_parsed_once_however_many_patches_lay_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: Counter[bytes | str] = Counter()

    def counting(source: bytes | str, oldest: tuple[int, int]) -> object:
        parsed[source] += 1
        return parse_python(source, oldest)

    monkeypatch.setattr(helpers, "parse_python", counting)
    helpers._outline.cache_clear()
    patches = load.load_catalogue().patches
    shared = Counter(content for patch in patches for content in patch.helpers.values())
    assert max(shared.values()) > 1
    assert parsed == dict.fromkeys(shared, 1)
