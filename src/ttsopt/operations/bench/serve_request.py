"""The request that a benchmark over HTTP sends: built in, or a template in TOML."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ttsopt.bench.serve.request import Call, fill, fill_headers, needs, template_problems
from ttsopt.boundary.parsing import load_toml
from ttsopt.boundary.reading import MIB, TABLE, read_bytes, read_given
from ttsopt.catalog.pages import page
from ttsopt.catalog.problems import SchemaError
from ttsopt.catalog.schema import structured
from ttsopt.domain.serving import BUILT_IN, RequestTemplate
from ttsopt.errors import CannotRunError, UsageError

MOST_UPLOAD = 32 * MIB
# A voice that OpenAI's API has, and servers that stand in for it.
OPENAI_VOICE = "alloy"


def read_call(word: str, voice: str, prompt_audio: Path | None, prompt_text: str) -> Call:
    """Return how texts are asked for: by a template that comes with ttsopt, or by a file.

    Raises:
        UsageError: The template is wrong, or asks for what was not given.
        CannotRunError: It, or a file to upload, cannot be read.
    """
    if word in BUILT_IN:
        return make_call(word, BUILT_IN[word], Path(), voice or OPENAI_VOICE, prompt_text)
    file = Path(word)
    given = voice or (str(prompt_audio.resolve()) if prompt_audio else "")
    return make_call(file.name, read_template(file), file.parent, given, prompt_text)


def read_template(file: Path) -> RequestTemplate:
    """Read a template.

    Raises:
        UsageError: `bad-request`: all that is wrong with it.
        CannotRunError: It cannot be read.
    """
    try:
        template = structured(
            load_toml(read_given(file, TABLE).decode("utf-8-sig")), RequestTemplate
        )
    except OSError as error:
        hint = f"Name a file, or a request that comes with ttsopt: {', '.join(BUILT_IN)}."
        message = f"cannot read the request {file}: {error.strerror}"
        raise CannotRunError("unreadable", message, hint) from error
    except SchemaError as error:
        raise _bad(file.name, error.rows) from error
    except ValueError as error:
        raise _bad(file.name, [("", str(error))]) from error
    problems = list(template_problems(template))
    if problems:
        raise _bad(file.name, problems)
    return template


def make_call(
    name: str,
    template: RequestTemplate,
    folder: Path,
    voice: str,
    prompt_text: str,
    environment: Mapping[str, str] | None = None,
) -> Call:
    """Put in what is the same for all requests: voice, headers, files.

    Raises:
        UsageError: A placeholder has no value, a variable is not set.
        CannotRunError: A file cannot be read.
    """
    if needs(template, "voice") and not voice:
        hint = "Give --voice NAME, or --prompt-audio WAV for its path."
        raise UsageError("no-voice", f"the request {name} asks for a {{voice}}", hint)
    headers = _headers(name, template, os.environ if environment is None else environment)
    values = {"voice": voice, "prompt_text": prompt_text}
    files = {key: _upload(folder / fill(path, values)) for key, path in template.files.items()}
    return Call(name, template, voice, prompt_text, headers, files)


def _headers(
    name: str, template: RequestTemplate, environment: Mapping[str, str]
) -> dict[str, str]:
    try:
        return fill_headers(template.headers, environment)
    except KeyError as error:
        message = f"the request {name} needs the variable {error.args[0]}, which is not set"
        raise UsageError("no-variable", message, f"export {error.args[0]}=...") from error
    except ValueError as error:
        message = f"the header {error.args[0]} of the request {name} would hold what no header can"
        raise UsageError(
            "bad-request", message, "Its value is printable ASCII in one line."
        ) from error


def _upload(path: Path) -> tuple[str, bytes]:
    try:
        return path.name, read_bytes(path, MOST_UPLOAD)
    except OSError as error:
        message = f"cannot read {path}, which the request sends: {error.strerror}"
        raise CannotRunError(
            "unreadable", message, "Relative paths begin at the template."
        ) from error


def _bad(name: str, rows: Iterable[tuple[str, str]]) -> UsageError:
    lines = (f"  {': '.join(filter(None, row))}" for row in rows)
    hint = f"Every key, and examples: {page('serving.md')}"
    return UsageError("bad-request", f"the request {name} is wrong:", hint, lines)
