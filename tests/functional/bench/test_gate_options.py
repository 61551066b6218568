"""`ttsopt bench`: the clock of gates, undecided ones, and limits on loading, first audio and latency."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli

from ttsopt.bench.job import Task
from ttsopt.bench.run.runner import Progress
from ttsopt.cli.progress import bench_progress
from ttsopt.domain.measurement import Side

ONE = ("-p", "sample/folded-weight-norm", "--text", "Hi.", "--rounds", "1", "--json")
GATES = ("--max-rtf", "1", "--max-load", "3", "--max-p95", "9", "--metric", "cpu")


@pytest.mark.parametrize(
    ("option", "code", "said", "error"),
    [
        ((), 4, "exit 4", "gate-undecided"),
        (("--undecided", "pass"), 0, "pass", None),
        (("--undecided", "fail"), 1, "fail", "gate-failed"),
    ],
)
def test_what_one_round_cannot_decide_counts_as_was_asked(
    cli: Cli, sample: Path, option: tuple[str, ...], code: int, said: str, error: str | None
) -> None:
    answer = cli("bench", sample, *ONE, *GATES, *option)
    gates = {row["name"]: row for row in answer.data["gates"]}
    assert answer.code == code
    assert list(gates) == ["max-rtf", "max-load", "max-p95", "quality"]
    assert gates["max-rtf"]["passed"] is None
    assert "CPU seconds / audio seconds in this run on this machine" in gates["max-rtf"]["measured"]
    assert (answer.data["undecided"], answer.data["metric"]) == (said, "cpu")
    assert answer.data["load_ratio"]["value"] > 0
    assert answer.data["environment"]["load"]["cores"] >= 1
    assert [row["code"] for row in answer.envelope["errors"]] == ([error] if error else [])


def test_a_limit_within_the_noise_is_said_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with bench_progress() as tell:
        tell(Progress(13, 83, Task.MEASURE, Side.BEFORE, 6, notices=("max-rtf: too near",)))
    assert capsys.readouterr().err.splitlines() == ["notice: max-rtf: too near", "round 6"]


def test_a_limit_on_the_first_audio_needs_a_stream(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, *ONE, "--max-ttfa", "1")
    assert answer.code == 2
    assert answer.envelope["errors"][0]["code"] == "no-stream"
