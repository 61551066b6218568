"""The environment of every program that ttsopt starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ttsopt.boundary.variables import clean_path, scrubbed


@pytest.mark.parametrize(
    "name",
    [
        *("GITHUB_PAT", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "SSH_AUTH_SOCK", "DATABASE_URL"),
        *("CUDA_API_KEY", "TORCH_PAT", "TTSOPT_PASSWORD", "GIT_SSH_COMMAND", "PYTHONHOME", "PYTHONSTARTUP"),
        *("BASH_ENV", "ACTIONS_RUNTIME_URL", "GITHUB_ENV", "NPM_CONFIG__AUTH"),
    ],
)  # fmt: skip
def test_what_is_not_known_to_be_needed_does_not_pass(name: str) -> None:
    assert scrubbed({name: "s3cret"}) == {}


@pytest.mark.parametrize(
    "name", ["HOME", "LC_ALL", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "HF_HOME", "https_proxy", "VIRTUAL_ENV"]
)  # fmt: skip
def test_what_python_torch_and_git_need_passes(name: str) -> None:
    assert scrubbed({name: "value"}) == {name: "value"}


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "HF_ENDPOINT", "http_proxy"])
def test_an_address_with_credentials_does_not_pass(name: str) -> None:
    assert scrubbed({name: "http://proxy:8080"})
    for address in ("http://me:s3cret@proxy:8080", "https://s3cret@hub"):
        assert scrubbed({name: address}) == {}


def test_what_the_user_names_passes() -> None:
    given = {
        "TTSOPT_PASS_ENV": "MODEL_DIR, HF_TOKEN",
        "MODEL_DIR": "/m",
        "HF_TOKEN": "t",
        "OTHER": "o",
    }
    assert scrubbed(given) == {row: given[row] for row in given if row != "OTHER"}


def test_programs_are_not_looked_for_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = str(tmp_path.parent)
    value = os.pathsep.join(["", ".", "bin", str(tmp_path), elsewhere])
    assert clean_path(value) == [elsewhere]
    assert scrubbed({"PATH": value}) == {"PATH": elsewhere}
