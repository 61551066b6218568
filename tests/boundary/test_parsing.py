"""JSON, TOML, YAML and Python of any depth and size end in a ValueError or in data that can be walked."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml

from ttsopt.boundary.parsing import (
    compose_yaml,
    load_json,
    load_toml,
    parse_python,
    python_literal,
)

MANY = 100_000
LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
CHAIN = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{x: *a{n - 1}}}\n" for n in range(1, 3000))


def python(text: str) -> object:
    return parse_python(text, (3, 8))


Reader = Callable[[str], object]
DEEP: list[tuple[Reader, str]] = [
    (load_json, "[" * MANY + "]" * MANY),
    (load_json, '{"a":' * 500 + "1" + "}" * 500),
    (load_json, "[" * 101 + "]" * 101),
    (load_toml, "a = " + "[" * MANY + "]" * MANY),
    (load_toml, "a = " + "{a = " * 500 + "1" + "}" * 500),
    (load_toml, "a" + ".a" * 500 + " = 1"),
    (compose_yaml, "[" * MANY),
    (compose_yaml, "[" * 150 + "]" * 150),
    (compose_yaml, "".join(" " * n + "a:\n" for n in range(150))),
    (compose_yaml, CHAIN),
    (python, "(" * MANY + ")" * MANY),
    (python, "-" * MANY + "1"),
    (python, "a" + ".b" * MANY),
    (python_literal, "[" * MANY + "]" * MANY),
    (python_literal, "-" * MANY + "1"),
]


@pytest.mark.parametrize(("read", "text"), DEEP)
def test_what_is_nested_too_deeply_is_a_value_error(read: Reader, text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        read(text)


@pytest.mark.parametrize("text", [LAUGHS, "a: &a [*a]\n", "&a [{b: [*a]}]\n"])
def test_aliases_that_stand_for_too_much(text: str) -> None:
    with pytest.raises(ValueError, match="its aliases stand for too much"):
        compose_yaml(text)


def test_aliases_and_depth_of_a_usual_file_are_let_through() -> None:
    (root,) = compose_yaml(f"a: &a [1, 2]\nb: [*a, *a]\n<<: {{c: *a}}\nd: {'[' * 50 + ']' * 50}\n")
    assert isinstance(root, yaml.MappingNode)
    deep = "[" * 90 + "]" * 90
    assert json.dumps(load_json(deep)) == deep
    assert load_toml(f"a = {deep}")["a"] == load_json(deep)


@pytest.mark.parametrize("read", [load_toml, compose_yaml])
def test_a_table_that_is_too_long_is_not_read(read: Reader) -> None:
    with pytest.raises(ValueError, match="more than 2 MiB"):
        read("#" * (2 * 2**20 + 1))
