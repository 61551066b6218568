"""The fused flow against CosyVoice's own code (fused_flow_trials.py): float32 to rounding, bfloat16 near it.

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_COSYVOICE an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import LIMITS, limited, reported
from upstream_views import lay_out

pytestmark = pytest.mark.upstream

REVISION = "ace7c47f41bbd303aa6bf1ea80e6f9fbd595cd40"  # 2026-03-16
# Modules that have a quick forward: of CosyVoice 1 its transformer blocks alone.
FUSED = {1: 12, 2: 12, 3: 4}


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    view = tmp_path_factory.mktemp("view")
    lay_out("CosyVoice", REVISION, view, "cosyvoice")
    script = Path(__file__).with_name("fused_flow_trials.py")
    results: dict[str, Any] = reported(
        "TTSOPT_PYTHON_COSYVOICE", script, view, environment=limited(request.param)
    )
    return results


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("generation", [1, 2, 3])
def test_a_fused_flow_in_float32_is_upstreams(
    found: dict[str, Any], generation: int, threads: int
) -> None:
    row = found["rows"][f"{generation} off {threads}"]
    assert row["fused"] == FUSED[generation]
    assert row["ours"] <= 2 * row["upstream"]
    assert row["threads"] <= 4 * row["upstream"]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("generation", [1, 2, 3])
def test_a_fused_flow_in_bfloat16_is_near(
    found: dict[str, Any], generation: int, threads: int
) -> None:
    row = found["rows"][f"{generation} bf16 {threads}"]
    assert max(row["ours"], row["threads"]) < 0.02
    assert not found["said"]
