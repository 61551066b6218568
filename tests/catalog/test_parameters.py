from __future__ import annotations

import tomllib

import pytest
import yaml

from ttsopt.catalog.parameters import (
    bind,
    describe_values,
    expression,
    literal,
    parameter_values,
    parse_settings,
)
from ttsopt.domain.edits import AnyOf, Delete, Replace, SetConstant, SetToml, SetYaml
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Edit, Parameter, Patch, Scalar
from ttsopt.errors import UsageError

STEPS = Parameter("steps", "int", 7, "h", minimum=1, maximum=64)
THREADS = Parameter("threads", "int", "auto", "h", minimum=0, named={"auto": "os.cpu_count() or 1"})
MODE = Parameter("mode", "str", "slow", "h", choices=("slow", "fast"))
TUNED = Parameter("tuned", "bool", False, "h")
RATE = Parameter("rate", "float", 0.5, "h", minimum=0.0, maximum=1.0)
NAME = Parameter("name", "str", "x", "h")
PATCH = Patch(
    "toy/quick", 1, "s", "w", Effect.EXACT, (), parameters=(STEPS, THREADS, MODE, TUNED, RATE, NAME)
)


def values(**given: str) -> dict[str, Scalar]:
    return parameter_values(PATCH, given, {})


def test_settings_are_told_apart_by_patch() -> None:
    settings = ["a/b.n=1", "a/b.m=x=y", "a/c.d.n="]
    assert parse_settings(settings) == {"a/b": {"n": "1", "m": "x=y"}, "a/c.d": {"n": ""}}


@pytest.mark.parametrize("setting", ["n=1", "a/b.n", "=1", ".n=1", "a/b.=1", ""])
def test_a_setting_must_name_patch_parameter_and_value(setting: str) -> None:
    with pytest.raises(UsageError, match=r"PATCH\.PARAM=VALUE") as caught:
        parse_settings([setting])
    assert caught.value.exit_code == 2


def test_given_comes_before_kept_and_kept_before_default() -> None:
    found = parameter_values(PATCH, {"steps": "9"}, {"steps": 3, "mode": "fast"})
    assert (found["steps"], found["mode"], found["threads"]) == (9, "fast", "auto")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "1", 1),
        ("steps", "64", 64),
        ("threads", "auto", "auto"),
        ("threads", "0", 0),
        ("mode", "fast", "fast"),
        ("tuned", "true", True),
        ("tuned", "False", False),
        ("tuned", "1", True),
        ("rate", "1e-1", 0.1),
        ("name", "语 'x'", "语 'x'"),
    ],
)
def test_values_that_a_parameter_takes(name: str, text: str, value: Scalar) -> None:
    found = values(**{name: text})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("steps", "0"),
        ("steps", "65"),
        ("steps", "7.0"),
        ("steps", "auto"),
        ("steps", ""),
        ("threads", "-1"),
        ("threads", "many"),
        ("mode", "Fast"),
        ("tuned", "yes"),
        ("rate", "1.1"),
        ("rate", "nan"),
        ("rate", "inf"),
    ],
)
def test_other_values_are_refused_with_those_it_takes(name: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        values(**{name: text})
    parameter = next(one for one in PATCH.parameters if one.name == name)
    assert describe_values(parameter) in caught.value.hint


def test_an_infinite_number_is_none_even_without_bounds() -> None:
    patch = Patch(
        "a/b", 1, "s", "w", Effect.EXACT, (), parameters=(Parameter("r", "float", 1.0, "h"),)
    )
    with pytest.raises(UsageError):
        parameter_values(patch, {"r": "nan"}, {})


def test_an_unknown_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        values(step="7")
    assert "steps, threads, mode" in caught.value.hint


def test_values_in_words() -> None:
    assert describe_values(STEPS) == "a whole number from 1 to 64"
    assert describe_values(THREADS) == "a whole number or auto"
    assert describe_values(MODE) == "one of slow, fast"


def test_edits_get_the_expressions_and_conditions_decide() -> None:
    edits: list[Edit] = [
        SetConstant(name="N", old=("${steps}", "1"), new="${threads}"),
        Replace(
            pattern="$X.f(${name})",
            replacement="$X.g(${rate}, ${unknown})",
            when={"mode": ("fast",)},
        ),
        Replace(pattern="a", replacement="b", when={"mode": ("slow",), "tuned": (True,)}),
    ]
    fast = bind(PATCH, edits, values(mode="fast", name="it's", threads="auto"))
    assert fast == (
        SetConstant(name="N", old=("7", "1"), new="os.cpu_count() or 1"),
        Replace(
            pattern='$X.f("it\'s")', replacement="$X.g(0.5, ${unknown})", when={"mode": ("fast",)}
        ),
    )
    assert len(bind(PATCH, edits, values(tuned="true"))) == 2
    assert len(bind(PATCH, edits, values())) == 1


def test_a_word_stands_for_its_expression_alone_where_it_is_named() -> None:
    assert expression(THREADS, "auto") == "os.cpu_count() or 1"
    assert expression(NAME, "auto") == "'auto'"
    assert expression(TUNED, True) == "True"


def test_config_edits_get_literals_where_python_gets_expressions() -> None:
    edits: list[Edit] = [
        SetYaml(key="a.${mode}", old=("${tuned}",), new="[${steps}, ${name}]"),
        SetToml(key="b", old=(), new="${rate}", add=True),
        Replace(pattern="f(${tuned})", replacement="g(${name})", spare=("h(${rate})",)),
    ]
    assert bind(PATCH, edits, values(tuned="true", name="it's", rate="1e-5")) == (
        SetYaml(key='a."slow"', old=("true",), new='[7, "it\'s"]'),
        SetToml(key="b", old=(), new="1.0e-05", add=True),
        Replace(pattern="f(True)", replacement='g("it\'s")', spare=("h(1e-05)",)),
    )


@pytest.mark.parametrize(
    "value", [True, False, 0, -7, 0.5, 1e-5, 1e16, 'a "b" \\ 语', "", "true", "7"]
)
def test_literals_are_read_back_as_they_were(value: Scalar) -> None:
    text = literal(value)
    for found in (tomllib.loads(f"key = {text}")["key"], yaml.safe_load(f"key: {text}")["key"]):
        assert found == value
        assert type(found) is type(value)


def test_variants_are_filled_and_chosen_by_their_own_conditions() -> None:
    fast, slow = {"mode": ("fast",)}, {"mode": ("slow",)}
    edits: list[Edit] = [
        AnyOf(variants=(Delete(pattern="f(${steps})"), Delete(pattern="g", when=fast))),
        AnyOf(variants=(Delete(pattern="h", when=fast), Delete(pattern="i", when=fast))),
        AnyOf(variants=(Delete(pattern="j"),), when=slow),
    ]
    assert bind(PATCH, edits, values()) == (
        AnyOf(variants=(Delete(pattern="f(7)"),)),
        AnyOf(variants=(Delete(pattern="j"),), when=slow),
    )
    assert len(bind(PATCH, edits, values(mode="fast"))) == 2
