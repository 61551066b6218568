"""Places like a construct that an edit did not find: spelled in another way, in another place, in another form."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ttsopt.editing.python.aliases import CONVENTIONAL, Aliases, alias_in, aliases_of, spelled_out
from ttsopt.editing.python.nearest import difference, header, names_of
from ttsopt.editing.python.pattern import loosened, match, nodes_like, parse_pattern
from ttsopt.editing.python.placeholders import ONE
from ttsopt.editing.python.scopes import Definition, scopes
from ttsopt.editing.python.settings import Setting, setting_of, settings_in
from ttsopt.editing.python.source import PythonSource

# Letters of all names below which chance alone finds a construct somewhere; a setting has its value as well.
FEWEST = 9
FEWEST_OF_SETTING = 5
Node = ast.expr | ast.stmt
Rows = Iterator[tuple[Node, str]]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Sighting at a line (1-based) of a file, in which definition, and what sets it apart.

    `in_scope`: it is where the edit looks, in another form.
    """

    line: int
    text: str
    scope: str
    in_scope: bool
    difference: str


@dataclass(frozen=True)
class Sought:
    """Target of an edit, as far as it is worth looking for elsewhere: one of the three."""

    scope: str
    pattern: str = ""
    setting: Setting | None = None
    definition: str = ""

    @cached_property
    def words(self) -> frozenset[bytes]:
        """Words that every file with the construct holds, whatever it calls a module."""
        names = {self.definition} if self.definition else set()
        if self.setting:
            names = {self.setting.name}
        if self.pattern:
            names = names_of(parse_pattern(self.pattern)) - CONVENTIONAL.keys()
        return frozenset(name.encode() for name in names)

    @property
    def is_told(self) -> bool:
        """True if its names are more than chance would find."""
        fewest = FEWEST_OF_SETTING if self.setting else FEWEST
        return sum(map(len, self.words)) >= fewest


def sought_pattern(scope: str, pattern: str) -> Iterator[Sought]:
    """Yield a pattern to look for, and the setting that it is, if it is one.

    Raises:
        PatternError: It is no pattern.
    """
    yield Sought(scope, pattern)
    if (setting := setting_of(parse_pattern(pattern))) is not None:
        yield Sought(scope, setting=setting)


def sought_setting(scope: str, name: str, old: Sequence[str], form: str) -> Iterator[Sought]:
    """Yield a name that has one of the old values.

    Raises:
        PatternError: One of them is no value.
    """
    yield Sought(scope, setting=Setting(name, tuple(map(parse_pattern, old)), form))


def sightings(source: PythonSource, sought: Sought) -> Iterator[Sighting]:
    """Where a file has it."""
    inside = {id(scope) for scope in scopes(source.tree, sought.scope)}
    for node, apart in _rows(source, sought):
        above = [*source.ancestors(node)]
        names = [one.name for one in above if isinstance(one, Definition)]
        statement = source.statement(node)
        yield Sighting(
            statement.lineno,
            header(source.text(statement)),
            ".".join(reversed(names)),
            any(id(one) in inside for one in above),
            apart,
        )


def _rows(source: PythonSource, sought: Sought) -> Rows:
    if sought.pattern:
        yield from _like(source, sought)
    elif sought.setting:
        for value, form in settings_in(source, sought.setting):
            other = f"{form}, where the patch expects {sought.setting.form}"
            yield value, "" if form == sought.setting.form else other
    else:
        found = source.nodes(source.tree)
        for kind in (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef):
            for node in found.get(kind, ()):
                if isinstance(node, Definition) and node.name == sought.definition:
                    yield node, ""


def _like(source: PythonSource, sought: Sought) -> Rows:
    """Return what matches but for the names of modules, and for arguments that the pattern does not have."""
    aliases = aliases_of(source)
    plain, spelled = parse_pattern(sought.pattern), _spelled(sought.pattern)
    for node in _candidates(source, plain, aliases):
        apart = _apart(plain, node, "")
        if apart is None and (alias := alias_in(node, aliases)):
            there = spelled_out(node, aliases)
            apart = _apart(spelled, there, f"`{alias}` there is `{aliases[alias]}`")
        if apart is not None:
            yield node, apart


@lru_cache
def _spelled(pattern: str) -> ast.AST:
    return spelled_out(parse_pattern(pattern), CONVENTIONAL)


@lru_cache
def _loose(pattern: ast.AST) -> ast.AST:
    return loosened(pattern)


def _apart(pattern: ast.AST, node: ast.AST, said: str) -> str | None:
    """Return what sets a node apart from a pattern that it matches, if need be with more arguments; else None."""
    if match(pattern, node) is not None:
        return said
    if match(_loose(pattern), node) is None:
        return None
    return "; ".join(filter(None, (said, difference(pattern, node))))


def _candidates(source: PythonSource, pattern: Node, aliases: Aliases) -> Iterator[Node]:
    """Nodes of the pattern's kind, or an alias in its place, whose last name is that of the pattern."""
    last = _last(pattern, {})
    nodes = nodes_like(source, source.tree, pattern)
    if isinstance(pattern, ast.Attribute):
        names = source.nodes(source.tree).get(ast.Name, ())
        nodes += [node for node in names if isinstance(node, ast.Name) and node.id in aliases]
    return (node for node in nodes if not last or _last(node, aliases) == last)


def _last(node: ast.AST, aliases: Aliases) -> str:
    match node:
        case ast.Call(func=inner) | ast.Expr(value=inner):
            return _last(inner, aliases)
        case ast.Attribute(attr=name):
            return name
        case ast.Name(id=name):
            return "" if name.startswith(ONE) else aliases.get(name, name).rpartition(".")[2]
    return ""
