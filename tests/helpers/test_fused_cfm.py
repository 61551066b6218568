"""The fused flow of GPT-SoVITS v3 and v4 against upstream's own code (fused_cfm_trials.py).

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_GPT_SOVITS an interpreter as docs/environments.md makes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helper_trials import LIMITS, limited, reported
from upstream_views import lay_out

pytestmark = pytest.mark.upstream

REVISION = "48b1a01"  # 2026-08-18
BOUNDS = {"off": 2e-6, "bf16": 0.01}


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    view = tmp_path_factory.mktemp("view")
    lay_out("GPT-SoVITS", REVISION, view, only=[".py"])
    script = Path(__file__).with_name("fused_cfm_trials.py")
    results: dict[str, Any] = reported(
        "TTSOPT_PYTHON_GPT_SOVITS", script, view, environment=limited(request.param)
    )
    return results


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", BOUNDS)
def test_a_fused_flow_is_near_upstreams(found: dict[str, Any], kind: str, threads: int) -> None:
    row = found["rows"][f"{kind} {threads}"]
    assert row["fused"] == 4  # three blocks and the positions
    assert max(row["ours"], row["threads"]) < BOUNDS[kind]
    assert not found["said"]


def test_a_fused_flow_follows_its_weights_and_leaves_the_rest_alone(found: dict[str, Any]) -> None:
    others = found["others"]
    assert others["new weights"] < 0.01
    names = ("autocast", "gradients", "state", "copies", "without a flow")
    assert [others[name] for name in names] == [True] * 5


def test_a_block_of_another_arithmetic_is_left_to_upstream(found: dict[str, Any]) -> None:
    assert found["others"]["broken"] < 0.01  # the positions alone are in bfloat16
    assert any("DiTBlock does not agree" in said for said in found["failures"])
