"""Which package is meant, and what is said where none can be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_driver import Cli
from installed_packages import (
    Environment,
    make_wheel,
    pip_install,
    sample_package,
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
