"""Generated YAML and TOML documents in many layouts, and changes of what they say."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import strategies as st

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
    """A value on one line, or over lines where a style of YAML is for that."""
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
    """Every place below a tree, and what stands there."""
    if above:
        yield above, value
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*above, key))


def changed(tree: Tree, path: Path, new: Tree) -> Tree:
    """A copy of a tree with one value changed or added."""
    out = copy.deepcopy(tree)
    parent = out
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = new
    return out


def dotted(path: Path) -> str:
    """A place as a patch names it."""
    return ".".join(json.dumps(str(part), ensure_ascii=False) for part in path)


def exact(value: Tree) -> str:
    """A value for comparing, where `1` is not `1.0`."""
    return repr(value)


def toml_text(value: Tree) -> str:
    """A value as TOML on one line."""
    if isinstance(value, dict):
        rows = [f"{json.dumps(k, ensure_ascii=False)} = {toml_text(v)}" for k, v in value.items()]
        return "{" + ", ".join(rows) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_text(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def toml_lines(data: st.DataObject, table: Tree, header: Path = ()) -> list[str]:
    """A tree as TOML in one of many layouts: headers, dotted keys, inline tables."""
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
