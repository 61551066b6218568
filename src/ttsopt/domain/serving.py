"""Servers of speech: how one is asked, and how a system's own is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """A request for speech over HTTP, with `{text}` and its like where a value goes.

    One of `json` and `form` (with `files`, as multipart) is the body. `files` are paths by their field; relative
    ones lie beside the template. Raw PCM, which says nothing of itself, is of `sample_rate` Hz in the form `pcm`.
    `gradio`: the name of a function of a Gradio application, whose API begins at `path`; `json` is then what it is
    called with, in which `{upload}` stands for the one file of `files`, on the server.
    """

    method: Literal["GET", "POST", "PUT"] = "POST"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sample_rate: int = 0
    pcm: Literal["s16le", "f32le"] = "s16le"
    gradio: str = ""


@dataclass(frozen=True, slots=True)
class ServeRecipe:
    """Recipe by which a system's own server is started and asked.

    `script` is run by path from the root of a snapshot, with `arguments`: `{port}` is a free port, the other
    placeholders are values of the workload's `serve`, as those of `request` may be. It is ready when it answers at
    `health`. `install` is said where a module is missing. `stream` asks for sound as it is made, where `request`
    asks for it whole; None: the server knows one way.
    """

    script: str
    arguments: tuple[str, ...]
    request: RequestTemplate
    health: str = "/"
    install: str = ""
    stream: RequestTemplate | None = None


OPENAI = RequestTemplate(
    path="/v1/audio/speech",
    json={"model": "tts-1", "input": "{text}", "voice": "{voice}", "response_format": "wav"},
)
# Requests that come with ttsopt, by the word of `--request`.
BUILT_IN: Mapping[str, RequestTemplate] = {"openai": OPENAI}
