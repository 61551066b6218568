"""How the files of a tree load one of theirs: as part of a package, by its bare name, or as a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ttsopt.discovery.walk import files_matching
from ttsopt.domain.system import FoundSystem
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.module_search import text_of

# Files that are searched for imports of one; the largest upstream has 500.
MOST_FILES = 3000
_FROM = re.compile(
    r"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]{0,4000}\)|[^\n#]*)", re.MULTILINE
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_TEXTS = ("README*", "*.md", "*.sh", "*.bat", "*.ps1", "docs/*.md")
Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The ways in which a file is loaded."""

    packaged: bool = False
    bare: bool = False
    script: bool = False


def loaded_as(baseline: Baseline, found: FoundSystem, path: Path) -> Loaded:
    """Return how the files below the system's root import the one at `path`, and whether a text there runs it."""
    root = baseline.checkout.directory / found.root
    root = root if path.is_relative_to(root) else baseline.checkout.top
    own = path.relative_to(root).with_suffix("").parts
    packaged = bare = False
    for here, text in _sources(root, found, own[-1]):
        for level, module in _modules(text):
            packaged |= _is_packaged(here, level, module, own)
            bare |= not level and module == own[-1:]
    return Loaded(packaged, bare, script=_run_by_text(root, own))


def _sources(root: Path, found: FoundSystem, stem: str) -> Iterator[tuple[Parts, str]]:
    """Yield folder and text of files that mention a module. Of an environment, those of the package alone."""
    letters = re.escape(stem)
    word = re.compile(rf"{letters}(?<=\b{letters})\b")  # `re` skips to the letters it begins with
    patterns = [f"{folder}/**/*.py" for folder in found.layout.copy] or ["**/*.py"]
    names = (name for pattern in patterns for name in files_matching(root, pattern))
    for name in islice(names, MOST_FILES):
        text = text_of(root / name)
        if stem in text and word.search(text):
            yield tuple(name.split("/")[:-1]), text


def _modules(text: str) -> Iterator[tuple[int, Parts]]:
    """Every module that a text imports, as dots and parts; a name that is taken may be one as well."""
    for found in _FROM.finditer(text):
        dots = len(found[1]) - len(found[1].lstrip("."))
        base = tuple(filter(None, found[1].split(".")))
        yield dots, base
        for name in re.findall(r"\w+", found[2]):
            yield dots, (*base, name)
    for found in _IMPORT.finditer(text):
        for one in found[1].split(","):
            yield 0, tuple(one.split()[0].split(".")) if one.split() else ()


def _is_packaged(here: Parts, level: int, module: Parts, own: Parts) -> bool:
    if level:
        return len(here) >= level - 1 and (*here[: len(here) - level + 1], *module) == own
    # By whatever name the folders above go: two parts tell it from others.
    return len(module) > 1 and module[-2:] == own[-2:]


def _run_by_text(root: Path, own: Parts) -> bool:
    script = f"{'/'.join(own)}.py"
    command = re.compile(rf"(?:python3?|uv run)\b[^\n]*\b{re.escape(script)}\b")
    names = (name for pattern in _TEXTS for name in files_matching(root, pattern))
    texts = (text_of(root / name) for name in names)
    return any(script in text and command.search(text) for text in texts)
