"""Settings carried into generated files that were written anew: against data changed apart from the engine."""

from __future__ import annotations

import copy
import tomllib
from itertools import takewhile

import yaml
from config_documents import (
    Path,
    Tree,
    changed,
    dotted,
    paths,
    toml_lines,
    toml_text,
    trees,
    yaml_lines,
)
from examples import examples
from hypothesis import assume, event, given
from hypothesis import strategies as st

from ttsopt.domain.dotted_key import split_key
from ttsopt.domain.edits import SetToml, SetYaml
from ttsopt.editing.compose import ConflictError, compose
from ttsopt.editing.config.carry_keys import Held, carry_keys, changed_keys, holds
from ttsopt.editing.resolve import resolve

NEW = ["true", "3", "0.25", '"新 值: #"', "[1, 2]"]
newlines = st.sampled_from(["\n", "\r\n"])


def yaml_document(data: st.DataObject, tree: Tree, newline: str) -> bytes:
    text = "\n".join(yaml_lines(data, tree, 0)) + "\n"
    raw = text.replace("\n", newline).encode()
    assume(loads(raw) is not None)  # the layouts do not all fit together
    return raw


def loads(raw: bytes) -> Tree:
    """What a text says; None where it is no YAML."""
    try:
        return yaml.safe_load(raw)
    except yaml.YAMLError:
        return None


def without(tree: Tree, path: Path) -> Tree:
    out = copy.deepcopy(tree)
    parent = out
    for part in path[:-1]:
        parent = parent[part]
    del parent[path[-1]]
    return out


def yaml_patched(raw: bytes, path: Path, old: Tree, new: str) -> bytes:
    text = yaml.safe_dump(old, default_flow_style=True, allow_unicode=True, width=10**6)
    edit = SetYaml(key=dotted(path), old=(text.removesuffix("...\n"),), new=new)
    return compose(raw, resolve("x.yaml", raw, [edit]).splices)


@examples(200)
@given(st.data(), trees, newlines, st.booleans())
def test_a_yaml_setting_goes_out_of_a_file_written_anew_and_back_into_it(
    data: st.DataObject, tree: Tree, newline: str, ordered: bool
) -> None:
    original = yaml_document(data, tree, newline)
    loaded = yaml.safe_load(original)
    path, old = data.draw(st.sampled_from(list(paths(loaded))))
    new = data.draw(st.sampled_from(NEW))
    written = yaml_patched(original, path, old, new)
    assume(written != original)
    theirs = changed(yaml.safe_load(written), ("their own",), [1, "#"])
    current = yaml.safe_dump(theirs, sort_keys=ordered, allow_unicode=True).encode()
    assert holds("x.yaml", current, original, written) is Held.ALL
    back = carry_keys("x.yaml", current, written, original)
    expected = changed(theirs, path, old)
    assert exact_in_any_order(yaml.safe_load(back)) == exact_in_any_order(expected)
    assert holds("x.yaml", back, original, written) is Held.NONE
    again = carry_keys("x.yaml", back, original, written)
    assert exact_in_any_order(yaml.safe_load(again)) == exact_in_any_order(theirs)
    assert carry_keys("x.yaml", again, original, written) == again


@examples(200)
@given(st.data(), trees, newlines)
def test_a_yaml_file_that_somebody_wrote_into_gets_its_own_letters_back(
    data: st.DataObject, tree: Tree, newline: str
) -> None:
    original = yaml_document(data, tree, newline)
    path, old = data.draw(st.sampled_from(list(paths(yaml.safe_load(original)))))
    written = yaml_patched(original, path, old, data.draw(st.sampled_from(NEW)))
    top, end = f"# mine{newline}".encode(), f"their_own: 1 # 语{newline}".encode()
    assume(loads(written + end) == {**yaml.safe_load(written), "their_own": 1})
    back = carry_keys("x.yaml", top + written + end, written, original)
    assert [row.split() for row in back.decode().splitlines() if row.strip()] == [
        row.split() for row in (top + original + end).decode().splitlines() if row.strip()
    ]


@examples(200)
@given(st.data(), trees, newlines, st.booleans())
def test_an_added_yaml_key_goes_and_nothing_else(
    data: st.DataObject, tree: Tree, newline: str, ordered: bool
) -> None:
    original = yaml_document(data, tree, newline)
    loaded = yaml.safe_load(original)
    mappings = [path for path, value in paths({0: loaded}) if isinstance(value, dict) and value]
    path = (*data.draw(st.sampled_from(mappings))[1:], "added")
    edit = SetYaml(key=dotted(path), old=(), new="[1]", add=True)
    written = compose(original, resolve("x.yaml", original, [edit]).splices)
    assume(written != original)
    commented = b"# mine" + newline.encode()
    assert carry_keys("x.yaml", commented + written, written, original) == commented + original
    if any(isinstance(part, int) for part in path):
        return  # a list is one value
    theirs = yaml.safe_load(written)
    current = yaml.safe_dump(theirs, sort_keys=ordered, allow_unicode=True).encode()
    back = carry_keys("x.yaml", current, written, original)
    expected = without(theirs, path)
    assert exact_in_any_order(yaml.safe_load(back)) == exact_in_any_order(expected)
    if not ordered:
        assert back == yaml.safe_dump(loaded, sort_keys=False, allow_unicode=True).encode()


@examples(300)
@given(st.data(), trees)
def test_three_yaml_trees_merge_setting_by_setting_or_not_at_all(
    data: st.DataObject, tree: Tree
) -> None:
    trees_of_three = tree, altered(data, tree), altered(data, tree)
    base, current, target = (yaml_document(data, each, "\n") for each in trees_of_three)
    try:
        out = carry_keys("x.yaml", current, base, target)
    except ConflictError:
        event("conflict")
        return
    event("merged")
    expected = merged(*map(yaml.safe_load, (base, current, target)))
    assert exact_in_any_order(yaml.safe_load(out)) == exact_in_any_order(expected)


def altered(data: st.DataObject, tree: Tree) -> Tree:
    for _ in range(data.draw(st.integers(0, 2))):
        path, _ = data.draw(st.sampled_from(list(paths(tree))))
        if data.draw(st.booleans()) or len(tree) == 1:
            tree = changed(tree, path, data.draw(st.sampled_from([True, "x # y", [0], "a\nb\n"])))
        else:
            tree = without(tree, path)
    return tree


NOTHING = object()


def merged(base: Tree, current: Tree, target: Tree) -> Tree:
    """Another three-way merge of mappings: top down, where one side alone has changed."""
    if exact_in_any_order(base) == exact_in_any_order(target):
        return current
    if exact_in_any_order(current) in (exact_in_any_order(base), exact_in_any_order(target)):
        return target
    # Of what somebody took out as a whole, or has a single value for, the target can take out more.
    three = [tree if isinstance(tree, dict) else {} for tree in (base, current, target)]
    keys = dict.fromkeys([key for tree in three for key in tree])
    rows = {key: merged(*(tree.get(key, NOTHING) for tree in three)) for key in keys}
    kept = {key: value for key, value in rows.items() if value is not NOTHING}
    return kept if kept or isinstance(current, dict) else current


def exact_in_any_order(value: Tree) -> Tree:
    if isinstance(value, dict):
        return {key: exact_in_any_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact_in_any_order(item) for item in value]
    return repr(value)


@examples(200)
@given(st.data(), trees, st.booleans(), newlines)
def test_a_toml_setting_goes_out_of_another_layout_and_back_into_it(
    data: st.DataObject, tree: Tree, bom: bool, newline: str
) -> None:
    codec = "utf-8-sig" if bom else "utf-8"
    original, other = (
        ("\n".join(toml_lines(data, tree)) + "\n").replace("\n", newline).encode(codec)
        for _ in range(2)
    )
    path, old = data.draw(st.sampled_from(list(paths(tree))))
    edit = SetToml(key=dotted(path), old=(toml_text(old),), new=data.draw(st.sampled_from(NEW)))
    written, current = (
        compose(raw, resolve("x.toml", raw, [edit]).splices) for raw in (original, other)
    )
    # A table that has a header in one of the layouts is not changed as one value.
    assume(written != original)
    assume(current != other)
    assert holds("x.toml", current, original, written) is Held.ALL
    back = carry_keys("x.toml", current, written, original)
    assert exact_in_any_order(tomllib.loads(back.decode(codec))) == exact_in_any_order(tree)
    again = carry_keys("x.toml", back, original, written)
    assert tomllib.loads(again.decode(codec)) == tomllib.loads(current.decode(codec))


@examples(100)
@given(st.data(), trees, newlines)
def test_an_added_toml_key_goes_and_nothing_else(
    data: st.DataObject, tree: Tree, newline: str
) -> None:
    original = ("\n".join(toml_lines(data, tree)) + "\n").replace("\n", newline).encode()
    tables = [path for path, value in paths({"": tree}) if isinstance(value, dict)]
    path = (*data.draw(st.sampled_from(tables))[1:], "added")
    edit = SetToml(key=dotted(path), old=(), new="[1]", add=True)
    written = compose(original, resolve("x.toml", original, [edit]).splices)
    assume(written != original)
    (row,) = changed_keys("x.toml", original, written)
    assert split_key(row.key) == tuple(takewhile(lambda part: isinstance(part, str), path))
    commented = b"# mine" + newline.encode()
    assert carry_keys("x.toml", commented + written, written, original) == commented + original
