"""Which interpreter a checkout runs in, and why."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ttsopt.environment.interpreter import Interpreter, find_interpreter
from ttsopt.errors import CannotRunError


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def environment(prefix: Path) -> Path:
    python = program(prefix / "bin" / "python")
    (prefix / "pyvenv.cfg").write_text("")
    return python


def find(
    checkout: Path, explicit: str = "", variables: dict[str, str] | None = None
) -> Interpreter:
    return find_interpreter([checkout], explicit, variables or {})


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_the_checkouts_own_environment_comes_first(tmp_path: Path, name: str) -> None:
    python = environment(tmp_path / "checkout" / name)
    active = environment(tmp_path / "active")
    found = find(tmp_path / "checkout", "", {"VIRTUAL_ENV": str(active.parents[1])})
    assert found.path == python
    assert name in found.reason


def test_a_folder_named_env_that_is_no_environment_is_none(tmp_path: Path) -> None:
    program(tmp_path / "env" / "bin" / "python")
    assert find(tmp_path).path == Path(sys.executable)


@pytest.mark.parametrize("below", [".", "f5_tts"])
def test_an_installed_package_runs_where_it_is_installed(tmp_path: Path, below: str) -> None:
    python = environment(tmp_path / "prefix")
    checkout = tmp_path / "prefix" / "lib" / "python3.11" / "site-packages" / below
    checkout.mkdir(parents=True)
    found = find(checkout)
    assert found.path == python
    assert "installed" in found.reason


def test_a_system_prefix_gives_the_python_of_its_version(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python")
    versioned = program(tmp_path / "bin" / "python3.10")
    checkout = tmp_path / "lib" / "python3.10" / "site-packages"
    checkout.mkdir(parents=True)
    assert find(checkout).path == versioned


def test_site_packages_of_windows(tmp_path: Path) -> None:
    python = program(tmp_path / "Scripts" / "python.exe")
    (tmp_path / "pyvenv.cfg").write_text("")
    checkout = tmp_path / "Lib" / "site-packages"
    checkout.mkdir(parents=True)
    assert find(checkout).path == python


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_else_the_active_environment(tmp_path: Path, variable: str) -> None:
    python = environment(tmp_path / "active")
    (tmp_path / "checkout").mkdir()
    found = find(tmp_path / "checkout", "", {variable: str(tmp_path / "active")})
    assert found.path == python
    assert variable in found.reason


def test_an_active_environment_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    assert find(tmp_path, "", {"VIRTUAL_ENV": str(tmp_path / "gone")}).path == Path(sys.executable)


def test_else_the_interpreter_of_ttsopt(tmp_path: Path) -> None:
    found = find(tmp_path)
    assert found.path == Path(sys.executable)
    assert "ttsopt" in found.reason


def test_the_one_that_was_named_wins(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    named = program(tmp_path / "other" / "python3")
    found = find(tmp_path, str(named))
    assert found == Interpreter(named, "named by --python")


def test_a_link_stays_a_link_since_it_names_the_environment(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "python"
    link.symlink_to(sys.executable)
    assert find(tmp_path, str(link)).path == link


def test_a_relative_name_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment(tmp_path / ".venv")
    monkeypatch.chdir(tmp_path)
    assert find(tmp_path, os.path.join(".venv", "bin", "python")).path == python  # noqa: PTH118
    assert find(Path(), "").path == python


@pytest.mark.parametrize("name", ["gone/python", "no-such-python-anywhere", "text.py"])
def test_a_name_that_cannot_be_run_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.py").write_text("")
    explicit = str(tmp_path / name) if "." in name or "/" in name else name
    with pytest.raises(CannotRunError) as caught:
        find(tmp_path, explicit)
    assert caught.value.code == "python-missing"
    assert explicit in caught.value.message


def test_an_environment_above_the_root_of_the_system_counts(tmp_path: Path) -> None:
    root = tmp_path / "service" / "third_party" / "F5-TTS"
    root.mkdir(parents=True)
    environment = tmp_path / "service" / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "pyvenv.cfg").touch()
    python = environment / "bin" / "python"
    python.touch(mode=0o755)
    found = find_interpreter([root, tmp_path / "service"], "", {})
    assert found.path == python


@pytest.mark.parametrize("name", ["runtime", "python_embeded"])
def test_a_bundle_for_windows_has_a_python_without_a_mark(tmp_path: Path, name: str) -> None:
    python = program(tmp_path / name / "python.exe")
    found = find(tmp_path)
    assert found.path == python
    assert name in found.reason


def test_an_environment_of_uv_by_its_variable(tmp_path: Path) -> None:
    python = environment(tmp_path / "checkout" / "elsewhere")
    environment(tmp_path / "checkout" / ".venv")
    variables = {"UV_PROJECT_ENVIRONMENT": "elsewhere"}
    assert find(tmp_path / "checkout", "", variables).path == python


def test_the_folder_of_an_environment_can_be_named(tmp_path: Path) -> None:
    python = environment(tmp_path / "mine")
    assert find(tmp_path, str(tmp_path / "mine")).path == python
    (tmp_path / "none").mkdir()
    with pytest.raises(CannotRunError, match="no Python in this folder"):
        find(tmp_path, str(tmp_path / "none"))


def test_the_systems_python_where_ttsopts_own_lacks_what_is_needed(tmp_path: Path) -> None:
    python = program(tmp_path / "bin" / "python3")
    variables = {"PATH": str(tmp_path / "bin")}
    found = find_interpreter([tmp_path / "checkout"], "", variables, needs="no_such_module_at_all")
    assert (found.path, "on PATH" in found.reason) == (python, True)
    own = find_interpreter([tmp_path / "checkout"], "", variables, needs="json")
    assert own.path == Path(sys.executable)
