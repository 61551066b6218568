"""Streams of CosyVoice that are woken: `token_signal_trials.py` on its own model classes, patched and as shipped.

Needs TTSOPT_UPSTREAMS and TTSOPT_PYTHON_COSYVOICE (docs/environments.md). How late the first chunk is, in ms:
`PYTHON token_signal_trials.py HELPERS CHECKOUT lag`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import reported
from upstream_views import ENVIRONMENT, lay_out

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream

TRIALS = Path(__file__).with_name("token_signal_trials.py")


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The checkout as shipped, and with the patch."""
    made = [tmp_path_factory.mktemp(name) for name in ("shipped", "woken")]
    for one in made:
        lay_out("CosyVoice", "HEAD", one, "cosyvoice")
    apply(PlanRequest(Target(made[1]), Selection(("cosyvoice/woken-streams",))))
    return made


def tried(view: Path, what: str, **variables: str) -> Any:
    given = {**ENVIRONMENT, **variables}
    python = "TTSOPT_PYTHON_COSYVOICE"
    return reported(python, TRIALS, view, Path(what), environment=given, timeout=120)


def test_a_woken_stream_has_the_chunks_of_one_that_sleeps(views: list[Path]) -> None:
    shipped, woken = (tried(view, "chunks") for view in views)
    assert len(shipped) == 30
    assert max(map(len, shipped.values())) > 2
    assert woken == shipped
    assert tried(views[1], "chunks", TTSOPT_WOKEN_STREAMS="0") == shipped


def test_every_chunk_comes_by_a_wake_and_nothing_of_a_stream_is_left(views: list[Path]) -> None:
    assert tried(views[1], "woken") == {
        "all said": True,
        "own tokens": True,
        "left": 0,
        "a copy is woken": True,
        "nobody wakes": True,
    }
