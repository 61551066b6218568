"""Annotations and a comment from what `ttsopt bench --json` answered: `tell.py FOLDER NAME`.

FOLDER holds answer.json, and report.md where something was measured; comment.md is written there. It needs the
standard library alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LONGEST = 60_000  # characters of a comment; GitHub takes 65,536
WORDS = {
    0: "passed",
    1: "a gate failed",
    3: "refused",
    4: "undecided: noisier than the question",
    5: "could not be measured",
    130: "interrupted",
}


def main(folder: Path, name: str) -> int:
    """Print the annotations, write the comment."""
    answer = read_answer(folder / "answer.json")
    for line in annotations(answer):
        print(line)
    (folder / "comment.md").write_text(comment(answer, folder, name), encoding="utf-8")
    return 0


def read_answer(file: Path) -> Mapping[str, Any]:
    """Return the answer; one that says so where ttsopt printed none."""
    try:
        answer: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        error = {"message": "ttsopt gave no answer", "hint": "The log of the step has why."}
        return {"exit_code": 70, "errors": [error], "data": {}}
    return answer


def annotations(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield workflow commands: errors as such, gates that noise leaves open as warnings."""
    for error in answer["errors"]:
        text = f"{error['message']}\n{error['hint']}".strip()
        yield f"::error title=ttsopt::{escaped(text)}"
    for gate in answer["data"].get("gates", []):
        if gate["outcome"] in {"undecided", "unverified"}:
            yield f"::warning title=ttsopt::{escaped(gate['name'])} is {gate['outcome']}"


def escaped(text: str) -> str:
    """Text as the value of a workflow command.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def comment(answer: Mapping[str, Any], folder: Path, name: str) -> str:
    """Return the comment: a marker by which it is found again, the outcome, the report."""
    code = answer["exit_code"]
    head = f"<!-- ttsopt:{name} -->\n**ttsopt {name}**: {WORDS.get(code, f'exit code {code}')}\n\n"
    report = folder / "report.md"
    if not report.is_file():
        return head + "Nothing was measured; the log of the job has why.\n"
    text = report.read_text(encoding="utf-8")
    cut = "\n\n(cut; the job's summary has all of it)\n" if len(text) > LONGEST else ""
    return head + text[:LONGEST] + cut


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2]))
