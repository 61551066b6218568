"""True if the parameters of a patch make sense, and are used as they are declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ttsopt.boundary.parsing import parse_python
from ttsopt.catalog.parameters import KINDS, USE, describe_values, of_kind, taken
from ttsopt.catalog.walk import is_config, places_of, texts_of
from ttsopt.domain.patch import Condition, Parameter, Patch

Rows = Iterator[tuple[str, str]]


def check_parameters(patch: Patch) -> Rows:
    """Everything that is wrong with a patch's parameters, with `when`, `unless` and `${name}`."""
    for parameter in patch.parameters:
        for key, message in _parameter(parameter):
            yield f"params.{parameter.name}{key and '.'}{key}", message
    known = {parameter.name: parameter for parameter in patch.parameters}
    used: set[str] = set()
    for key, condition in _conditions(patch):
        used |= condition.keys()
        yield from _condition(key, condition, known)
    for key, text, config in _texts(patch):
        for name in USE.findall(text):
            used.add(name)
            yield from _use(key, known.get(name), name, config=config)
    for name in known:
        if name not in used:
            yield f"params.{name}", "it is used nowhere"


def _parameter(parameter: Parameter) -> Rows:
    if parameter.kind not in KINDS:
        yield "type", f"it is one of {', '.join(KINDS)}, not {parameter.kind!r}"
        return
    if not re.fullmatch(r"[a-z][a-z0-9_]*", parameter.name):
        yield "", "expected a name in small letters, digits and _"
    yield from _bounds(parameter)
    for number, choice in enumerate(parameter.choices):
        if not of_kind(parameter, choice):
            yield f"choices[{number}]", f"{choice!r} is no {parameter.kind}"
    for word, expression in parameter.named.items():
        yield from _named(word, expression)
    if not of_kind(parameter, parameter.default):
        yield "default", f"{parameter.default!r} is no {parameter.kind}"
    elif not taken(parameter, parameter.default):
        yield "default", f"{parameter.default!r} is not {describe_values(parameter)}"


def _bounds(parameter: Parameter) -> Rows:
    low, high = parameter.minimum, parameter.maximum
    if parameter.kind not in {"int", "float"} and (low, high) != (None, None):
        yield "min" if low is not None else "max", f"a {parameter.kind} has no bounds"
    elif low is not None and high is not None and low > high:
        yield "min", "it is above max"
    if parameter.choices and (low, high) != (None, None):
        yield "choices", "choices need no min and max"


def _named(word: str, expression: str) -> Rows:
    try:
        parse_python(expression, (3, 8), "eval")
    except (SyntaxError, ValueError) as error:
        yield f"named.{word}", f"no Python expression: {error}"


def _conditions(patch: Patch) -> Iterator[tuple[str, Condition]]:
    for place in places_of(patch):
        yield f"{place.key}.when", place.edit.when
    for number, note in enumerate(patch.notes):
        yield f"notes[{number}].when", note.when
        yield f"notes[{number}].unless", note.unless


def _condition(key: str, condition: Condition, known: Mapping[str, Parameter]) -> Rows:
    for name, values in condition.items():
        if name not in known:
            yield f"{key}.{name}", "there is no such parameter"
            continue
        for value in values:
            if not (of_kind(known[name], value) and taken(known[name], value)):
                words = describe_values(known[name]) if known[name].kind in KINDS else "known"
                yield f"{key}.{name}", f"{value!r} is not {words}"


def _texts(patch: Patch) -> Iterator[tuple[str, str, bool]]:
    """Every text that may name a parameter, with its key, and whether it goes into YAML or TOML."""
    for place in places_of(patch):
        for key, text in texts_of(place.edit):
            yield f"{place.key}.{key}", text, is_config(place.edit)
    for number, note in enumerate(patch.notes):
        yield f"notes[{number}].text", note.text, False
    for number, fact in enumerate(patch.requires.facts):
        for position, path in enumerate(fact.paths):
            yield f"requires.facts[{number}].paths[{position}]", path, False


def _use(key: str, parameter: Parameter | None, name: str, *, config: bool) -> Rows:
    if parameter is None:
        yield key, f"${{{name}}}: there is no such parameter"
    elif config and parameter.named:
        words = ", ".join(parameter.named)
        yield key, f"${{{name}}} may stand for Python ({words}), which YAML and TOML cannot hold"
