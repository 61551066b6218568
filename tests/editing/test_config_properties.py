"""What holds for every config file: against data that is changed apart from the engine, by PyYAML and tomllib."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st

from ttsopt.domain.patch import SetToml, SetYaml
from ttsopt.domain.plan import Status
from ttsopt.editing.compose import compose
from ttsopt.editing.resolve import resolve

Tree = Any
Path = tuple[str | int, ...]

WORDS = ["rate", "is_half", "设备", "a.b", "x y", "on", "7", "it's", "🎙"]
TEXTS = [
    "cuda",
    "语音 合成",
    "a: b",
    "# no",
    "two\nlines\n",
    "it's",
    '"',
    "",
    "1.0e-05",
    "yes",
    "🎙 🎙",
]
scalars = st.one_of(
    st.booleans(),
    st.integers(-5, 99),
    st.sampled_from([0.5, 1.0, 1e-5, 1e20]),
    st.sampled_from(TEXTS),
)
keys = st.sampled_from(WORDS)
trees = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(keys, below, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)
NEW = ["true", "3", "0.25", '"新 值: #"', "[1, 2]"]


def yaml_lines(data: st.DataObject, value: Tree, depth: int) -> list[str]:
    """A tree as block YAML in one of many layouts, or flow from here on."""
    pad = " " * (depth * data.draw(st.sampled_from([2, 3])))
    if not value or not isinstance(value, dict | list) or data.draw(st.integers(0, 3)) == 0:
        return [yaml_leaf(data, value)]
    rows: list[str] = []
    for item in value.items() if isinstance(value, dict) else value:
        head = f"{yaml_leaf(data, item[0], key=True)}:" if isinstance(value, dict) else "-"
        below = yaml_lines(data, item[1] if isinstance(value, dict) else item, depth + 1)
        if data.draw(st.integers(0, 4)) == 0:
            rows.append(pad + "# 注释 comment")
        if len(below) == 1 and not below[0].startswith(" "):
            text, *more = below[0].split("\n")
            tail = data.draw(st.sampled_from(["", "  # c\t语"])) if not more else ""
            rows += [f"{pad}{head} {text}{tail}", *(pad + "  " + row for row in more)]
        else:
            rows += [pad + head, *below]
        rows += [""] * data.draw(st.integers(0, 1))
    return rows


def yaml_leaf(data: st.DataObject, value: Tree, *, key: bool = False) -> str:
    flow = json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return yaml.safe_dump(value).split("\n")[0]
    if not isinstance(value, str):
        return yaml.safe_dump(
            value, default_flow_style=True, allow_unicode=True, width=10**6
        ).split("\n")[0]
    if not key and value == "two\nlines\n" and data.draw(st.booleans()):
        return "|\n two\n lines"
    if not key and value == "语音 合成" and data.draw(st.booleans()):
        return "语音\n 合成"
    plain = yaml.safe_dump(value, allow_unicode=True, width=10**6).split("\n")[0]
    return plain if data.draw(st.booleans()) and "\n" not in value else flow


def paths(value: Tree, above: Path = ()) -> Iterator[tuple[Path, Tree]]:
    if above:
        yield above, value
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*above, key))


def changed(tree: Tree, path: Path, new: Tree) -> Tree:
    out = copy.deepcopy(tree)
    parent = out
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = new
    return out


def dotted(path: Path) -> str:
    return ".".join(json.dumps(str(part), ensure_ascii=False) for part in path)


def exact(value: Tree) -> str:
    return repr(value)


def kept_but_for_the_splice(raw: bytes, out: bytes, start: int, end: int) -> bool:
    behind = len(raw) - end
    return out[:start] == raw[:start] and out[len(out) - behind :] == raw[end:]


@examples(100)
@given(
    st.data(),
    trees,
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_a_yaml_key_changes_and_nothing_else(
    data: st.DataObject, tree: Tree, codec: str, newline: str, ended: bool
) -> None:
    text = "\n".join(yaml_lines(data, tree, 0)) + "\n" * ended
    raw = text.replace("\n", newline).encode(codec)
    try:
        loaded = yaml.safe_load(raw)
    except yaml.YAMLError:
        assume(False)  # the layouts above do not all fit together
    path, old = data.draw(st.sampled_from(list(paths(loaded))))
    new = data.draw(st.sampled_from(NEW))
    old_text = yaml.safe_dump(old, default_flow_style=True, allow_unicode=True, width=10**6)
    edit = SetYaml(key=dotted(path), old=(old_text.removesuffix("...\n"),), new=new)
    resolution = resolve("x.yaml", raw, [edit])
    if exact(old) == exact(yaml.safe_load(new)):
        assert resolution.answers[0].status is Status.ALREADY
        return
    assert resolution.answers[0].status is Status.APPLIED, (text, edit, resolution.answers)
    (splice,) = resolution.splices
    out = compose(raw, resolution.splices)
    assert exact(yaml.safe_load(out)) == exact(changed(loaded, path, yaml.safe_load(new)))
    assert kept_but_for_the_splice(raw, out, splice.start, splice.end)
    again = resolve("x.yaml", out, [edit])
    assert (again.answers[0].status, again.splices) == (Status.ALREADY, ())


@examples(100)
@given(st.data(), trees, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_yaml_key_is_added_and_nothing_else(
    data: st.DataObject, tree: Tree, newline: str, ended: bool
) -> None:
    text = "\n".join(yaml_lines(data, tree, 0)) + "\n" * ended
    raw = text.replace("\n", newline).encode()
    try:
        loaded = yaml.safe_load(raw)
    except yaml.YAMLError:
        assume(False)
    mappings = [path for path, value in paths({0: loaded}) if isinstance(value, dict) and value]
    path = (*data.draw(st.sampled_from(mappings))[1:], "added")
    edit = SetYaml(key=dotted(path), old=(), new="[1]", add=True)
    resolution = resolve("x.yaml", raw, [edit])
    if resolution.answers[0].status is Status.REFUSED:
        # A text that runs to the end of a file without a line end would gain one.
        assert not ended
        assert "|" in text
        return
    out = compose(raw, resolution.splices)
    assert exact(yaml.safe_load(out)) == exact(changed(loaded, path, [1]))
    assert b"\n" not in out.replace(b"\r\n", b"") or newline == "\n" or "\n" not in text
    assert resolve("x.yaml", out, [edit]).answers[0].status is Status.ALREADY


def toml_text(value: Tree) -> str:
    if isinstance(value, dict):
        rows = [f"{json.dumps(k, ensure_ascii=False)} = {toml_text(v)}" for k, v in value.items()]
        return "{" + ", ".join(rows) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_text(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def toml_lines(data: st.DataObject, table: Tree, header: Path = ()) -> list[str]:
    own, below = [], []
    for key, value in table.items():
        name = json.dumps(key, ensure_ascii=False)
        tail = data.draw(st.sampled_from(["", "  # 注释"]))
        form = data.draw(st.integers(0, 2)) if isinstance(value, dict) and value else 0
        if form == 1:
            below += [
                "",
                f"[{dotted((*header, key))}]{tail}",
                *toml_lines(data, value, (*header, key)),
            ]
        elif form == 2:
            own += [
                f"{name}.{row}"
                for row in (f"{dotted((k,))} = {toml_text(v)}" for k, v in value.items())
            ]
        else:
            own.append(f"{name} = {toml_text(value)}{tail}")
    return own + below


@examples(100)
@given(st.data(), trees, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_toml_key_changes_and_nothing_else(
    data: st.DataObject, tree: Tree, bom: bool, newline: str, ended: bool
) -> None:
    text = "\n".join(toml_lines(data, tree)) + "\n" * ended
    raw = text.replace("\n", newline).encode("utf-8-sig" if bom else "utf-8")
    assert tomllib.loads(text) == tree
    path, old = data.draw(st.sampled_from(list(paths(tree))))
    new = data.draw(st.sampled_from(NEW))
    value = tomllib.loads(f"v = {new}")["v"]
    edit = SetToml(key=dotted(path), old=(toml_text(old),), new=new)
    resolution = resolve("x.toml", raw, [edit])
    if resolution.answers[0].status is Status.REFUSED:
        assert isinstance(old, dict)  # a table whose text is not in one place
        return
    out = compose(raw, resolution.splices)
    assert exact(tomllib.loads(out.decode("utf-8-sig"))) == exact(
        changed(tomllib.loads(text), path, value)
    )
    again = resolve("x.toml", out, [edit])
    assert (again.answers[0].status, again.splices) == (Status.ALREADY, ())
    for splice in resolution.splices:
        assert kept_but_for_the_splice(raw, out, splice.start, splice.end)
