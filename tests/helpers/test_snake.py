"""BigVGAN's fused activations against IndexTTS's own code (snake_trials.py).

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_INDEX_TTS an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import LIMITS, limited, reported
from upstream_views import lay_out

pytestmark = pytest.mark.upstream

REVISION = "ee40fa7"  # 2026-08-18


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    view = tmp_path_factory.mktemp("view")
    lay_out("index-tts", REVISION, view, only=[".py"])
    script = Path(__file__).with_name("snake_trials.py")
    results: dict[str, Any] = reported(
        "TTSOPT_PYTHON_INDEX_TTS", script, view, environment=limited(request.param)
    )
    return results


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", ["off", "frames"])
def test_fused_activations_are_upstreams(found: dict[str, Any], kind: str, threads: int) -> None:
    row = found["rows"][f"{kind} {threads}"]
    assert max(row["ours"], row["threads"]) < 2 * row["upstream"]
    assert row["short"]
    assert not found["said"]


def test_fused_activations_follow_their_parameters_and_leave_the_rest_alone(
    found: dict[str, Any],
) -> None:
    others = found["others"]
    assert others["new"] < 1e-6
    assert [others[name] for name in ("autocast", "gradients", "state", "copies")] == [True] * 4
    assert others["odd"] == [False, True]


def test_activations_that_do_not_agree_are_left_to_upstream(found: dict[str, Any]) -> None:
    assert found["others"]["broken"]
    assert any("Activation1d does not agree" in said for said in found["failures"])
