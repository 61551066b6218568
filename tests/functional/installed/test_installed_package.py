"""`--installed NAME --python EXE`: the copy of a package in a real environment."""

from __future__ import annotations

import os
import py_compile
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_driver import Answer, Cli, Tree
from git_command import commit_all, git
from installed_packages import (
    ACOUSTIC,
    Environment,
    make_environment,
    pip,
    pip_install,
    run,
    sample_wheel,
    site_packages,
)

MODES = [py_compile.PycInvalidationMode.TIMESTAMP, py_compile.PycInvalidationMode.UNCHECKED_HASH]


def record(env: Environment) -> bytes:
    (file,) = env.site.glob("sample_tts-*.dist-info/RECORD")
    return file.read_bytes()


def test_the_whole_way_in_an_environment(cli: Cli, env: Environment, tree: Tree) -> None:
    before, listed, rows = tree(env.site), pip(env.python, "list", "--format=json"), record(env)
    (found,) = cli("discover", *env.sample, "--json").data["systems"]
    assert (found["system"], found["root"], found["version"]) == ("sample", ".", "1.2.0")
    assert len(cli("list", *env.sample, "--json").data["applied"]) == 4
    plan = cli("plan", *env.sample, "--effect", "lossy", "--json")
    assert "--- a/sample_tts/acoustic.py" in plan.data["diff"]
    applied = cli("apply", *env.sample, "--effect", "lossy", "--json")
    assert (applied.code, len(applied.data["applied"])) == (0, 4)
    assert (env.steps(), record(env)) == (8, rows)
    assert pip(env.python, "list", "--format=json") == listed
    pip(env.python, "check")
    status = cli("status", *env.sample, "--json").data
    assert (status["top"], len(status["patches"])) == (str(env.site.resolve()), 4)
    assert {row["state"] for row in status["files"]} == {"applied"}
    assert cli("rollback", *env.sample).code == 0
    assert (tree(env.site), env.steps()) == (before, 32)
    assert not (env.site / ".ttsopt").exists()


def test_apply_ends_with_commands_that_work_as_printed(
    cli: Cli, env: Environment, tree: Tree
) -> None:
    before = tree(env.site)
    said = cli("apply", *env.sample).out
    commands = [shlex.split(line)[:6] for line in said.splitlines() if line.startswith("  ttsopt ")]
    rollback = next(one for one in commands if one[1] == "rollback")
    bench = next(one for one in commands if one[1] == "bench")
    named = ["--installed", "sample-tts", "--python", str(env.python)]
    assert rollback == ["ttsopt", "rollback", *named]
    assert bench == ["ttsopt", "bench", *named]
    assert cli(*bench[1:], "--explain").code == 0
    assert cli(*rollback[1:]).code == 0
    assert tree(env.site) == before


def test_the_answer_says_which_copy_was_meant(cli: Cli, env: Environment) -> None:
    for command in ("discover", "list", "plan", "apply", "status", "rollback"):
        answer = cli(command, "--installed", "Sample_TTS", "--python", env.python, "--json")
        told = answer.data["installed"]
        assert (told["name"], told["version"], told["others"]) == ("sample-tts", "1.2.0", [])
        assert told["directory"] == str(env.site.resolve())
        assert f"sample-tts 1.2.0 in {env.site.resolve()}" in answer.err


def test_the_environment_of_the_current_folder_is_meant_without_python(
    cli: Cli, env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # `env` lies in it
    assert cli("apply", "--installed", "sample-tts", "--effect", "lossy").code == 0
    assert env.steps() == 8


@pytest.mark.parametrize("mode", MODES)
def test_bytecode_of_the_old_code_never_runs(
    cli: Cli, env: Environment, mode: py_compile.PycInvalidationMode
) -> None:
    source = env.site / ACOUSTIC
    old = source.stat()
    compiling = f"import py_compile; py_compile.compile({str(source)!r}, invalidation_mode=py_compile.{mode})"
    run(env.python, "-c", compiling)
    assert env.steps() == 32
    cli("apply", *env.sample, "--effect", "lossy", "--set", "sample/nfe-step.nfe_step=16")
    assert source.stat().st_size == old.st_size
    os.utime(source, ns=(old.st_atime_ns, old.st_mtime_ns))  # written within the same second
    assert env.steps() == 16
    run(env.python, "-c", compiling)
    cli("rollback", *env.sample)
    os.utime(source, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert env.steps() == 32


def test_a_repository_around_the_environment_stays_as_it_was(
    cli: Cli, tmp_path: Path, tree: Tree
) -> None:
    repository = tmp_path / "project"
    repository.mkdir()
    (repository / ".gitignore").write_text("*.pyc\n")  # what is in .venv is committed, too
    python = make_environment(repository / ".venv")
    env = Environment(python, site_packages(python))
    pip_install(python, sample_wheel(tmp_path), "--no-compile")
    commit_all(repository)
    cli("apply", *env.sample, "--effect", "lossy")
    assert (env.site / ".ttsopt" / "journal.json").exists()
    assert not (repository / ".ttsopt").exists()
    changed = {line[3:].rpartition("/")[2] for line in git(repository, "status", "-s").splitlines()}
    assert changed == {"acoustic.py", "api.py", "frontend.py", "vocoder.py"}
    assert cli("rollback", *env.sample).code == 0
    assert git(repository, "status", "-s") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such mode")
@pytest.mark.parametrize("locked", [".", "sample_tts"])
def test_what_cannot_be_written_is_left_as_it_is(env: Environment, tree: Tree, locked: str) -> None:
    before = tree(env.site)
    folder = env.site / locked
    folder.chmod(0o555)
    try:
        answer = as_ordinary_user("apply", *env.sample, "--effect", "lossy", "--json")
    finally:
        folder.chmod(0o755)
    assert (answer.code, answer.error["code"]) == (5, "unwritable")
    assert "Permission denied" in answer.error["message"]
    assert tree(env.site) == before
    assert not (env.site / ".ttsopt").exists()


def as_ordinary_user(*arguments: object) -> Answer:
    """The command in a process that has to keep to the modes of files, whoever runs the tests."""
    command = [sys.executable, "-m", "ttsopt", *map(str, arguments)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root writes everything, and there is no setpriv to give that up")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    end = subprocess.run(command, capture_output=True, text=True, check=False)
    return Answer(end.returncode, end.stdout, end.stderr)


def test_a_package_is_measured_in_its_own_environment(cli: Cli, env: Environment) -> None:
    answer = cli("bench", *env.sample, "--rounds", "1", "--text", "Hello.", "--rtf", "--json")
    assert answer.code == 0, answer.err
    assert answer.data["before"]["rtf"] > 0
    assert answer.data["installed"]["python"] == str(env.python)
