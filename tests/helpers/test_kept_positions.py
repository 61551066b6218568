"""Kept projections of positions give what CosyVoice 1's own encoder gives, but for rounding.

Needs TTSOPT_UPSTREAMS and TTSOPT_PYTHON_COSYVOICE (docs/environments.md).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("kept_positions_trials.py")
HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
# The largest difference, as a part of the largest number.
ROUNDING = {"float32": 1e-5, "float64": 1e-13, "bfloat16": 3e-2}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("CosyVoice")
    lay_out("CosyVoice", "HEAD", folder, "cosyvoice")
    apply(PlanRequest(Target(folder), Selection(("cosyvoice/kept-positions",))))
    return folder


def tried(name: str, *paths: Path) -> Any:
    given = [str(one) for one in (HELPERS, *paths)]
    command = [needed("TTSOPT_PYTHON_COSYVOICE"), str(TRIALS), *given, name]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_an_encoder_projects_a_part_of_the_rows_and_gives_the_same_but_for_rounding(
    view: Path,
) -> None:
    rows = tried("encoders", view)
    assert len(rows) == 6
    for name, (difference, kept, plain) in rows.items():
        assert difference <= ROUNDING[name.partition(" ")[0]], name
        assert plain > 20 * kept


def test_torchscript_is_made_without_the_helper(view: Path) -> None:
    assert tried("scripted", view) == {"difference": 0.0, "calls": False}


def test_whatever_changes_the_result_is_projected_anew() -> None:
    rows = tried("changes")
    names = ("hooks", "bounded", "trained", "chunks", "tokens")
    passed_by = {name: rows.pop(name) for name in names}
    assert passed_by == {
        "hooks": 2,
        "bounded": True,
        "trained": True,
        "chunks": False,
        "tokens": True,
    }
    assert set(rows.values()) == {True}, rows
