"""The real command line, struck in a process of its own: what it says, and that every command after it works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from cli_driver import Answer, Cli
from faults import KILLS, NEVER, Kind
from struck_world import photograph

import ttsopt

FAULTS = Path(__file__).parents[1] / "support" / "faults.py"
DONE, REFUSED, CANNOT_RUN, INTERRUPTED = 0, 3, 5, 130
SOME = [(Kind.KILL_AFTER, 0.45), (Kind.ENOSPC, 0.6), (Kind.INTERRUPT_AFTER, 0.5)]


def test_an_apply_struck_on_its_way(cli: Cli, sample: Path) -> None:
    first = photograph(sample)
    calls = int(struck(Kind.ENOSPC, NEVER, "apply", sample).err.split()[-1])
    assert cli("rollback", sample).code == DONE
    for kind, part in SOME:
        strike_and_go_on(cli, sample, kind, int(calls * part), "apply")
        assert photograph(sample) == first, kind


@pytest.mark.slow
@pytest.mark.parametrize("command", ["apply", "rollback"])
def test_a_command_struck_at_any_point(cli: Cli, sample: Path, command: str) -> None:
    first = photograph(sample)
    # What a first run leaves for later ones (the list for `reapply`) is there before calls are counted.
    assert [cli(name, sample).code for name in ("apply", "rollback")] == [DONE, DONE]
    prepare(cli, sample, command)
    calls = int(struck(Kind.ENOSPC, NEVER, command, sample).err.split()[-1])
    cli("rollback", sample)
    for at, kind in list(product(range(calls), Kind))[:: len(Kind) + 2]:
        prepare(cli, sample, command)
        strike_and_go_on(cli, sample, kind, at, command)
        assert photograph(sample) == first, (kind, at)


def prepare(cli: Cli, sample: Path, command: str) -> None:
    if command == "rollback":
        assert cli("apply", sample).code == DONE


def strike_and_go_on(cli: Cli, sample: Path, kind: Kind, at: int, command: str) -> None:
    """Strike a command; look; give it again; roll back."""
    answer = struck(kind, at, command, sample)
    check_answer(answer, kind, at)
    before = photograph(sample)
    found = cli("status", sample, "--json")
    assert found.code == DONE
    if answer.code == DONE:
        # What failed came after the step itself (the second copy, tidying up): it is said, and the step done.
        assert bool(found.data["patches"]) == (command == "apply")
    planned = cli("plan", sample, "--json")
    assert planned.code == (REFUSED if found.data["unfinished"] else DONE)
    assert photograph(sample) == before
    assert cli(command, sample).code == DONE
    assert not cli("status", sample, "--json").data["unfinished"]
    assert cli("rollback", sample).code == DONE


def check_answer(answer: Answer, kind: Kind, at: int) -> None:
    assert "Traceback" not in answer.err + answer.out, answer.err
    if kind in KILLS:
        assert answer.code == -signal.SIGKILL
    elif kind in {Kind.INTERRUPT_BEFORE, Kind.INTERRUPT_AFTER}:
        assert answer.code == INTERRUPTED, (at, answer)
    else:
        assert answer.code in {CANNOT_RUN, DONE}, (at, answer)


def struck(kind: Kind, at: int, command: str, sample: Path) -> Answer:
    folders = os.pathsep.join([str(FAULTS.parent), str(Path(ttsopt.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": folders}
    line = [sys.executable, str(FAULTS), kind.name, str(at), command, str(sample)]
    done = subprocess.run(line, env=environment, capture_output=True, timeout=120, check=False)
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
