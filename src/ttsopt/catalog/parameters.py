"""Values for a patch's parameters, checked, and edits with those values put in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from math import isfinite
from typing import Any

from ttsopt.catalog.walk import is_config
from ttsopt.domain.edits import AnyOf
from ttsopt.domain.patch import Edit, Parameter, Patch, Scalar
from ttsopt.errors import UsageError

KINDS: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
}
USE = re.compile(r"\$\{(\w+)\}")


def parse_settings(settings: Sequence[str]) -> dict[str, dict[str, str]]:
    """`["f5-tts/nfe-step.nfe_step=7"]` as `{"f5-tts/nfe-step": {"nfe_step": "7"}}`.

    Raises:
        UsageError: Not of the form PATCH.PARAM=VALUE.
    """
    found: dict[str, dict[str, str]] = {}
    for setting in settings:
        target, equals, value = setting.partition("=")
        patch, dot, name = target.rpartition(".")
        if not (equals and dot and patch and name):
            hint = "Write --set f5-tts/nfe-step.nfe_step=7."
            raise UsageError("bad-setting", f"--set {setting}: expected PATCH.PARAM=VALUE", hint)
        found.setdefault(patch, {})[name] = value
    return found


def parameter_values(
    patch: Patch, given: Mapping[str, str], kept: Mapping[str, Scalar]
) -> dict[str, Scalar]:
    """All parameters of a patch: as given on the command line, else as applied before, else by default.

    By default too where this version of the patch no longer takes what was applied before.

    Raises:
        UsageError: An unknown parameter, or a value that it does not take.
    """
    known = {parameter.name: parameter for parameter in patch.parameters}
    for name in given:
        if name not in known:
            hint = f"It has {', '.join(known)}." if known else "It has no parameters."
            raise UsageError("unknown-parameter", f"{patch.id} has no parameter {name!r}", hint)
    return {
        name: _parse(patch, parameter, given[name]) if name in given else _kept(parameter, kept)
        for name, parameter in known.items()
    }


def active(when: Mapping[str, tuple[Scalar, ...]], values: Mapping[str, Scalar]) -> bool:
    """Return True if all parameters have one of the values that a `when` names."""
    return all(values.get(name) in accepted for name, accepted in when.items())


def bind(patch: Patch, edits: Sequence[Edit], values: Mapping[str, Scalar]) -> tuple[Edit, ...]:
    """The edits that take part for these values, with the values put in."""
    return tuple(
        put_in(patch, _active_variants(edit, values), values)
        for edit in edits
        if _takes_part(edit, values)
    )


def put_in(patch: Patch, edit: Edit, values: Mapping[str, Scalar]) -> Edit:
    """An edit with every `${parameter}` written in its language: a Python expression, else a literal."""
    if isinstance(edit, AnyOf):
        return replace(edit, variants=tuple(put_in(patch, one, values) for one in edit.variants))
    config = is_config(edit)
    written = {
        one.name: literal(values[one.name]) if config else expression(one, values[one.name])
        for one in patch.parameters
    }
    return _fill(edit, written)


def fill(text: str, expressions: Mapping[str, str]) -> str:
    """A text with `${name}` replaced; other uses of `$` are left for patterns."""
    return USE.sub(lambda found: expressions.get(found.group(1), found.group()), text)


def literal(value: Scalar) -> str:
    """A value as YAML, TOML and JSON all write it: `true`, `7`, `1.0e-05`, `"text"`."""
    if isinstance(value, float):
        number, exponent, power = repr(value).partition("e")
        # YAML 1.1 takes a number without a point for text: https://yaml.org/type/float.html
        return f"{number}{'' if '.' in number else '.0'}{exponent}{power}"
    return json.dumps(value, ensure_ascii=False)


def expression(parameter: Parameter, value: Scalar) -> str:
    """A value as the Python expression that stands in the patched code."""
    if isinstance(value, str) and value in parameter.named:
        return parameter.named[value]
    return repr(value)


def _takes_part(edit: Edit, values: Mapping[str, Scalar]) -> bool:
    variants = edit.variants if isinstance(edit, AnyOf) else ()
    return active(edit.when, values) and (
        not variants or any(active(one.when, values) for one in variants)
    )


def _active_variants(edit: Edit, values: Mapping[str, Scalar]) -> Edit:
    if not isinstance(edit, AnyOf):
        return edit
    return replace(edit, variants=tuple(one for one in edit.variants if active(one.when, values)))


def _fill(edit: Edit, written: Mapping[str, str]) -> Edit:
    changed: dict[str, Any] = {}
    for field in fields(edit):
        value = getattr(edit, field.name)
        if isinstance(value, str):
            changed[field.name] = fill(value, written)
        elif isinstance(value, tuple):
            changed[field.name] = tuple(fill(text, written) for text in value)
    return replace(edit, **changed)


def _kept(parameter: Parameter, kept: Mapping[str, Scalar]) -> Scalar:
    value = kept.get(parameter.name, parameter.default)
    return value if of_kind(parameter, value) and taken(parameter, value) else parameter.default


def _parse(patch: Patch, parameter: Parameter, text: str) -> Scalar:
    if text in parameter.named:
        return text
    value = _convert(parameter, text)
    if value is None or not accepts(parameter, value):
        message = f"{patch.id}.{parameter.name} does not take {text!r}"
        raise UsageError("bad-value", message, f"It takes {describe_values(parameter)}.")
    return value


def _convert(parameter: Parameter, text: str) -> Scalar | None:
    try:
        match parameter.kind:
            case "int":
                return int(text)
            case "float":
                value = float(text)
                return value if isfinite(value) else None
            case "bool":
                return {"true": True, "false": False, "1": True, "0": False}.get(text.lower())
    except ValueError:
        return None
    return text


def of_kind(parameter: Parameter, value: Scalar) -> bool:
    """Return True if a value has the parameter's type; a word of `named` has, too."""
    if isinstance(value, str) and value in parameter.named:
        return True
    finite = not isinstance(value, float) or isfinite(value)
    return type(value) in KINDS.get(parameter.kind, ()) and finite


def taken(parameter: Parameter, value: Scalar) -> bool:
    """Return True if a value of the parameter's type is one that it takes, a word of `named` among them."""
    named = isinstance(value, str) and value in parameter.named
    return named or accepts(parameter, value)


def accepts(parameter: Parameter, value: Scalar) -> bool:
    """Return True if a value, already of the parameter's type, is one that it takes."""
    if parameter.choices and value not in parameter.choices:
        return False
    if isinstance(value, str) and not parameter.choices:
        return not parameter.named
    if isinstance(value, bool | str):
        return True
    low, high = parameter.minimum, parameter.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def describe_values(parameter: Parameter) -> str:
    """The values that a parameter takes, in words."""
    if parameter.choices:
        return "one of " + ", ".join(str(choice) for choice in parameter.choices)
    words = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}[
        parameter.kind
    ]
    if parameter.minimum is not None and parameter.maximum is not None:
        words += f" from {parameter.minimum} to {parameter.maximum}"
    return " or ".join([words, *parameter.named])
