"""The ways in which a tree's own files and texts load one of its modules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

TEXTS = (".md", ".sh", ".bat", ".ps1", ".toml", ".ipynb", "Dockerfile")
_FROM = re.compile(
    r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]{0,4000}\)|[^\n#]*)", re.MULTILINE
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)


@dataclass(frozen=True)
class Tree:
    """All files of a tree by path, and how to read one; `import_paths` as its layout has them.

    `partial`: it shows a few files of a package, whose others are taken to be there.
    """

    paths: frozenset[str]
    read: Callable[[str], bytes]
    import_paths: tuple[str, ...] = (".",)
    partial: bool = False


@dataclass(frozen=True)
class Way:
    """A way to load a module: as `import`, `module` (-m) or `script`, with folders on the import path."""

    kind: str
    name: str
    folders: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} with {':'.join(one or '.' for one in self.folders) or 'no'} path"


def ways_to_load(tree: Tree, path: str, raw: bytes) -> Iterator[Way]:
    """The ways in which the tree loads a file: by every name that is imported there, and as a script."""
    paths = tuple("" if one == "." else one for one in tree.import_paths)
    used = _used_names(tree, path)
    home = _longest(path, paths)
    for base in _bases(path):
        name = _name(path, base)
        if name in used or base == home:
            contexts = _distinct((base,), (base, ""), (base, *paths))
            yield from (Way("import", name, context) for context in contexts)
            yield Way("module", name, contexts[-1])
    named = PurePosixPath(path).stem.isidentifier()
    if not named or b"__main__" in raw or _in_texts(tree, re.compile(rf"{re.escape(path)}\b")):
        contexts = _distinct((), ("",), paths, ("", *paths))
        yield from (Way("script", path, context) for context in contexts)


def _distinct(*contexts: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [*dict.fromkeys(tuple(dict.fromkeys(one)) for one in contexts)]


def _bases(path: str) -> Iterator[str]:
    """Folders from which a file has a name; those whose names below are identifiers."""
    for folder in PurePosixPath(path).parents:
        parts = PurePosixPath(path).relative_to(folder).with_suffix("").parts
        if all(part.isidentifier() for part in parts):
            yield "" if folder.as_posix() == "." else folder.as_posix()


def _name(path: str, base: str) -> str:
    parts = PurePosixPath(path).relative_to(base or ".").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _longest(path: str, paths: Iterable[str]) -> str:
    """The import path that a file is below; the top, where it is below none."""
    above = [one for one in paths if PurePosixPath(path).is_relative_to(one or ".")]
    return max(above, key=len, default="")


def _used_names(tree: Tree, path: str) -> set[str]:
    """Names of a file that the tree's files import or its texts run."""
    names = {base: _name(path, base) for base in _bases(path)}
    used = set()
    for file in (one for one in tree.paths if one.endswith(".py")):
        modules = imported_by(tree.read(file))
        used |= {name for name in names.values() if (0, name) in modules}
        if any(level and _relative(file, level, name) == path for level, name in modules):
            used |= {name for base, name in names.items() if _is_top(tree, path, base)}
    texts = "|".join(rf"-m +{re.escape(one)}\b|\b{re.escape(one)}:\w" for one in names.values())
    by_text = [one for one in names.values() if "." in one and _in_texts(tree, re.compile(texts))]
    return used | set(by_text)


def _relative(file: str, level: int, name: str) -> str:
    folder = PurePosixPath(file).parents[min(level, len(PurePosixPath(file).parents)) - 1]
    return (folder / f"{name.replace('.', '/')}.py").as_posix()


def _is_top(tree: Tree, path: str, base: str) -> bool:
    """True if a folder holds the outermost package that a file is in."""
    folders = [one for one in PurePosixPath(path).parents if one.as_posix() != "."]
    inits = [one for one in folders if (one / "__init__.py").as_posix() in tree.paths]
    top = (inits[-1].parent if inits else folders[-1].parent) if folders else PurePosixPath()
    return (base or ".") == top.as_posix()


def _in_texts(tree: Tree, pattern: re.Pattern[str]) -> bool:
    texts = (path for path in tree.paths if path.endswith(TEXTS))
    return any(_holds(tree.read(path), pattern) for path in texts)


@cache
def _holds(text: bytes, pattern: re.Pattern[str]) -> bool:
    return pattern.search(text.decode("utf-8", "replace")) is not None


@cache
def imported_by(raw: bytes) -> frozenset[tuple[int, str]]:
    """Modules that a file imports, as dots and name; what is taken from one may be one as well."""
    text = raw.decode("utf-8", "replace")
    found = set()
    for one in _FROM.finditer(text):
        base = one[1].lstrip(".")
        level = len(one[1]) - len(base)
        found.add((level, base))
        found |= {(level, f"{base}.{name}".lstrip(".")) for name in re.findall(r"\w+", one[2])}
    for one in _IMPORT.finditer(text):
        found |= {(0, part.split()[0]) for part in one[1].split(",") if part.split()}
    return frozenset(found)
