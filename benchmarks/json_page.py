"""Makes docs/json.md: what each command prints with `--json`, from real runs on the sample (`make pages-json`).

`json_page.py [--check]`. Values are left out, so that the page is the same on every machine; what the keys
mean is in docs/cli.md. With `--check` nothing is written, and the exit code is 1 where the keys have changed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

TOP = Path(__file__).parents[1]
sys.path.append(str(TOP / "tests" / "support"))
import coded_speech  # noqa: E402
from speech_server import speak, speech_server  # noqa: E402

PAGE = TOP / "docs" / "json.md"
PATCH = "sample/folded-weight-norm"
# In the order in which they are run, on one copy of the sample; `{sample}` is that, `{server}` one that speaks.
QUICK = {
    "discover": ["discover", "{sample}"],
    "list": ["list"],
    "list DIR": ["list", "{sample}"],
    "show": ["show", "sample/nfe-step"],
    "new-patch": ["new-patch", "sample/example", "{sample}/../own"],
    "plan": ["plan", "{sample}", "-p", PATCH],
    "apply": ["apply", "{sample}", "-p", PATCH],
    "status": ["status", "{sample}"],
    "rollback": ["rollback", "{sample}"],
    "reapply": ["reapply", "{sample}"],
    "bench --explain": ["bench", "{sample}", "--explain"],
}
SLOW = {
    "bench": [
        "bench", "{sample}", "--rounds", "2", "--min-speedup", "0.1", "--undecided", "pass", "--hot",
        "--save", "{sample}/../a.json",
    ],
    "bench --http, --serve": [
        "bench", "--http", "{server}", "{server}", "--requests", "2", "--max-rtf", "99",
        "--recogniser", sys.executable, "--recogniser-model", "faster-whisper:{sample}/../model",
    ],
    "compare": ["compare", "{sample}/../a.json", "{sample}/../a.json"],
    "compare --history": ["compare", "--history", "{sample}/.."],
    # Four evaluations in the place of 32 are faster on any machine; the budget leaves the other patch out.
    "tune": [
        "tune", "{sample}", "-p", "sample/nfe-step", "-p", "sample/precompiled-regex", "--effect", "lossy",
        "--set", "sample/nfe-step.nfe_step=4", "--threads", "1", "--budget", "1",
    ],
}  # fmt: skip
# Exit codes of a run that has all keys: 4 is a machine too noisy to decide.
MEASURED = {0, 4}
# Objects whose keys are data: names of parameters, files, counters, texts, packages.
BY_NAME = {
    "choices", "counters", "counters_per_call", "helpers", "model", "packages", "parameters", "seconds_per_stage",
    "stages", "texts", "whole", "first_audio", "settings_by_name", "variables", "memory_by_stage",
    "failures", "defects",
}  # fmt: skip
HEAD = """\
# JSON

What each command prints on standard output with `--json`: one object, always with these keys. Keys may be added; a
change of what is here is a breaking change. [The command line](cli.md#output) says what the keys mean.

| key | |
| --- | --- |
| `schema` | 1 |
| `command` | the command's name |
| `status` | `ok`, `refused` (exit 3), `failed` (exit 1) or `error` |
| `exit_code` | [the exit code](cli.md#exit-codes) |
| `data` | below, by command; `{}` after an error |
| `errors` | rows of `code`, `message`, `hint` |

Made by `make pages-json` from real runs on the sample: what is empty there (a list without rows, an object that is
null) is in the words of [the command line](cli.md#output) alone. `[]` stands for every row of a list, `<name>`
for a key that is data, such as a parameter's name.
"""


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare its keys; 1 where they are not up to date and nothing is to be written."""
    with tempfile.TemporaryDirectory() as folder:
        made = page(answers(Path(folder), {**QUICK, **SLOW}))
    if "--check" in arguments:
        return 0 if keys_of(made) == keys_of(PAGE.read_text(encoding="utf-8")) else 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


def answers(folder: Path, commands: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Run the commands one after the other on a copy of the sample; return the data of each."""
    sample = folder / "sample"
    copytree(TOP / "patches/sample/checkout", sample, ignore=ignore_patterns("__pycache__"))
    site, _ = coded_speech.lay_out(folder)  # a recogniser that comes with the tests
    environ = {**os.environ, "TTSOPT_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(site)}
    with speech_server(speak()) as server:
        return {name: _data(words, sample, environ, server.url) for name, words in commands.items()}


def _data(words: Sequence[str], sample: Path, environ: Mapping[str, str], url: str) -> Any:
    arguments = [word.replace("{sample}", str(sample)).replace("{server}", url) for word in words]
    command = [sys.executable, "-m", "ttsopt", *arguments, "--json"]
    done = subprocess.run(command, env=environ, capture_output=True, check=False)
    if done.returncode not in MEASURED:
        raise SystemExit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr.decode()}")
    return json.loads(done.stdout)["data"]


def page(data: Mapping[str, Any]) -> str:
    """Return the page: for each command its keys with their types."""
    parts = [HEAD]
    for name, value in data.items():
        rows = [f"| `{path}` | {kinds} |" for path, kinds in shape(value).items()]
        parts += [f"## {name}\n", "| key of `data` | type |", "| --- | --- |", *rows, ""]
    return "\n".join(parts).rstrip("\n") + "\n"


def shape(value: Any) -> dict[str, str]:
    """Return the types of all keys by their paths; several types of one key are joined by `or`."""
    kinds: dict[str, list[str]] = {}
    for path, kind in _walk(value, ""):
        kinds.setdefault(path, [])
        if kind not in kinds[path]:
            kinds[path].append(kind)
    return {path: " or ".join(sorted(found)) for path, found in kinds.items() if path}


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    yield path, _kind(value)
    if isinstance(value, list):
        for row in value:
            yield from _walk(row, f"{path}[]")
    if isinstance(value, dict):
        named = path.rpartition(".")[2] in BY_NAME
        for key, below in value.items():
            yield from _walk(below, ".".join(filter(None, [path, "<name>" if named else key])))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", str: "string", list: "list", dict: "object"}
    return names.get(type(value), "number")


def keys_of(text: str, only: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the keys of each command that a page lists; `only` of some."""
    found = {}
    for section in text.split("\n## ")[1:]:
        name, _, rest = section.partition("\n")
        rows = [line.split("`")[1] for line in rest.splitlines() if line.startswith("| `")]
        found[name] = sorted(rows)
    return {name: found[name] for name in only} if only else found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
