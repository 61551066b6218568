"""What `bench --explain` reads from a workload's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.explain import read_workload

WORKLOADS = sorted((Path(__file__).parents[2] / "patches").glob("*/workload.py"))


@pytest.mark.parametrize("file", WORKLOADS, ids=lambda file: file.parent.name)
def test_every_workload_says_what_it_measures_and_its_stubs(file: Path) -> None:
    about, stubs = read_workload(file)
    assert about.count("\n") > 1
    assert stubs
    assert all(" " in sentence for sentence in stubs)


@pytest.mark.parametrize("written", ["STUBS = made()", "STUBS = ('a', 1)", ""])
def test_a_workload_that_does_not_say_it_in_constants_is_refused(
    tmp_path: Path, written: str
) -> None:
    file = tmp_path / "voice.py"
    file.write_text(written)
    with pytest.raises(CannotRunError, match=r"voice\.py does not name its stubs at its top"):
        read_workload(file)


def test_a_workload_that_is_not_python_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "voice.py"
    file.write_text("def load(:\n")
    with pytest.raises(CannotRunError, match=r"voice\.py is not Python 3\.8"):
        read_workload(file)
