"""Quick recurrent layers against MockingBird's own (recurrent_trials.py), at four instruction sets.

TTSOPT_UPSTREAMS is a folder of clones, TTSOPT_PYTHON_MOCKINGBIRD an interpreter as docs/environments.md makes it,
TTSOPT_RESEMBLYZER the wheel of Resemblyzer (`pip download --no-deps resemblyzer`), with the published encoder.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from helper_trials import LIMITS, limited, reported
from upstream_views import lay_out, needed

pytestmark = pytest.mark.upstream

REVISION = "28dc5e1"  # 2026-03-03
RECORDINGS = {
    "MockingBird": "data/samples",
    "Step-Audio-EditX": "examples",
    "F5-TTS": "src/f5_tts/infer/examples",
    "CosyVoice": "asset",
}
# Of root mean squares, over six steps of the decoder; what a processor lacks is float32 there.
BOUNDS = {"off": 1e-6, "packed": 1e-5, "bf16": 0.01, "int8w": 0.02, "int8": 0.03}


def trials(view: Path, limit: str, *published: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("recurrent_trials.py")
    results: dict[str, Any] = reported(
        "TTSOPT_PYTHON_MOCKINGBIRD", script, view, *published, environment=limited(limit)
    )
    return results


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("view")
    lay_out("MockingBird", REVISION, folder, "models", "utils")
    return folder


@pytest.fixture(scope="module", params=LIMITS, ids=lambda limit: limit or "all instructions")
def found(request: pytest.FixtureRequest, view: Path) -> dict[str, Any]:
    return trials(view, request.param)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", BOUNDS)
def test_a_quick_decoder_is_near_upstreams(found: dict[str, Any], kind: str, threads: int) -> None:
    row = found["rows"][f"speak {kind} {threads}"]
    assert row["cells"] == 2  # the GRU of the attention stays as it is
    assert max(row["ours"], row["threads"]) < BOUNDS[kind]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", ["off", "bf16"])
def test_a_quick_encoder_is_near_upstreams(found: dict[str, Any], kind: str, threads: int) -> None:
    row = found["rows"][f"embed {kind} {threads}"]
    assert max(row["ours"], row["threads"]) < (1e-6 if kind == "off" else 0.01)
    assert not found["said"]


def test_quick_layers_follow_their_weights_and_leave_the_rest_alone(found: dict[str, Any]) -> None:
    encoder, decoder = found["encoder"], found["decoder"]
    assert max(encoder["new weights"], decoder["new weights"]) < 0.01
    assert encoder["copies"] == [True, True]
    assert [encoder[name] for name in ("state", "gradients", "autocast", "off")] == [True] * 4
    assert [decoder[name] for name in ("state", "gradients", "copies")] == [True] * 3


def test_what_goes_wrong_within_is_left_to_upstream(found: dict[str, Any]) -> None:
    assert found["encoder"]["broken"]
    assert found["decoder"]["broken"]
    assert any("LSTMCell does not agree" in said for said in found["failures"])


def test_the_published_encoder_knows_every_voice_again(tmp_path: Path, view: Path) -> None:
    with zipfile.ZipFile(needed("TTSOPT_RESEMBLYZER")) as wheel:
        pretrained = Path(wheel.extract("resemblyzer/pretrained.pt", tmp_path))
    for clone, folder in RECORDINGS.items():
        lay_out(clone, "HEAD", tmp_path / clone, folder)
    voices = trials(view, "", pretrained, *sorted(tmp_path.rglob("*.wav")))["voices"]
    assert voices["fused"]
    assert len(voices["cosines"]) >= 10
    assert min(voices["cosines"]) > 0.999
    assert voices["others"][1] < 0.9
    assert voices["pairs"] < 0.01  # what two voices have in common
