"""What `bench --explain` reads from a workload's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.domain.system import BenchRecipe
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench_explain import read_workload
from ttsopt.operations.workloads import known_workloads, workload_file


@pytest.mark.parametrize("name", known_workloads())
def test_every_workload_says_what_it_measures_and_what_stands_in(name: str) -> None:
    about, stands_in = read_workload(workload_file(BenchRecipe(name)))
    assert about.count("\n") > 1
    assert stands_in
    assert all(" " in sentence for sentence in stands_in)


@pytest.mark.parametrize("written", ["STANDS_IN = made()", "STANDS_IN = ('a', 1)", ""])
def test_a_workload_that_does_not_say_it_in_constants_is_refused(
    tmp_path: Path, written: str
) -> None:
    file = tmp_path / "voice.py"
    file.write_text(written)
    with pytest.raises(CannotRunError, match=r"voice\.py does not say at its top what stands in"):
        read_workload(file)
