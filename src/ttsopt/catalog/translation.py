"""Reads `patches/<system>/<patch>/zh.toml`: the texts of a patch in Chinese, beside the English ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ttsopt.boundary.parsing import load_toml
from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.catalog.problems import Problem, SchemaError
from ttsopt.catalog.schema import structured
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_texts import Translation, english_texts

FILE = "zh.toml"


def translation_of(patch: Patch) -> Translation | None:
    """Return the Chinese texts of a patch; None where there are none, or they are wrong or of an older English."""
    if patch.home is None:
        return None
    try:
        read = _read(patch.home / FILE)
    except (ValueError, OSError):
        return None
    return None if any(_wrong(patch, read)) else read


def translation_problems(patch: Patch) -> Iterator[Problem]:
    """Yield what is wrong with a `zh.toml`; a patch may have none."""
    if patch.home is None or not (patch.home / FILE).is_file():
        return
    file = str(patch.home / FILE)
    try:
        yield from (Problem(file, *row) for row in _wrong(patch, _read(patch.home / FILE)))
    except SchemaError as error:
        yield from (Problem(file, *row) for row in error.rows)
    except (ValueError, OSError) as error:
        yield Problem(file, "", str(error))


def _read(file: Path) -> Translation:
    return structured(load_toml(read_text(file, TABLE)), Translation)


def _wrong(patch: Patch, read: Translation) -> Iterator[tuple[str, str]]:
    english = english_texts(patch)
    for key in ("summary", "why", "argued", "cost"):
        if bool(getattr(english, key).strip()) != bool(getattr(read, key).strip()):
            yield key, "it is in one of patch.toml and zh.toml alone"
    if read.of != english.digest:
        yield (
            "of",
            f"the English texts have changed: translate them again, then write {english.digest!r}",
        )
