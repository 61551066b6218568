"""A TOML file that settings can be carried into: what it says, and changes of its text that change that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import tomlkit

from ttsopt.editing.config.key_changes import ABSENT, Path, Tree, TreeChange, dotted, value_at
from ttsopt.editing.config.text import Change, ConfigText, RefusedError
from ttsopt.editing.config.toml_edit import TomlSource, meaning, parse_toml
from ttsopt.editing.config.toml_place import appended, value_span

_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'",
    re.DOTALL,
)
_KEY = r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_ASSIGNMENT = rf"[ \t]*{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*[ \t]*=[ \t]*"
_WHOLE = re.compile(_ASSIGNMENT)
_LATER = re.compile(rf",\s*{_ASSIGNMENT}\Z")
_FIRST = re.compile(rf"(?<=\{{){_ASSIGNMENT}\Z")
_TAIL = re.compile(r"[ \t]*(#.*)?")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file and what it says; see `carry_keys.ConfigFile`."""

    source: TomlSource
    tree: Tree

    @classmethod
    def of(cls, raw: bytes) -> TomlFile:
        """Read a file's bytes.

        Raises:
            UnparsableError: They are no TOML.
        """
        source = parse_toml(raw)
        return cls(source, meaning(source.data))

    @property
    def config(self) -> ConfigText:
        """Its text."""
        return self.source.config

    def key(self, path: Path) -> str:
        """A place as a dotted key."""
        return dotted(path) or "the file"

    def value_text(self, path: Path) -> str:
        """The value at a place as it is written, or on one line where it is written in several places."""
        return next(self.texts(path))

    def is_in_one_place(self, path: Path) -> bool:
        """Return True if the value at a place is one part of the text."""
        return self._place(path) is not None

    def offset(self, path: Path) -> int:
        """Where a place, or what is nearest above it, begins in the text; -1 where it does not say."""
        for length in range(len(path), 0, -1):
            place = self._place(path[:length])
            if place:
                return place[0]
        return -1

    def candidates(self, change: TreeChange, base: TomlFile, target: TomlFile) -> Iterator[Change]:
        """Changes of the text that may make a change of the tree, the best first.

        Raises:
            RefusedError: There is none.
        """
        parts = _parts(change.path)
        if change.base is ABSENT:
            for text in target.texts(change.path):
                yield appended(self.config, parts, _in_lines(text, self.config.newline))
            return
        place = value_span(self.config, parts)
        if change.target is ABSENT:
            yield self._removal(change.path, place, base)
            return
        self._see_comments(change.path, place, base)
        for text in target.texts(change.path):
            yield Change(*place, _in_lines(text, self.config.newline))

    def texts(self, path: Path) -> Iterator[str]:
        """How the value at a place may be written in another file: as it is here, else on one line."""
        place = self._place(path)
        if place:
            yield self.config.text[slice(*place)]
        value = self.source.data
        for part in path:
            value = value[part]  # type: ignore[index]
        # In a list, as a table of its own would get a header.
        yield tomlkit.item([value]).as_string()[1:-1]

    def _place(self, path: Path) -> tuple[int, int] | None:
        if not path or value_at(self.tree, path) is ABSENT:
            return None
        try:
            return value_span(self.config, _parts(path))
        except RefusedError:
            return None

    def _removal(self, path: Path, place: tuple[int, int], base: TomlFile) -> Change:
        found = _removal(self.config, *place)
        if found is None:
            raise RefusedError("it shares a line with something else", place[0])
        self._see_comments(path, (found.start, found.end), base)
        return found

    def _see_comments(self, path: Path, place: tuple[int, int], base: TomlFile) -> None:
        """See that no comment goes with a part of the text but those that `base` has in the value's lines."""
        own = _comments(self.config.text[slice(*place)])
        lost = own - base.comments(path) if own else own
        if lost:
            raise RefusedError(f"the comment `{min(lost)}` would be lost", place[0])

    def comments(self, path: Path) -> frozenset[str]:
        """The comments in the lines of a value that is in one place."""
        place = self._place(path)
        if place is None:
            return frozenset()
        start, end = place
        return _comments(self.config.text[start : self.config.line_end(end)])


def _removal(config: ConfigText, start: int, end: int) -> Change | None:
    """The change that takes a value out with its key: the line, or its part of a table on one line."""
    line_start, line_end = config.line_start(start), config.line_end(end)
    if _WHOLE.fullmatch(config.text, line_start, start):
        alone = _TAIL.fullmatch(config.text, end, line_end)
        return config.without_lines(line_start, line_end) if alone else None
    line = config.text[line_start:start]
    later, first = _LATER.search(line), _FIRST.search(line)
    if later:
        return Change(line_start + later.start(), end, "")
    comma = re.compile(r"[ \t]*,[ \t]*").match(config.text, end)
    return Change(line_start + first.start(), comma.end() if comma else end, "") if first else None


def _parts(path: Path) -> tuple[str, ...]:
    return tuple(str(part) for part in path)


def _in_lines(text: str, newline: str) -> str:
    """A value that runs over lines, with the line ends of another file: TOML takes either for the same."""
    return re.sub(r"\r\n|\n", newline, text)


def _comments(text: str) -> frozenset[str]:
    return frozenset(row.strip() for row in re.findall(r"#[^\r\n]*", _STRING.sub('""', text)))
