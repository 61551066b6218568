"""Requests made of a template: placeholders filled in, and what is wrong with a template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ttsopt.bench.serve.gradio import UPLOADED
from ttsopt.domain.language import language
from ttsopt.domain.measurement import Utterance
from ttsopt.domain.serving import RequestTemplate

_HOLE = re.compile(r"\{(env:)?([A-Za-z_][A-Za-z0-9_]*)\}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_WORD = re.compile(r"[A-Za-z0-9_]+")
NAMES = ("text", "language", "voice", "prompt_text", "prompt_language")


@dataclass(frozen=True, slots=True)
class Call:
    """Way in which every text of a run is asked for.

    `name` is what a report calls the template. `headers` are complete, with values of the environment; `files` are
    (name, bytes) by their field. `voice` and `prompt_text` fill the placeholders of that name.
    """

    name: str
    template: RequestTemplate
    voice: str = ""
    prompt_text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be sent. `json` None: the body is `form` and `files`, if any."""

    text: Utterance
    method: str
    path: str
    query: Mapping[str, str]
    json: Mapping[str, Any] | None
    form: Mapping[str, str]
    call: Call
    gradio: str = ""

    def data(self) -> dict[str, Any]:
        """Return what is its own, for JSON."""
        body = {"json": self.json, "form": dict(self.form), "query": dict(self.query)}
        return {"method": self.method, "path": self.path, "gradio": self.gradio, **body}


def make_request(call: Call, text: Utterance) -> Request:
    """Return the request for a text."""
    template = call.template
    values = {
        "text": text.text,
        "language": language(text.text),
        "voice": call.voice,
        "prompt_text": call.prompt_text,
        "prompt_language": language(call.prompt_text),
    }
    return Request(
        text,
        template.method,
        template.path,
        _filled(template.query, values),
        _filled(template.json, values) if template.json else None,
        _filled(template.form, values),
        call,
        template.gradio,
    )


def needs(template: RequestTemplate, name: str) -> bool:
    """True if a template has the placeholder of that name."""
    return any(hole == name for text in _strings(_parts(template)) for _, hole in _holes(text))


def template_problems(template: RequestTemplate) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a template: the key, and a sentence."""
    if not template.path.startswith("/") or not template.path.isprintable() or " " in template.path:
        yield "path", f"expected a path that begins with /, got {template.path!r}"
    if template.json and (template.form or (template.files and not template.gradio)):
        yield "json", "a body is either json, or form with files"
    if template.gradio and not (_WORD.fullmatch(template.gradio) and template.json):
        yield "gradio", "expected the name of a function, and json with its data"
    if template.gradio and len(template.files) > 1:
        yield "files", "one file is uploaded to Gradio, for {upload}"
    if template.sample_rate < 0:
        yield "sample_rate", "expected a rate in Hz"
    if not needs(template, "text"):
        yield "", "no {text} in query, json or form: every request would be the same"
    for text in _strings(_parts(template)):
        yield from _wrong_holes(text)
    yield from _wrong_headers(template.headers)


def fill_headers(headers: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Put values of the environment into headers.

    Raises:
        KeyError: A variable is not set; its name.
        ValueError: A value cannot stand in a header; the header's name.
    """
    made = {
        name: _HOLE.sub(lambda hole: environment[hole[2]], text) for name, text in headers.items()
    }
    for name, value in made.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(name)
    return made


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their placeholders; what a value holds is not looked at again."""
    return _HOLE.sub(lambda hole: values.get(hole[2], hole[0]), text)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return value


def _parts(template: RequestTemplate) -> tuple[object, ...]:
    return (template.query, template.json, template.form, template.files)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _strings(tuple(value.values()))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(inner)


def _holes(text: str) -> list[tuple[str, str]]:
    return [(found[1] or "", found[2]) for found in _HOLE.finditer(text)]


def _wrong_holes(text: str) -> Iterator[tuple[str, str]]:
    for environment, name in _holes(text):
        if environment:
            yield text, "values of the environment stand in headers alone"
        elif name not in NAMES and text != UPLOADED:
            known = ", ".join(f"{{{one}}}" for one in NAMES)
            yield text, f"no placeholder {{{name}}}: there are {known}"


def _wrong_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        key = f"headers.{name}"
        if not _TOKEN.fullmatch(name):
            yield "headers", f"{name!r} is no name of a header"
        elif not (value.isascii() and value.isprintable()):
            yield key, "a header's value is printable ASCII"
        elif any(not environment for environment, _ in _holes(value)):
            yield key, "only {env:NAME}, a variable of the environment, can stand there"
