"""Many processes at once on one checkout: each in its turn, a word for who waits too long, no harm by kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from cli_driver import Answer, Cli
from struck_world import photograph

import ttsopt

DONE, USAGE, REFUSED = 0, 2, 3
PATCHES = ("sample/kept-speaker-embedding", "sample/precompiled-regex")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("apply",),
    ("rollback",),
    *(("apply", "-p", patch) for patch in PATCHES),
    *(("rollback", "-p", patch) for patch in PATCHES),
)
LONGEST = 120  # seconds for a whole round: longer is a deadlock
# A process says that it is there, waits for the word, and only then begins: all at the same moment.
START = (
    "import sys; from ttsopt.cli.main import run; print(flush=True); sys.stdin.readline(); run()"
)


def test_two_at_once(cli: Cli, sample: Path) -> None:
    rounds_of(cli, sample, processes=2, rounds=3, kills=1)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 10])
def test_many_rounds(cli: Cli, sample: Path, processes: int) -> None:
    rounds_of(cli, sample, processes, rounds=20, kills=processes // 2)


def test_one_that_may_not_wait_says_that_another_is_at_work(sample: Path) -> None:
    """The first one is held in its turn, so the second one cannot have it."""
    first = photograph(sample)
    holding = (
        "import sys; from pathlib import Path; from ttsopt.checkout.state.location import open_checkout;"
        "from ttsopt.checkout.state.lock import locked\n"
        "with locked(open_checkout(Path(sys.argv[1]))): print(flush=True); sys.stdin.readline()"
    )
    holder = start(holding, [str(sample)])
    refused = answer_of(begin(["apply", str(sample), "--wait", "0"]))
    assert refused.code == REFUSED
    assert "another ttsopt is at work" in refused.err
    assert photograph(sample) == first
    answer_of(holder)
    assert answer_of(begin(["apply", str(sample), "--wait", "0"])).code == DONE


def rounds_of(cli: Cli, sample: Path, processes: int, rounds: int, kills: int) -> None:
    first = photograph(sample)
    for number in range(rounds):
        chance = random.Random(number)  # noqa: S311
        check_round(sample, chance, processes, kills if number % 2 else 0)
        check_state(cli, sample)
    assert cli("rollback", sample).code == DONE
    assert photograph(sample) == first


def check_round(sample: Path, chance: random.Random, processes: int, kills: int) -> None:
    lines = [chance.choice(COMMANDS) for _ in range(processes)]
    running = [begin([name, str(sample), *rest, "--wait", "60"]) for name, *rest in lines]
    for one in running:
        say_go(one)
    for one in chance.sample(running, kills):
        time.sleep(chance.uniform(0, 0.3))
        one.kill()
    deadline = time.monotonic() + LONGEST
    for line, one in zip(lines, running, strict=True):
        check_answer(line, answer_of(one, deadline))


def check_answer(line: Sequence[str], answer: Answer) -> None:
    assert "Traceback" not in answer.err + answer.out, answer.err
    if answer.code == -signal.SIGKILL:
        return
    if answer.code == USAGE:
        assert line[0] == "rollback"
        assert "is not applied" in answer.err
    else:
        assert answer.code == DONE, (line, answer)


def check_state(cli: Cli, sample: Path) -> None:
    """What is applied is there as it was left; or a step is unfinished, and known to be."""
    found = cli("status", sample, "--json")
    assert found.code == DONE, found
    if not found.data["unfinished"]:
        assert {row["state"] for row in found.data["files"]} <= {"applied"}
        assert bool(found.data["files"]) == bool(found.data["patches"])


def begin(arguments: Sequence[str]) -> subprocess.Popen[str]:
    return start(START, arguments)


def start(code: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    """A process that has said that it is there."""
    source = str(Path(ttsopt.__file__).parents[1])
    pipes = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": source},
        stdin=pipes,
        stdout=pipes,
        stderr=pipes,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def say_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def answer_of(process: subprocess.Popen[str], deadline: float = float("inf")) -> Answer:
    """What a process says; one that hangs fails the test, and is ended."""
    left = min(LONGEST, max(0.0, deadline - time.monotonic()))
    try:
        out, err = process.communicate("\n", timeout=left)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail("deadlock")
    return Answer(process.returncode, out, err)
