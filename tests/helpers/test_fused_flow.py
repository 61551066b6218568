"""The fused flow against CosyVoice's own code (fused_flow_trials.py): float32 to rounding, bfloat16 near it.

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_COSYVOICE an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from upstream_views import lay_out, needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
REVISION = "ace7c47f41bbd303aa6bf1ea80e6f9fbd595cd40"  # 2026-03-16
LIMITS = ["", "AVX512_CORE_BF16", "AVX512_CORE", "AVX2"]
# Modules that have a quick forward: of CosyVoice 1 its transformer blocks alone.
FUSED = {1: 12, 2: 12, 3: 4}


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    view = tmp_path_factory.mktemp("view")
    lay_out("CosyVoice", REVISION, view, "cosyvoice")
    trials = Path(__file__).with_name("fused_flow_trials.py")
    command = [str(needed("TTSOPT_PYTHON_COSYVOICE")), "-W", "ignore", str(trials), str(HELPERS)]
    limit = {"ONEDNN_MAX_CPU_ISA": request.param} if request.param else {}
    environment = {**os.environ, **limit, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(
        [*command, str(view)],
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
        env=environment,
    )
    results: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
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
