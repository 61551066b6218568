"""The fused flow of IndexTTS 2 against upstream's own code (fused_s2mel_trials.py).

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_INDEX_TTS an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import LIMITS, limited, reported
from upstream_views import lay_out

pytestmark = pytest.mark.upstream

REVISION = "ee40fa7d6c6b8a2c7f06105f9f1e65775b74868c"  # 2026-08-18
# What is measured as the quickest may be bfloat16 for what a kind is not named for.
BOUNDS = {"off": 2e-6, "nhwc": 0.01, "bf16": 0.01}


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    view = tmp_path_factory.mktemp("view")
    lay_out("index-tts", REVISION, view, only=[".py"])
    script = Path(__file__).with_name("fused_s2mel_trials.py")
    results: dict[str, Any] = reported(
        "TTSOPT_PYTHON_INDEX_TTS", script, view, environment=limited(request.param)
    )
    return results


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", BOUNDS)
def test_a_fused_flow_is_near_upstreams(found: dict[str, Any], kind: str, threads: int) -> None:
    row = found["rows"][f"{kind} {threads}"]
    assert row["fused"] == 6  # five blocks and a WaveNet
    assert max(row["ours"], row["masked"], row["threads"]) < BOUNDS[kind]
    assert not found["said"]


def test_a_fused_flow_follows_its_weights_and_leaves_the_rest_alone(found: dict[str, Any]) -> None:
    others = found["others"]
    assert others["new weights"] < 0.01
    assert [others[name] for name in ("autocast", "gradients", "state")] == [True] * 3
