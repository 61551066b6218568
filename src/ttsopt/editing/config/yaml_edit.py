"""`SetYaml`: a value at a dotted key, found by the marks of composed nodes and spliced into the text."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ttsopt.domain.edits import SetYaml
from ttsopt.domain.plan import Status
from ttsopt.editing.checking import WrongCode, told
from ttsopt.editing.config.text import (
    Change,
    Look,
    RefusedError,
    either,
    key_parts,
    other_value,
    refusal,
)
from ttsopt.editing.config.yaml_place import (
    appended,
    holds_shared,
    replaced,
    shared_nodes,
    span,
)
from ttsopt.editing.config.yaml_source import Place, YamlSource, compose_all, locate, merges
from ttsopt.editing.config.yaml_value import canonical, flat, value_node, wanted_text
from ttsopt.editing.unparsable import UnparsableError

_NULL = "tag:yaml.org,2002:null"


def holds_yaml_key(source: YamlSource, parts: tuple[str, ...]) -> bool:
    """Return True if a document of the file has a key itself, not through a merge."""
    try:
        return any(not locate(root, parts).left for root in source.roots)
    except RefusedError:
        return True  # more than once


def set_yaml(source: YamlSource, edit: SetYaml) -> Look:
    """Look one edit up, in the first document that has the key, or most of the way to it.

    Raises:
        PatternError: The key is none, or a value of the patch is no YAML.
    """
    parts = key_parts(edit.key)
    new = wanted_text(edit.new)
    old = [canonical(value_node(text)) for text in edit.old]
    try:
        places = [locate(root, parts) for root in source.roots]
        if not places:
            return Look(Status.ABSENT)
        number = min(range(len(places)), key=lambda i: places[i].left)
        place = places[number]
        if not place.left:
            found = _judged(source, edit, place, source.roots[number], old)
        else:
            found = _missing(source, edit, parts, place)
        return found if isinstance(found, Look) else _made(source, parts, number, found, new)
    except RefusedError as error:
        return refusal(source.config, error)


def _judged(
    source: YamlSource, edit: SetYaml, place: Place, root: Node, old: list[tuple[object, ...]]
) -> Look | Change:
    value, new = place.value, wanted_text(edit.new)
    wanted = canonical(value_node(new))
    line = source.config.line_number(value.start_mark.index)
    if isinstance(value, ScalarNode) and canonical(value) == wanted:
        return Look(Status.ALREADY, line)
    shared = shared_nodes(root)
    if any(id(node) in shared for node in place.way) or holds_shared(value, shared):
        reason = (
            f"`{edit.key}` is shared by an anchor and an alias: a change would be one elsewhere"
        )
        raise RefusedError(reason, value.start_mark.index, "a value that two places share")
    current = canonical(value)
    if current == wanted:
        return Look(Status.ALREADY, line)
    if current not in old and not (edit.own_values and isinstance(value, ScalarNode)):
        where = span(source.config, value)
        return other_value(source.config, edit.key, where, either(edit.old), edit.new)
    return replaced(source.config, place.way[-2], value, new)


def _missing(
    source: YamlSource, edit: SetYaml, parts: tuple[str, ...], place: Place
) -> Look | Change:
    node, start = place.value, place.value.start_mark.index
    depth = len(parts) - place.left
    above = ".".join(parts[:depth]) or "the file"
    if merges(node, parts[depth]):
        raise RefusedError(
            f"`{edit.key}` comes from another mapping by `<<`: a change would be one elsewhere",
            start,
            "a key merged in where the patch expects one of its own",
        )
    empty = isinstance(node, ScalarNode) and node.tag == _NULL
    if not isinstance(node, MappingNode | SequenceNode) and not empty:
        raise RefusedError(
            f"`{above}` is a single value, which has no keys", start, "a value, not a mapping"
        )
    if not edit.add or place.left > 1:
        return Look(Status.ABSENT)
    if not isinstance(node, MappingNode):
        kind = "empty" if empty else "a list"
        raise RefusedError(f"`{above}` is {kind}, where the patch adds a key", start, kind)
    shared = shared_nodes(place.way[0])
    if any(id(above_it) in shared for above_it in place.way):
        reason = f"`{above}` is shared by an anchor and an alias: a change would be one elsewhere"
        raise RefusedError(reason, start, "a mapping that two places share")
    return appended(source.config, node, shared, parts[-1], wanted_text(edit.new))


def _made(
    source: YamlSource, parts: tuple[str, ...], number: int, change: Change, new: str
) -> Look:
    """The change, once it is seen that it gives this key this value and changes nothing else."""
    line = source.config.line_number(change.start)
    if not _changes_only(source, parts, number, change, new):
        raise RefusedError(
            f"`{new}` cannot be put there: the rest of the file would not mean the same",
            change.start,
            "a layout that the change does not fit into",
        )
    return Look(Status.APPLIED, line, change=change)


def _changes_only(
    source: YamlSource, parts: tuple[str, ...], number: int, change: Change, new: str
) -> bool:
    try:
        roots = compose_all(source.config.after(change))
        after = locate(roots[number], parts)
    except (UnparsableError, RefusedError, IndexError):
        return False
    before = locate(source.roots[number], parts)
    kept = flat(source.roots, None if before.left else before.value)
    return (
        not after.left
        and canonical(after.value) == canonical(value_node(new))
        and kept == flat(roots, after.value)
    )


def check_yaml(edit: SetYaml) -> WrongCode:
    """Yield what is wrong with a key and its values."""
    yield from told(edit.operation, key_parts, edit.key)
    yield from told("new", wanted_text, edit.new)
    for number, text in enumerate(edit.old):
        yield from told(f"old[{number}]", value_node, text)
