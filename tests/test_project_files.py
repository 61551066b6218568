"""Files for those who use, cite, report on and build the project: they agree with each other and with the code."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((TOP / ".github/workflows").glob("*.yml"))
FORMS = sorted((TOP / ".github/ISSUE_TEMPLATE").glob("*.yml"))
SAYS_HOW_TO_INSTALL = ["README.md", "README.zh-CN.md", "docs/index.md", "docs/ci.md"]
# The README's example of an address, and where the placeholder itself is explained.
NAMES_THE_ADDRESS = [
    *SAYS_HOW_TO_INSTALL, "action.yml", "CITATION.cff", "mkdocs.yml", ".github/ISSUE_TEMPLATE/config.yml",
]  # fmt: skip


def text(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def table(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in table(path)["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_the_rights_of_a_reader_unless_a_job_says_more(path: Path) -> None:
    assert table(path)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_value_of_an_event_is_part_of_a_script(path: Path) -> None:
    for step in steps(path):
        named = re.findall(r"\$\{\{\s*([\w.-]+)", step.get("run", ""))
        assert all(name.startswith("matrix.") for name in named), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_make_target_that_a_workflow_runs_is_there(path: Path) -> None:
    for step in steps(path):
        for target in re.findall(r"^make ([\w-]+)", step.get("run", ""), re.MULTILINE):
            assert re.search(rf"^{target}:", text("Makefile"), re.MULTILINE)


def test_the_tests_run_on_every_python_and_platform_that_is_promised() -> None:
    matrix = table(TOP / ".github/workflows/tests.yml")["jobs"]["tests"]["strategy"]["matrix"]
    stated = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one]
    assert matrix["python"] == stated
    assert PROJECT["requires-python"] == f">={stated[0]}"
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_the_wheel_is_tried_with_the_oldest_and_the_newest_packages() -> None:
    wheel = table(TOP / ".github/workflows/tests.yml")["jobs"]["wheel"]
    assert wheel["strategy"]["matrix"]["resolution"] == ["lowest-direct", "highest"]


def test_the_release_keeps_no_token() -> None:
    release = table(TOP / ".github/workflows/release.yml")
    assert release["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in text(".github/workflows/release.yml")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_has_what_github_asks_for(path: Path) -> None:
    form = table(path)
    if path.name == "config.yml":
        return
    assert form["name"]
    assert form["description"]
    ids = [row["id"] for row in form["body"]]
    assert len(set(ids)) == len(ids)
    assert all(row["attributes"]["label"] for row in form["body"])


def test_a_bug_report_asks_what_doctor_says() -> None:
    assert "ttsopt doctor --json" in text(".github/ISSUE_TEMPLATE/bug.yml")


def test_one_version_everywhere() -> None:
    version = PROJECT["version"]
    assert table(TOP / "CITATION.cff")["version"] == version
    assert re.search(rf"^## {re.escape(version)} \(", text("CHANGELOG.md"), re.MULTILINE)
    for name in SAYS_HOW_TO_INSTALL:
        named = re.findall(r"/ttsopt@v([\w.]+)", text(name))
        assert named, name
        assert set(named) == {version}, name


@pytest.mark.parametrize("name", NAMES_THE_ADDRESS)
def test_one_address_everywhere(name: str) -> None:
    account = PROJECT["urls"]["Source"].split("/")[-2]
    found = re.findall(r"(?:github\.com/|uses: )([\w-]+)/ttsopt\b", text(name))
    assert found
    assert set(found) == {account}
    pages = re.findall(r"([\w-]+)\.github\.io", text(name))
    assert set(pages) <= {account}


def test_what_the_package_takes_from_the_repository_is_there() -> None:
    tool = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]
    included = tool["wheel"]["force-include"]
    assert all((TOP / source).exists() for source in included)
    assert all(list(TOP.glob(source)) for source in tool["sdist"]["include"])


@pytest.mark.skipif(not (TOP / ".git").exists(), reason="asks git what belongs to the repository")
def test_line_ends_are_those_that_the_editor_is_told_to_write() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--eol", "*.py", "*.md", "*.yml", "*.sh"],
        cwd=TOP, capture_output=True, text=True, check=True,
    )  # fmt: skip
    crlf = [line for line in listed.stdout.splitlines() if line.startswith(("i/crlf", "i/mixed"))]
    assert [line for line in crlf if "/cases/" not in line] == []
