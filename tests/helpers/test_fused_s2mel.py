"""The fused flow of IndexTTS 2 against upstream's own code (fused_s2mel_trials.py).

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_INDEX_TTS an interpreter as docs/environments.md makes it.
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
REVISION = "ee40fa7d6c6b8a2c7f06105f9f1e65775b74868c"  # 2026-08-18
LIMITS = ["", "AVX512_CORE_BF16", "AVX512_CORE", "AVX2"]
# What is measured as the quickest may be bfloat16 for what a kind is not named for.
BOUNDS = {"off": 2e-6, "nhwc": 0.01, "bf16": 0.01}


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    view = tmp_path_factory.mktemp("view")
    lay_out("index-tts", REVISION, view, only=[".py"])
    trials = Path(__file__).with_name("fused_s2mel_trials.py")
    command = [str(needed("TTSOPT_PYTHON_INDEX_TTS")), "-W", "ignore", str(trials), str(HELPERS)]
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
