"""Values for a patch's parameters, checked, and edits with those values put in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from math import isfinite
from typing import Any

from ttsopt.domain.patch import Edit, Parameter, Patch, Scalar
from ttsopt.errors import UsageError


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

    Raises:
        UsageError: An unknown parameter, or a value that it does not take.
    """
    known = {parameter.name: parameter for parameter in patch.parameters}
    for name in given:
        if name not in known:
            hint = f"It has {', '.join(known)}." if known else "It has no parameters."
            raise UsageError("unknown-parameter", f"{patch.id} has no parameter {name!r}", hint)
    return {
        name: _parse(patch, parameter, given[name])
        if name in given
        else kept.get(name, parameter.default)
        for name, parameter in known.items()
    }


def active(when: Mapping[str, tuple[Scalar, ...]], values: Mapping[str, Scalar]) -> bool:
    """Whether all parameters have one of the values that a `when` names."""
    return all(values.get(name) in accepted for name, accepted in when.items())


def bind(patch: Patch, edits: Sequence[Edit], values: Mapping[str, Scalar]) -> tuple[Edit, ...]:
    """The edits that take part for these values, with every `${parameter}` replaced by its Python expression."""
    expressions = {
        parameter.name: expression(parameter, values[parameter.name])
        for parameter in patch.parameters
    }
    return tuple(_fill(edit, expressions) for edit in edits if active(edit.when, values))


def fill(text: str, expressions: Mapping[str, str]) -> str:
    """A text with `${name}` replaced; other uses of `$` are left for patterns."""
    return re.sub(
        r"\$\{(\w+)\}", lambda found: expressions.get(found.group(1), found.group()), text
    )


def expression(parameter: Parameter, value: Scalar) -> str:
    """A value as the Python expression that stands in the patched code."""
    if isinstance(value, str) and value in parameter.named:
        return parameter.named[value]
    return repr(value)


def _fill(edit: Edit, expressions: Mapping[str, str]) -> Edit:
    changed: dict[str, Any] = {}
    for field in fields(edit):
        value = getattr(edit, field.name)
        if isinstance(value, str):
            changed[field.name] = fill(value, expressions)
        elif isinstance(value, tuple):
            changed[field.name] = tuple(fill(text, expressions) for text in value)
    return replace(edit, **changed)


def _parse(patch: Patch, parameter: Parameter, text: str) -> Scalar:
    if text in parameter.named:
        return text
    value = _convert(parameter, text)
    if value is None or not _accepted(parameter, value):
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


def _accepted(parameter: Parameter, value: Scalar) -> bool:
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
        words += f" from {parameter.minimum:g} to {parameter.maximum:g}"
    return " or ".join([words, *parameter.named])
