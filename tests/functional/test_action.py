"""The action: the workflow of docs/ci.md, run step by step on a pull request of the sample.

What needs GitHub or a network is a fake on PATH (`gh`, and `python -m pip`); the scripts, the expressions and
`ttsopt bench` are real.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_command import commit_all, git

TOP = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
DOCUMENT = (TOP / "docs/ci.md").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(
    next(
        text
        for text in re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
        if "jobs:" in text
    )
)
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="programs of sh stand in for gh and pip"
)

GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *--paginate*) cat "$COMMENTS" ;; esac
"""
# The interpreter, but for pip, which is written down.
PYTHON = """#!/bin/sh
case "$1 $2" in "-m pip") printf 'pip %s\\n' "$*" >> "$CALLS"; exit 0 ;; esac
exec "{python}" "$@"
"""


def uses() -> dict[str, Any]:
    (job,) = WORKFLOW["jobs"].values()
    return dict(next(step for step in job["steps"] if "/ttsopt@" in step["uses"]))


@dataclass
class Job:
    """A job of GitHub with what its expressions know."""

    inputs: Mapping[str, str]
    github: Mapping[str, str]
    folder: Path
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def value(self, expression: str) -> str:
        """The value of `a || b`, `a == 'x'`, `a != ''`, `a && b` of names and texts."""
        for sign, join in (("||", any), ("&&", all)):
            if sign in expression:
                values = [self.value(part) for part in expression.split(sign)]
                known = [one for one in values if one]
                return (
                    (known or [""])[0]
                    if join is any
                    else ("true" if len(known) == len(values) else "")
                )
        if found := re.fullmatch(r"\s*(\S+) (==|!=) '(.*)'\s*", expression):
            return "true" if (self.value(found[1]) == found[3]) is (found[2] == "==") else ""
        return self.name(expression.strip())

    def name(self, name: str) -> str:
        if name.startswith("inputs."):
            return self.inputs[name[7:]]
        if name.startswith("steps."):
            _, step, _, key = name.split(".")
            return self.outputs.get(step, {}).get(key, "")
        known = {"runner.temp": str(self.folder), "runner.os": "Linux", "always()": "true"}
        return known.get(name) or self.github.get(name.removeprefix("github."), "")

    def text(self, template: str) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: self.value(found[1]), str(template))

    def run(self, environ: Mapping[str, str]) -> int:
        """Run the steps of the action as the runner does; return the exit code of the first that fails."""
        code = 0
        for step in ACTION["runs"]["steps"]:
            condition = step.get("if", "true")
            if (code and "always()" not in condition) or (
                condition != "true" and not self.value(condition)
            ):
                continue
            self.ran.append(step["name"])
            if "run" in step:
                code = self.script(step, environ) or code
        return code

    def script(self, step: Mapping[str, Any], environ: Mapping[str, str]) -> int:
        written = self.folder / "output"
        written.write_text("")
        own = {name: self.text(value) for name, value in step.get("env", {}).items()}
        runner = {"GITHUB_OUTPUT": str(written), "RUNNER_TEMP": str(self.folder)}
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            shell, env={**environ, **runner, **own}, cwd=environ["HERE"], check=False
        )
        rows = (line.partition("=") for line in written.read_text().splitlines())
        self.outputs[step.get("id", "")] = {key: value for key, _, value in rows}
        return done.returncode


@dataclass(frozen=True)
class PullRequest:
    base: str
    environ: dict[str, str]
    temporary: Path

    @property
    def calls(self) -> list[str]:
        file = Path(self.environ["CALLS"])
        return file.read_text().splitlines() if file.is_file() else []

    def job(self, **inputs: str) -> Job:
        defaults = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        asked = {name: str(value) for name, value in uses()["with"].items()}
        fixed = {"python": str(self.temporary / "bin/python"), "options": "--rounds 2 --threads 1"}
        event = {"event.pull_request.base.sha": self.base, "event.pull_request.number": "7"}
        github = {**event, "repository": "o/r", "action_path": str(TOP), "token": "t"}
        return Job({**defaults, **asked, "token": "t", **fixed, **inputs}, github, self.temporary)


@pytest.fixture
def pull_request(sample: Path, tmp_path: Path) -> Iterator[PullRequest]:
    """The sample with a commit on top, and the programs that the runner has."""
    commit_all(sample)
    base = git(sample, "rev-parse", "HEAD")
    with (sample / "sample_tts/api.py").open("a", encoding="utf-8") as file:
        file.write("\n# a change\n")
    git(sample, "commit", "-q", "-a", "-m", "change")
    programs = tmp_path / "bin"
    programs.mkdir()
    ttsopt = f'#!/bin/sh\nexec "{sys.executable}" -m ttsopt "$@"\n'
    for name, text in {
        "gh": GH,
        "python": PYTHON.format(python=sys.executable),
        "ttsopt": ttsopt,
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (tmp_path / "comments").write_text("")
    environ = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "COMMENTS": str(tmp_path / "comments"),
        "HERE": str(sample),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    yield PullRequest(base, environ, tmp_path)
    shutil.rmtree(tmp_path / "ttsopt-rtf", ignore_errors=True)


def test_the_workflow_of_the_document_names_inputs_that_there_are() -> None:
    assert set(uses()["with"]) <= set(ACTION["inputs"])
    assert all(f"`{name}`" in DOCUMENT for name in ACTION["inputs"])
    (job,) = WORKFLOW["jobs"].values()
    assert job["steps"][0]["with"]["fetch-depth"] == 0, "the base commit has to be there"
    assert WORKFLOW["permissions"]["pull-requests"] == "write"


def test_no_value_is_part_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]


def test_a_pull_request_is_measured_and_told_of(
    pull_request: PullRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    job = pull_request.job(ttsopt="none")
    assert job.run(pull_request.environ) == 0
    assert "Keep the result" in job.ran
    installed = [call for call in pull_request.calls if call.startswith("pip ")]
    assert ["torch torchaudio" in installed[0], "-r requirements.txt" in installed[1]] == [
        True,
        True,
    ]
    results = pull_request.temporary / "ttsopt-rtf"
    assert json.loads((results / "result.json").read_text())["against"]
    assert "RTF" in (pull_request.temporary / "summary.md").read_text()
    assert (results / "comment.md").read_text().startswith("<!-- ttsopt:rtf -->\n")
    (posted,) = [call for call in pull_request.calls if "--method" in call]
    assert "--method POST repos/o/r/issues/7/comments" in posted


def test_a_failed_gate_ends_the_job_with_an_annotation_and_updates_the_comment(
    pull_request: PullRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    Path(pull_request.environ["COMMENTS"]).write_text("41\n")
    job = pull_request.job(ttsopt="none", options="--rounds 2 --max-memory 1")
    assert job.run(pull_request.environ) == 1
    assert "Keep the result" in job.ran
    assert "::error title=ttsopt::" in capfd.readouterr().out
    (patched,) = [call for call in pull_request.calls if "--method" in call]
    assert "--method PATCH repos/o/r/issues/comments/41" in patched


def test_what_could_not_be_measured_is_said_and_no_result_is_made_up(
    pull_request: PullRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    job = pull_request.job(ttsopt="none", against="no-such-commit", comment="false")
    code = job.run(pull_request.environ)
    assert code not in {0, 1}
    assert "::error title=ttsopt::" in capfd.readouterr().out
    assert "Nothing was measured" in (pull_request.temporary / "ttsopt-rtf/comment.md").read_text()
    assert not [call for call in pull_request.calls if "--method" in call]


def test_ttsopt_is_installed_from_the_commit_of_the_action(pull_request: PullRequest) -> None:
    """`venv` is made by a fake, whose pip is written down."""
    script = PYTHON.replace(
        "esac\n",
        'esac\ncase "$2" in venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; exit 0 ;; esac\n',
        1,
    )
    (pull_request.temporary / "bin/python").write_text(script.format(python=sys.executable))
    job = pull_request.job()
    (step,) = [one for one in ACTION["runs"]["steps"] if one.get("id") == "install"]
    assert job.script(step, pull_request.environ) == 0
    assert pull_request.calls == [f"pip -m pip install --quiet {TOP}"]
    assert job.outputs["install"]["program"] == str(pull_request.temporary / "ttsopt/bin/ttsopt")


def test_a_message_cannot_give_a_command_of_its_own(tmp_path: Path) -> None:
    error = {"code": "x", "message": "one\n::set-output name=a::b", "hint": "100%"}
    answer = {"exit_code": 5, "errors": [error], "data": {}}
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    tell = [sys.executable, str(TOP / ".github/action/tell.py"), str(tmp_path), "rtf"]
    done = subprocess.run(tell, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "::error title=ttsopt::one%0A::set-output name=a::b%0A100%25"
    ]


def test_no_answer_is_an_error_too(tmp_path: Path) -> None:
    tell = [sys.executable, str(TOP / ".github/action/tell.py"), str(tmp_path), "rtf"]
    done = subprocess.run(tell, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("::error title=ttsopt::ttsopt gave no answer")
