"""Every state that a patch's files had in the history of a repository's default branch, read with git alone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from loading_ways import imported_by

from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System

REGULAR = ("100644", "100755")
# Texts that say how a file is run.
TEXTS = ("README*", "*.md", "*.sh", "*.bat", "*.ps1", "docs/*.md")


@dataclass(frozen=True)
class Version:
    """A distinct state of the files that a patch names, at the first commit that has it.

    `blobs` are git's hashes of `files`; `beside` are other files of that commit, which tell the system and the
    package layout. `complete`: all files that some layout of the system asks for are there.
    """

    commit: str
    date: str
    blobs: tuple[tuple[str, str], ...]
    files: Mapping[str, bytes]
    beside: Mapping[str, bytes]
    complete: bool

    @property
    def held_out(self) -> bool:
        """Whether any of its files was kept from whoever wrote the rules."""
        return any(is_held_out(blob) for _, blob in self.blobs)


def is_held_out(blob: str) -> bool:
    """The half of all blobs that no rule was written from: an odd first digit of the hash."""
    return int(blob[0], 16) % 2 == 1


class Repository:
    """A repository, bare or not, read through one `git cat-file` process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trees: dict[str, dict[str, str]] = {}
        self._blobs: dict[str, bytes] = {}
        self._reader = subprocess.Popen(
            ["git", "-C", str(path), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Let the reader end by itself."""
        self._reader.communicate()

    def head(self) -> str:
        """The commit that the history is read from."""
        return self._git("rev-parse", "HEAD").decode().strip()

    def commits(self, paths: Sequence[str]) -> list[tuple[str, str]]:
        """Commits (hash, day), oldest first, in which a file at one of these paths or globs is another one."""
        specs = [f":(top,glob){path}" for path in paths]
        order = ("--full-history", "-m", "--raw", "--no-renames", "--reverse")
        out = self._git("log", *order, "--format=C %H %cs", "HEAD", "--", *specs)
        lines = [line.split(" ") for line in out.decode("utf-8", "replace").splitlines()]
        return list(dict.fromkeys((one[1], one[2]) for one in lines if one[0] == "C"))

    def tree(self, commit: str) -> dict[str, str]:
        """Hashes of all regular files of a commit, by path."""
        if commit not in self._trees:
            rows = self._git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
            fields = [row.partition(b"\t") for row in rows if row]
            self._trees[commit] = {
                path.decode("utf-8", "surrogateescape"): meta.decode().split(" ")[2]
                for meta, _, path in fields
                if meta.decode().startswith(REGULAR)
            }
        return self._trees[commit]

    def blob(self, name: str) -> bytes:
        """The bytes of a file, by its hash."""
        if name not in self._blobs:
            stdin, stdout = self._reader.stdin, self._reader.stdout
            assert stdin is not None
            assert stdout is not None
            stdin.write(name.encode() + b"\n")
            stdin.flush()
            size = int(stdout.readline().split()[2])
            self._blobs[name] = stdout.read(size)
            assert stdout.read(1) == b"\n"
        return self._blobs[name]

    def _git(self, *arguments: str) -> bytes:
        done = subprocess.run(
            ["git", "-C", str(self._path), *arguments], capture_output=True, check=True
        )
        return done.stdout


def versions(
    repository: Repository,
    patch: Patch,
    system: System,
    others: Sequence[str] = (),
    required: Sequence[Patch] = (),
) -> Iterator[Version]:
    """All distinct versions of the files of a patch, oldest first; states without any of them are left out.

    `others` are globs of files that the patch does not name, but where somebody else looks for its construct;
    `required` are patches that are applied before it, whose files are laid out beside.
    """
    targets = [*_paths(patch), *others]
    signature = [file.path for layout in system.layouts for file in layout.files]
    seen = set()
    for commit, date in repository.commits([*targets, *signature]):
        tree = repository.tree(commit)
        blobs = tuple((path, tree[path]) for path in sorted(matching(tree, targets)))
        complete = any(all(one.path in tree for one in layout.files) for layout in system.layouts)
        if blobs and (blobs, complete) not in seen:
            seen.add((blobs, complete))
            files = {path: repository.blob(blob) for path, blob in blobs}
            needed = [path for one in required for path in _paths(one)]
            laid = _beside(tree, files, [*signature, *needed, *_asked_about(patch)])
            if patch.helpers or any(one.helpers for one in required):
                laid |= _around(repository, tree, files) - set(files)
            beside = {path: repository.blob(tree[path]) for path in laid}
            yield Version(commit, date, blobs, files, beside, complete)


def matching(tree: Iterable[str], patterns: Iterable[str]) -> set[str]:
    """Paths that one of the patterns fits: `*` within a name, `**` for any folders, all else as written."""
    wanted = [_expression(pattern) for pattern in patterns]
    return {path for path in tree if any(one.fullmatch(path) for one in wanted)}


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*)", pattern)
    known = {"**/": "(?:[^/]+/)*", "*": "[^/]*"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts))


def _around(
    repository: Repository, tree: Mapping[str, str], files: Mapping[str, bytes]
) -> set[str]:
    """What tells how the files import their siblings: their own imports, who imports them, what is beside them."""
    python = [path for path in tree if path.endswith(".py")]
    edited = [PurePosixPath(path) for path in files if path.endswith(".py")]
    names = {name for path in edited for _, name in imported_by(files[path.as_posix()]) if name}
    ends = tuple(
        f"/{name.replace('.', '/')}{end}" for name in names for end in (".py", "/__init__.py")
    )
    stems, folders = {path.stem for path in edited}, {path.parent for path in edited}
    importing = {
        path
        for path in python
        if any(name.split(".")[-1] in stems for _, name in imported_by(repository.blob(tree[path])))
    }
    beside = {path for path in python if PurePosixPath(path).parent in folders}
    imported = {path for path in python if f"/{path}".endswith(ends)}
    return importing | beside | imported | matching(tree, TEXTS)


def _paths(patch: Patch) -> list[str]:
    return [path for target in patch.files for path in target.paths]


def _asked_about(patch: Patch) -> list[str]:
    facts = [path for fact in patch.requires.facts for path in fact.paths]
    return [*facts, *(path for note in patch.notes for path in note.paths)]


def _beside(tree: Mapping[str, str], files: Iterable[str], others: Iterable[str]) -> set[str]:
    """What else is laid out: what tells the system, what the patch asks about, what makes a package."""
    folders = {folder for path in files for folder in PurePosixPath(path).parents}
    packages = {(folder / "__init__.py").as_posix() for folder in folders}
    return (matching(tree, others) | packages & set(tree)) - set(files)
