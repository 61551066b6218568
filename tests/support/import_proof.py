"""Proves that what a patch edits is still imported, in each way that the tree's own files and texts load it."""

from __future__ import annotations

import ast
import builtins
import contextlib
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from loading_ways import Tree, Way, imported_by, ways_to_load

PROGRAM = Path(__file__).with_name("stubbed_imports.py")
Files = Mapping[str, bytes]
Request = Mapping[str, Any]
Answer = tuple[str, list[str]]


@dataclass(frozen=True)
class Proof:
    """How many ways of loading what was edited worked before and after; those that do not any more, with why.

    `unseen` are edited modules that could not be imported before in any way either.
    """

    proven: int = 0
    broken: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


class Importer:
    """A process that imports, and the folder in which it finds the tree; only what differs is written anew."""

    def __init__(self) -> None:
        self._top = Path(tempfile.mkdtemp(prefix="imports-")).resolve()
        self._there: dict[str, bytes] = {}
        self._known: dict[str, list[Answer]] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.communicate()
        shutil.rmtree(self._top, ignore_errors=True)

    def prove(self, tree: Tree, before: Files, after: Files) -> Proof:
        """Load every Python file that differs, before and after, in all ways that the tree uses."""
        edited = [path for path in before if path in after and before[path] != after[path]]
        rows = [self._prove(tree, path, before, after) for path in edited if path.endswith(".py")]
        return Proof(
            sum(row.proven for row in rows),
            tuple(one for row in rows for one in row.broken),
            tuple(one for row in rows for one in row.unseen),
        )

    def _prove(self, tree: Tree, path: str, before: Files, after: Files) -> Proof:
        ways = [*ways_to_load(tree, path, before[path])]
        request = _request(tree, path, before[path])
        old = self._ask(tree, {**request, "ways": _rows(ways)}, before)
        works = [way for way, (error, _) in zip(ways, old, strict=True) if not error]
        helpers = _helpers(path, before, after)
        texts = [after[one] for one in (path, *helpers)]
        added = _with_helpers(request, helpers, texts)
        new = self._ask(tree, {**added, "ways": _rows(works)}, after)
        problems = [
            (way, error or _not_loaded(helpers, loaded))
            for way, (error, loaded) in zip(works, new, strict=True)
        ]
        broken = [f"{path}: {way}: {problem}" for way, problem in problems if problem]
        return Proof(len(works) - len(broken), tuple(broken), () if works else (path,))

    def _ask(self, tree: Tree, request: Request, files: Files) -> list[Answer]:
        real = {path: files[path] if path in files else tree.read(path) for path in request["real"]}
        hashes = {path: hashlib.sha256(data).hexdigest() for path, data in real.items()}
        key = json.dumps([request, hash(tree.paths), hashes])
        if key not in self._known:
            python = {path: b"" for path in tree.paths if path.endswith(".py")}
            self._lay_out({**python, **real})
            self._known[key] = self._answer(request)
        return self._known[key]

    def _answer(self, request: Request) -> list[Answer]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({**request, "top": str(self._top)}) + "\n")
        stdin.flush()
        return [(error, loaded) for error, loaded in json.loads(stdout.readline())]

    def _lay_out(self, files: Files) -> None:
        for path in self._there.keys() - files.keys():
            (self._top / path).unlink()
            for folder in (self._top / path).parents:
                if folder == self._top or any(folder.iterdir()):
                    break
                folder.rmdir()
        for path, data in files.items():
            if self._there.get(path) != data:
                (self._top / path).parent.mkdir(parents=True, exist_ok=True)
                (self._top / path).write_bytes(data)
        self._there = dict(files)


def _helpers(path: str, before: Files, after: Files) -> list[str]:
    """Files that were laid beside one and that it names, or that one of those names."""
    folder = PurePosixPath(path).parent
    laid = [one for one in after if one not in before and one.endswith(".py")]
    beside = {one: PurePosixPath(one) for one in laid if PurePosixPath(one).parent == folder}
    found: list[str] = []
    texts = [after[path]]
    for text in texts:  # grows meanwhile
        new = [one for one in beside if one not in found and beside[one].stem.encode() in text]
        found += new
        texts += [after[one] for one in new]
    return found


def _not_loaded(helpers: Iterable[str], loaded: Sequence[str]) -> str:
    missing = [one for one in helpers if one not in loaded]
    return f"{', '.join(missing)} is not what was imported" if missing else ""


def _request(tree: Tree, path: str, raw: bytes) -> dict[str, Any]:
    folders = [one.as_posix() for one in PurePosixPath(path).parents]
    inits = [f"{one}/__init__.py" if one != "." else "__init__.py" for one in folders]
    shown = [one for one in inits if one in tree.paths and one != path]
    sources = [raw, *(tree.read(one) for one in shown)]
    stars = [one for source in sources for one in _starred(tree, source)]
    return {
        "real": [*dict.fromkeys((path, *shown, *stars))],
        "stems": [],
        **_names(tree.paths, path, b"\n".join(sources)),
        "partial": tree.partial,
        "unbound": _unbound(raw),
        "fatal": [],
    }


def _with_helpers(
    request: Request, helpers: Sequence[str], texts: Sequence[bytes]
) -> dict[str, Any]:
    """The request for the patched file: its helpers are real, and the names that they give have to be there.

    No module is made up that it or a helper calls as helpers are called.
    """
    words = {one.decode() for text in texts for one in re.findall(rb"\bttsopt_[a-z0-9_]+", text)}
    stems = sorted({PurePosixPath(one).stem for one in helpers} | words)
    imports = (node for text in texts for node in _nodes(text) if isinstance(node, ast.ImportFrom))
    own = (one for one in imports if (one.module or "").split(".")[-1] in stems)
    names = {alias.asname or alias.name for one in own for alias in one.names}
    real = [*request["real"], *helpers]
    return {**request, "real": real, "stems": stems, "fatal": sorted(names)}


def _rows(ways: Iterable[Way]) -> list[tuple[str, str, list[str]]]:
    return [(way.kind, way.name, [*way.folders]) for way in ways]


def _starred(tree: Tree, raw: bytes) -> Iterator[str]:
    """Files of the tree from which everything is imported, as far as a name tells."""
    for level, name in imported_by(raw):
        if (level, name) in _stars(raw):
            ends = (f"/{name.replace('.', '/')}.py", f"/{name.replace('.', '/')}/__init__.py")
            yield from (path for path in sorted(tree.paths) if f"/{path}".endswith(ends))


@cache
def _stars(raw: bytes) -> frozenset[tuple[int, str]]:
    return frozenset(
        (node.level, node.module)
        for node in _nodes(raw)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and node.module
    )


def _names(paths: frozenset[str], path: str, code: bytes) -> dict[str, list[str]]:
    """First names of modules that are the tree's, and of such that a mere folder of the tree hides.

    The tree's are those below a folder of the file, or found by two parts anywhere. A folder without `__init__.py`
    gives way to an installed package; it is taken for one if nothing that is imported from it is in it.
    """
    folders = [one.as_posix() for one in PurePosixPath(path).parents]
    own = {part for folder in folders for part in folder.split("/")}
    levels = {name for level, name in imported_by(code) if not level and name}
    deep = {name.split(".")[0] for name in levels if "." in name and f".{name}." in _dotted(paths)}
    near = {
        first: {f"{folder}/{first}".removeprefix("./") for folder in folders} & _places(paths)
        for first in {name.split(".")[0] for name in levels}
    }
    found = {first for first, places in near.items() if places}
    mere = {
        first
        for first in found - deep - own
        if not any(f"{one}.py" in paths or f"{one}/__init__.py" in paths for one in near[first])
    }
    return {"own": sorted((own | found | deep) - mere), "outside": sorted(mere)}


@cache
def _dotted(paths: frozenset[str]) -> str:
    return "\n".join(f".{path.removesuffix('.py').replace('/', '.')}." for path in sorted(paths))


@cache
def _places(paths: frozenset[str]) -> frozenset[str]:
    """Modules and folders with Python files in them."""
    files = [PurePosixPath(path) for path in paths if path.endswith(".py")]
    folders = {folder.as_posix() for file in files for folder in file.parents}
    return frozenset(folders | {file.with_suffix("").as_posix() for file in files})


@cache
def _unbound(raw: bytes) -> list[str]:
    """Names that a file reads and nowhere binds: what its `*` imports must give."""
    nodes = _nodes(raw)
    names = [node for node in nodes if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    aliases = [node for node in nodes if isinstance(node, ast.alias)]
    bound |= {(one.asname or one.name).split(".")[0] for one in aliases}
    return sorted(read - bound - set(dir(builtins)))


def _nodes(raw: bytes) -> list[ast.AST]:
    """The nodes of a file; none where it does not compile, which its import says."""
    with warnings.catch_warnings(), contextlib.suppress(SyntaxError, ValueError):
        warnings.simplefilter("ignore")
        return [*ast.walk(ast.parse(raw))]
    return []
