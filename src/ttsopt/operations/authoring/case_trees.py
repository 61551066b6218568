"""Trees of cases, as files by path: read, completed with helpers, compared."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from ttsopt.boundary.parsing import parse_python
from ttsopt.boundary.reading import read_bytes

Tree = dict[str, bytes]


def with_helpers(tree: Tree, helpers: Mapping[str, bytes]) -> Tree:
    """Return the tree with helpers of a patch (content by file name) beside the files that import them.

    What is in the tree under such a name already stays. The imports alone decide, whatever the engine laid out, so
    that a helper that it forgot, put elsewhere or wrote wrongly is a difference.
    """
    full = dict(tree)
    waiting = [*tree]
    for path in waiting:  # grows meanwhile: helpers import helpers
        for name in _imported(full[path], helpers):
            beside = PurePosixPath(path).with_name(name).as_posix()
            if beside not in full:
                full[beside] = helpers[name]
                waiting.append(beside)
    return full


def _imported(content: bytes, helpers: Mapping[str, bytes]) -> list[str]:
    """Return the file names of the helpers that a file imports names from; none where it is no Python."""
    named = [name for name in helpers if PurePosixPath(name).stem.encode() in content]
    if not named:
        return []
    try:
        nodes = ast.walk(parse_python(content, sys.version_info[:2]))
    except (SyntaxError, ValueError):
        return []
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    imported = {f"{module.rpartition('.')[2]}.py" for module in modules}
    return [name for name in named if name in imported]


def tree_of(directory: Path) -> Tree:
    """The files of a tree, without ttsopt's own and without bytecode."""
    return {
        path.relative_to(directory).as_posix(): read_bytes(path)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not {".ttsopt", "__pycache__"} & set(path.parts)
    }


def differences(expected: Tree, got: Tree) -> Iterator[str]:
    """Where two trees differ: files that only one has, and a unified diff of the others."""
    for name in sorted(expected.keys() | got.keys()):
        if name not in got:
            yield f"{name} is missing"
        elif name not in expected:
            yield f"{name} should not be there"
        elif expected[name] != got[name]:
            yield f"{name} is not as expected (- expected, + got)\n{_diff(expected[name], got[name])}"


def _diff(expected: bytes, got: bytes) -> str:
    """Lines with what cannot be seen, such as a carriage return, made visible."""
    import difflib

    old, new = ([_readable(line) for line in side.split(b"\n")] for side in (expected, got))
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    return "\n".join(f"    {line}" for line in lines)


def _readable(line: bytes) -> str:
    """A line to be read: letters of any script as they are, control characters escaped."""
    text = line.decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in text)
