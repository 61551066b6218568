"""Which package is meant, and what is said where none can be."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest
from cli_driver import Cli
from installed_packages import (
    Environment,
    make_wheel,
    pip_install,
    sample_package,
    sample_wheel,
)


def test_another_system_beside_it_is_not_meant(
    cli: Cli, env: Environment, patched_toy: tuple[object, ...], tmp_path: Path
) -> None:
    vendored = {f"voices/{path}": data for path, data in sample_package().items()}
    pip_install(env.python, make_wheel(tmp_path, "voices", "2.0", vendored))
    for name, root in (("sample-tts", "."), ("voices", "voices")):
        (found,) = cli("discover", *env.of(name), "--json").data["systems"]
        assert (found["system"], found["root"]) == ("sample", root)
        applied = cli("apply", *env.of(name), "--all-roots", "--json").data["applied"]
        assert {row["root"] for row in applied} == {root}
    for name, patches in (("voices", 3), ("toy-tts", 1)):
        status = cli("status", *env.of(name), "--json").data
        assert len(status["patches"]) == patches
    assert cli("rollback", *patched_toy).code == 0
    assert not (env.site / "toy_kept.py").exists()
    remaining = cli("rollback", *env.sample, "--json").data["remaining"]
    assert {row["root"] for row in remaining} == {"voices"}


def test_rolling_back_a_package_without_patches_takes_out_nobody_elses(
    cli: Cli, env: Environment, patched_toy: tuple[object, ...]
) -> None:
    answer = cli("rollback", *env.sample, "--json")
    assert (answer.code, answer.data["rolled_back"]) == (0, [])
    named = cli("rollback", *env.sample, "-p", "toy/kept", "--json")
    assert (named.code, named.error["code"]) == (2, "not-applied")
    assert (env.site / "toy_kept.py").exists()


def test_a_package_that_is_no_tts_system_is_refused(
    cli: Cli, env: Environment, tmp_path: Path
) -> None:
    pip_install(env.python, make_wheel(tmp_path, "plain", "1.0", {"plain.py": b""}))
    assert cli("discover", *env.of("plain"), "--json").data["systems"] == []
    answer = cli("apply", *env.of("plain"), "--json")
    assert (answer.code, answer.error["code"]) == (3, "no-system")


def test_an_editable_install_is_refused_with_the_folder_to_name(
    cli: Cli, env: Environment, sample: Path
) -> None:
    (info,) = env.site.glob("*.dist-info")
    url = {"url": sample.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(url))
    answer = cli("apply", *env.sample, "--json")
    assert (answer.code, answer.error["code"]) == (3, "editable")
    assert str(sample) in answer.error["hint"]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["sample", "--installed", "sample-tts"], 2, "two-places"),
        (["--python", sys.executable], 2, "nothing-installed"),
        (["--installed", ""], 2, "bad-name"),
        (["--installed", "no-such-distribution", "--python", sys.executable], 5, "not-installed"),
        (["--installed", "sample-tts", "--python", "no-such-python"], 5, "python-missing"),
    ],
)
def test_wrong_use_and_what_is_not_there_is_said(
    cli: Cli, arguments: list[str], code: int, word: str
) -> None:
    for command in ("discover", "list", "plan", "apply", "status", "rollback"):
        answer = cli(command, *arguments, "--json")
        assert (answer.code, answer.error["code"]) == (code, word), command
        assert answer.error["hint"]


def test_a_package_that_is_not_there_comes_with_the_line_that_installs_it(
    cli: Cli, empty: Environment
) -> None:
    error = cli("apply", *empty.of("f5-tts"), "--json").error
    assert f"{empty.python} -m pip install f5-tts" in error["hint"]
    assert str(empty.python) in error["message"]


COMMANDS = ("discover", "list", "plan", "apply", "status", "reapply", "rollback")


def planted(folder: Path, mark: Path) -> Path:
    """An environment as somebody may leave one in a folder, whose python leaves a mark; its site-packages."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch '{mark}'\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    (folder / ".venv" / "pyvenv.cfg").write_text("version = 3.11.4\n")
    site = folder / ".venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    with zipfile.ZipFile(sample_wheel(folder)) as wheel:
        wheel.extractall(site)
    return site


@pytest.mark.skipif(sys.platform == "win32", reason="the python is a script of sh")
def test_an_interpreter_of_the_current_folder_is_not_run(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = planted(tmp_path / "work", tmp_path / "ran")
    monkeypatch.chdir(tmp_path / "work")
    for command in COMMANDS:
        answer = cli(command, "--installed", "sample-tts", "--json")
        assert answer.code == 0, answer
        assert answer.data["installed"]["directory"] == str(site)
    cli("apply", "--installed", "no-such-distribution")
    assert not (tmp_path / "ran").exists()
    named = cli("list", "--installed", "json", "--python", ".venv/bin/python", "--json")
    assert (named.error["code"], (tmp_path / "ran").exists()) == ("not-installed", True)


@pytest.mark.skipif(sys.platform == "win32", reason="the python is a script of sh")
@pytest.mark.parametrize("how", ["two versions", "a link out", "none"])
def test_an_environment_that_does_not_tell_wants_python_to_be_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    site = planted(tmp_path / "work", tmp_path / "ran")
    if how == "two versions":
        (site.parents[1] / "python3.9" / "site-packages").mkdir(parents=True)
        (tmp_path / "work" / ".venv" / "pyvenv.cfg").write_text("")
    else:
        site.rename(tmp_path / "elsewhere")
    if how == "a link out":
        site.symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "work")
    error = cli("apply", "--installed", "sample-tts", "--json").error
    assert error["code"] == "python-not-named"
    assert f"--python {tmp_path / 'work' / '.venv' / 'bin' / 'python'}" in error["hint"]
    assert not (tmp_path / "ran").exists()
