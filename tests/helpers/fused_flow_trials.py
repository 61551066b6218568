"""The fused flow against CosyVoice's own code: `PYTHON THIS_FILE HELPERS CHECKOUT`; rows of errors as JSON.

Small models of each generation's estimator, over lengths and seeds, against upstream's own in float64.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import sys
import tempfile
import types
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

torch: Any = import_module("torch")
LENGTHS = (1, 2, 3, 49, 50, 51, 127)
UNET: dict[str, Any] = {
    "in_channels": 320,
    "out_channels": 80,
    "dropout": 0.0,
    "attention_head_dim": 64,
}
UNET |= {"n_blocks": 2, "num_mid_blocks": 2, "num_heads": 2, "act_fn": "gelu"}
DIT = {"dim": 128, "depth": 3, "heads": 2, "dim_head": 64, "ff_mult": 2, "mel_dim": 80}
DIT |= {"mu_dim": 80, "spk_dim": 80, "out_channels": 80, "static_chunk_size": 50}


def stub_packages() -> None:
    """Matcha without what its utils import for training; torchaudio, which takes no part in this."""
    matcha: Any = import_module("matcha")
    utils, logger = types.ModuleType("matcha.utils"), types.ModuleType("matcha.utils.pylogger")
    utils.__path__ = [str(Path(folder) / "utils") for folder in matcha.__path__]
    logger.__dict__["get_pylogger"] = logging.getLogger
    audio = sys.modules["torchaudio"] = types.ModuleType("torchaudio")
    audio.__spec__ = ModuleSpec("torchaudio", None)  # transformers asks for it
    sys.modules["matcha.utils"] = matcha.utils = utils
    sys.modules["matcha.utils.pylogger"] = logger


def estimator(generation: int) -> Any:
    """The checkout's own class with random weights, none of them zero."""
    torch.manual_seed(generation)
    if generation == 3:
        made = import_module("cosyvoice.flow.DiT.dit").DiT(**DIT)
    else:
        decoder: Any = import_module("cosyvoice.flow.decoder")
        # Upstream's refuses float64.
        decoder.mask_to_bias = lambda mask, dtype: (1.0 - mask.to(dtype)) * -1e10
        name = "ConditionalDecoder" if generation == 1 else "CausalConditionalDecoder"
        made = getattr(decoder, name)(channels=[64] * (2 if generation == 1 else 1), **UNET)
    for one in made.parameters():
        if not bool(one.any()):
            torch.nn.init.normal_(one, std=0.02)
    return made.eval()


def inputs(length: int, seed: int, dtype: Any) -> tuple[Any, ...]:
    """x, mask, mu, t, spks, cond, as the solver gives them."""
    torch.manual_seed(seed)
    first = (torch.randn(2, 80, length), torch.ones(2, 1, length), torch.randn(2, 80, length))
    rest = (torch.full((2,), 0.1 + 0.1 * seed), torch.randn(2, 80), torch.randn(2, 80, length))
    return tuple(one.to(dtype) for one in first + rest)


def relative(made: Any, wanted: Any) -> float:
    off = (made.double() - wanted).square().mean().sqrt() / wanted.square().mean().sqrt()
    return float(off)


def row(generation: int, kind: str) -> dict[str, Any]:
    """The largest error of the fused model and of upstream's in float32, against float64."""
    os.environ["TTSOPT_KERNELS"] = kind
    plain = estimator(generation)
    quick = import_module("ttsopt_fused_flow").fuse_flow(copy.deepcopy(plain))
    exact, place = copy.deepcopy(plain).double(), import_module("ttsopt_fused_modules")._PLACE
    made: dict[str, Any] = {"fused": sum(place in vars(one) for one in quick.modules())}
    made |= {"ours": 0.0, "upstream": 0.0}
    ways = [{}] if generation == 1 else [{"streaming": False}, {"streaming": True}]
    with torch.inference_mode():
        for number, length in enumerate(LENGTHS):
            for way in ways:
                wanted = exact(*inputs(length, number, torch.float64), **way)
                given = inputs(length, number, torch.float32)
                made["ours"] = max(made["ours"], relative(quick(*given, **way), wanted))
                made["upstream"] = max(made["upstream"], relative(plain(*given, **way), wanted))
    return made | {"threads": from_eight_threads(quick, exact)}


def from_eight_threads(quick: Any, exact: Any) -> float:
    """The largest error where eight threads call one model at once."""

    def off(number: int) -> float:
        with torch.inference_mode():
            return relative(quick(*given[number]), wanted[number])

    given = [inputs(20 + number, number, torch.float32) for number in range(8)]
    with torch.inference_mode():
        wanted = [exact(*inputs(20 + n, n, torch.float64)) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        return max(pool.map(off, range(8)))


def main(helpers: str, checkout: str) -> None:
    sys.dont_write_bytecode = True
    sys.path[:0] = [helpers, checkout]
    stub_packages()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TTSOPT_KERNELS_FOLDER"] = folder
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for generation in (1, 2, 3):
                for kind in ("off", "bf16"):
                    rows[f"{generation} {kind} {threads}"] = row(generation, kind)
    said = import_module("ttsopt_fused_modules").__ttsopt_fallbacks__
    print(json.dumps({"rows": rows, "said": said}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3])
