"""The process of the command line: what it imports, and that it ends with 1 at a failed gate alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="redirections of sh, /dev/full")
TTSOPT = f"'{sys.executable}' -m ttsopt"
# A real Ctrl-C, at the moment that a module is looked for.
INTERRUPTS = """
import os, signal, sys, time
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r} and os.path.exists({armed!r}):
            # A job in the background of a shell is born deaf to it.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
sys.meta_path.insert(0, Finder())
"""


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = ["bash", "-c", line]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize(
    "redirection", ["2>/dev/full", "2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&1 >&-"]
)
@pytest.mark.parametrize("line", ["apply", "plan", "status --json", "--help"])
def test_streams_that_are_closed_or_full_change_no_exit_code(
    sample: Path, line: str, redirection: str
) -> None:
    command = line if line.startswith("-") else f"{line} '{sample}'"
    done = shell(f"{TTSOPT} {command} {redirection}", sample)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "2>&- >&-"])
@pytest.mark.parametrize(
    ("line", "code"), [("status --no-such-option", 2), ("plan nowhere", 2), ("apply .", 3)]
)
def test_an_error_that_cannot_be_told_keeps_its_exit_code(
    tmp_path: Path, line: str, code: int, redirection: str
) -> None:
    assert shell(f"{TTSOPT} {line} {redirection}", tmp_path).returncode == code


@pytest.mark.parametrize("line", ["list", "list --json", "--help", "--version", "list --help"])
def test_a_full_standard_output_is_an_error_of_its_own(tmp_path: Path, line: str) -> None:
    done = shell(f"{TTSOPT} {line} >/dev/full", tmp_path)
    assert done.returncode == 5
    assert b"cannot print: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert shell(f"{TTSOPT} {line} >/dev/full 2>&1", tmp_path).returncode == 5


@pytest.mark.parametrize("line", ["list", "list --json", "--help", "--version"])
def test_a_reader_that_has_seen_enough(tmp_path: Path, line: str) -> None:
    done = shell(f"{TTSOPT} {line} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (done.returncode, done.stderr) in {(141, b""), (0, b"")}
    waits = f"{{ sleep 0.1; {TTSOPT} {line}; echo $? >code; }} | true; cat code"
    assert shell(waits, tmp_path).stdout in {b"141\n", b"0\n"}


def test_a_failed_gate_is_1_whatever_cannot_be_printed(sample: Path) -> None:
    for redirection in ("", "2>/dev/full", "2>&- >&-"):
        assert shell(f"{TTSOPT} plan --check '{sample}' {redirection}", sample).returncode == 1


@pytest.mark.parametrize("module", ["ttsopt.cli.main", "typer", "ttsopt.cli.commands_read"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_ctrl_c_during_start_up(tmp_path: Path, module: str, options: list[str]) -> None:
    armed = tmp_path / "armed"
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTS.format(name=module, armed=str(armed)))
    armed.touch()
    line = " ".join([TTSOPT, "list", *options])
    done = shell(line, tmp_path.parent, PYTHONPATH=str(tmp_path))
    assert (done.returncode, b"Traceback" in done.stderr) == (130, False)
    if options:
        assert json.loads(done.stdout)["errors"][0]["code"] == "interrupted"
    else:
        assert b"interrupted" in done.stderr
    armed.unlink()
    assert shell(line, tmp_path.parent, PYTHONPATH=str(tmp_path)).returncode == 0


def test_an_error_during_start_up_is_a_defect(tmp_path: Path) -> None:
    code = "import sys; sys.modules['typer'] = None"  # as in an environment that is broken
    (tmp_path / "sitecustomize.py").write_text(code)
    done = shell(f"{TTSOPT} list", tmp_path.parent, PYTHONPATH=str(tmp_path))
    assert (done.returncode, b"Traceback" in done.stderr) == (70, True)


@pytest.mark.parametrize("path", ["", ".", "/nowhere:", ":/nowhere"])
def test_nothing_of_the_current_folder_is_imported(tmp_path: Path, path: str) -> None:
    mark = tmp_path / "ran"
    planted = tmp_path / "hostile"
    for name in (
        "json",
        "typer",
        "rich/__init__",
        "argparse",
        "tomllib/__init__",
        "yaml",
        "cattrs/__init__",
    ):
        file = planted / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"open({str(mark)!r}, 'a').write(__name__)\n")
    for line in ("list --json", "list", "plan", "status --json", "--help"):
        done = shell(f"{TTSOPT} {line}", planted, PYTHONPATH=path)
        assert done.returncode in {0, 3}, done
        assert not mark.exists()
