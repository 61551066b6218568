"""What an interpreter has, asked in a process."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from ttsopt.environment.probe import PROBE, Probe, probe_interpreter, require_modules
from ttsopt.errors import CannotRunError

PYTHON = Path(sys.executable)


def failure(folder: Path, body: str, time_limit: float = 60) -> CannotRunError:
    program = folder / "program.py"
    program.write_text(body)
    with pytest.raises(CannotRunError) as caught:
        probe_interpreter(PYTHON, ["json"], (), time_limit, program)
    return caught.value


def test_modules_are_looked_for_and_the_version_told() -> None:
    found = probe_interpreter(PYTHON, ["json", "no_such_module_at_all"])
    assert found.modules == {"json": True, "no_such_module_at_all": False}
    assert found.missing == ("no_such_module_at_all",)
    assert found.python == platform.python_version()


def test_missing_modules_are_an_error_with_the_install_line() -> None:
    found = probe_interpreter(PYTHON, ["no_such_a", "json", "no_such_b"])
    with pytest.raises(CannotRunError) as caught:
        require_modules(found, "pip install f5-tts")
    assert caught.value.code == "module-missing"
    assert "no_such_a, no_such_b" in caught.value.message
    assert caught.value.hint == "pip install f5-tts"


def test_nothing_missing_is_no_error() -> None:
    require_modules(Probe("3.11", "CPython", "/p", "/p/bin/python", "Linux", {}, (), {}))


WRITE = "import sys; open(sys.argv[1] + '/result.json', 'w').write({!r})"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise SystemExit('no way')", "no way"),
        ("import os; os._exit(3)", "status 3"),
        (WRITE.format("{"), "not JSON"),
        (WRITE.format("[]"), "protocol 1"),
        (
            WRITE.format('{"protocol": 1, "ok": false, "error": "KeyError", "message": "odd"}'),
            "KeyError: odd",
        ),
        (WRITE.format('{"protocol": 1, "ok": true, "python": "3.11"}'), "implementation"),
    ],
)
def test_an_interpreter_without_a_sane_answer_is_unusable(
    tmp_path: Path, body: str, words: str
) -> None:
    error = failure(tmp_path, body)
    assert error.code == "python-unusable"
    assert words in error.message
    assert str(PYTHON) in error.message


def test_an_interpreter_that_hangs_is_unusable(tmp_path: Path) -> None:
    error = failure(tmp_path, "import time; time.sleep(600)", time_limit=1)
    assert "no answer in 1 s" in error.message


def test_what_is_no_program_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    with pytest.raises(CannotRunError, match="cannot be started"):
        probe_interpreter(tmp_path / "text", [])


def test_the_shipped_probe_is_where_it_is_looked_for() -> None:
    assert PROBE.is_file()
