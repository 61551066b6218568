"""What Step-Audio's patches do to the real checkout, with random weights: tokens of both halves, and the vocoder.

Needs TTSOPT_UPSTREAMS with Step-Audio-EditX, and TTSOPT_PYTHON_STEP_AUDIO (docs/environments.md).
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from upstream_views import ENVIRONMENT, PATCHES, lay_out, needed

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

pytestmark = pytest.mark.upstream

STEP_AUDIO = PATCHES / "step-audio"
SENTENCE = "The quick brown fox jumps over it."
TEXTS = {"long": SENTENCE * 6, "short": SENTENCE}
# Patches of a few lines that a CPU reaches, and whose tokens must be the very same.
SAME_TOKENS = (
    "one-pass-encoder",
    "concurrent-codes",
    "hoisted-session-inputs",
    "fewer-cache-clears",
    "moved-once",
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights and speech, made once."""
    return tmp_path_factory.mktemp("scratch")


def spoken(tree: Tree, scratch: Path, *patches: str, threads: int = 1) -> Any:
    """What the worker measured on the newest commit with these patches."""
    tree.python, tree.limit = needed("TTSOPT_PYTHON_STEP_AUDIO"), 300
    tree.environment = {**ENVIRONMENT, "OMP_NUM_THREADS": str(threads)}
    if not (tree.view / "tokenizer.py").exists():
        lay_out("Step-Audio-EditX", "HEAD", tree.view)
    if patches:
        named = tuple("step-audio/" + name for name in patches)
        assert not apply(PlanRequest(Target(tree.view), Selection(named))).refusal
    utterances = [{"id": name, "text": text} for name, text in TEXTS.items()]
    job: dict[str, Any] = {"scratch": str(scratch), "utterances": utterances, "threads": threads}
    job |= {"workload": PATCHES / "step-audio/workload.py", "import_paths": ["."]}
    if not (scratch / "step-audio-tiny").exists():
        assert tree.run("prepare", **job).result["ok"]
    result = tree.run(**job).result
    assert result["ok"], result
    return result


def tokens(result: Any) -> list[str]:
    """The hash of each utterance's tokens."""
    return [row["sha256"] for row in result["utterances"]]


@pytest.fixture(scope="module")
def shipped() -> dict[int, list[str]]:
    """Tokens of the checkout as shipped, by threads: gathered as they are asked for."""
    return {}


@pytest.mark.parametrize(
    ("patch", "threads"),
    [*((patch, 1) for patch in SAME_TOKENS), ("one-pass-encoder", 2), ("concurrent-codes", 2)],
)
def test_a_patch_leaves_every_token_as_it_was(
    tree: Tree, scratch: Path, shipped: dict[int, list[str]], patch: str, threads: int
) -> None:
    if threads not in shipped:
        shipped[threads] = tokens(spoken(tree, scratch, threads=threads))
    after = spoken(tree, scratch, patch, threads=threads)
    assert tokens(after) == shipped[threads]
    assert after["fallbacks"] == []


def test_all_of_them_together_leave_every_token_as_it_was(
    tree: Tree, scratch: Path, shipped: dict[int, list[str]]
) -> None:
    if 1 not in shipped:
        shipped[1] = tokens(spoken(tree, scratch))
    after = spoken(tree, scratch, *SAME_TOKENS)
    assert tokens(after) == shipped[1]
    counters = [row["counters"] for row in after["utterances"]]
    assert all(one["vq02_tokens"] and one["vq06_tokens"] for one in counters)


VOCODER = """
import json, sys
import torch
from types import SimpleNamespace
from torch.nn.utils import parametrize
from stepvocoder.cosyvoice2.hifigan.f0_predictor import ConvRNNF0Predictor
from stepvocoder.cosyvoice2.hifigan.generator import HiFTGenerator

torch.manual_seed(0)
hift = HiFTGenerator(
    base_channels=64, sampling_rate=24000, upsample_rates=[8, 5, 3], upsample_kernel_sizes=[16, 11, 7],
    source_resblock_kernel_sizes=[7, 7, 11], source_resblock_dilation_sizes=[[1, 3, 5]] * 3,
    f0_predictor=ConvRNNF0Predictor(cond_channels=64),
).eval()
for parameter in hift.parameters():
    torch.nn.init.normal_(parameter, std=0.3)
self = SimpleNamespace(cosy_impl=SimpleNamespace(hift=hift))

def speak(frames):
    torch.manual_seed(1)
    wave, source = hift.inference(torch.randn(1, 80, frames))
    return wave

def normed():
    return sum(parametrize.is_parametrized(one) for one in hift.modules())

before, count = [speak(frames) for frames in (3, 20, 61)], normed()
exec(sys.argv[1])
after = [speak(frames) for frames in (3, 20, 61)]
equal = all(map(torch.equal, before, after))
print(json.dumps({"equal": equal, "before": count, "after": normed(), "loud": before[2].std().item()}))
"""


def test_a_folded_vocoder_speaks_the_same_bits(tmp_path: Path) -> None:
    lay_out("Step-Audio-EditX", "HEAD", tmp_path, "stepvocoder")
    patch = tomllib.loads((PATCHES / "folded-weight-norm" / "patch.toml").read_text("utf-8"))
    (code,) = [edit["insert"] for edit in patch["files"][0]["edits"] if "insert" in edit]
    done = subprocess.run(
        [needed("TTSOPT_PYTHON_STEP_AUDIO"), "-c", VOCODER, code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["equal"]
    assert found["before"] > 50
    assert found["after"] == 0
    assert found["loud"] > 1e-3
