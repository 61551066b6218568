"""The fused flow of GPT-SoVITS v3 and v4 against its own code: `PYTHON THIS_FILE HELPERS CHECKOUT`; JSON.

A small estimator over lengths and seeds, alone and with a sequence that is shorter than the other, against
upstream's own in float64; then what is not for the helper.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import SimpleNamespace
from typing import Any

torch: Any = import_module("torch")
LENGTHS = (1, 2, 3, 50, 127, 128)
SIZES = {"dim": 128, "depth": 3, "heads": 2, "dim_head": 64, "ff_mult": 2, "text_dim": 64}


def estimator(seed: int = 0) -> Any:
    """Upstream's class with random weights, none of them zero."""
    torch.manual_seed(seed)
    made = import_module("GPT_SoVITS.f5_tts.model.backbones.dit").DiT(**SIZES, conv_layers=1)
    for one in made.parameters():
        if not bool(one.any()):
            torch.nn.init.normal_(one, std=0.02)
    return made.eval()


def inputs(length: int, seed: int, dtype: Any, shorter: int = 0) -> tuple[Any, ...]:
    """x, prompt, lengths, time, size of the step and text, as the solver gives them."""
    torch.manual_seed(seed)
    batch = 2 if shorter else 1
    x, prompt = torch.randn(2, batch, 100, length).to(dtype)
    t, step = torch.full((2, batch), 0.1 + 0.1 * seed).to(dtype)
    text = torch.randn(batch, 64, length).to(dtype)
    return x, prompt, torch.tensor([length, max(1, length - shorter)][:batch]), t, step, text


def relative(made: Any, wanted: Any) -> float:
    return float((made.double() - wanted).square().mean().sqrt() / wanted.square().mean().sqrt())


def fused(model: Any) -> Any:
    held = SimpleNamespace(cfm=model)
    assert import_module("ttsopt_fused_cfm").fuse_cfm(held) is held
    return model


def row(kind: str) -> dict[str, Any]:
    """The largest error of the fused model and of upstream's in float32, against float64."""
    os.environ["TTSOPT_KERNELS"] = kind
    plain, quick, exact = estimator(), fused(estimator()), estimator().double()
    place = import_module("ttsopt_fused_modules")._PLACE
    made: dict[str, Any] = {"fused": sum(place in vars(one) for one in quick.modules())}
    made |= {"ours": 0.0, "upstream": 0.0}
    with torch.inference_mode():
        for number, length in enumerate(LENGTHS):
            for shorter in (0, 3):
                wanted = exact(*inputs(length, number, torch.float64, shorter))
                given = inputs(length, number, torch.float32, shorter)
                for name, model in (("ours", quick), ("upstream", plain)):
                    made[name] = max(made[name], relative(model(*given), wanted))
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


def others() -> dict[str, Any]:
    """New weights are noticed, and what is not for the helper goes through upstream's code."""
    os.environ["TTSOPT_KERNELS"] = "bf16"
    plain, quick, given = estimator(1), fused(estimator()), inputs(60, 0, torch.float32)
    with torch.inference_mode():
        quick(*given), quick(*given)
        quick.load_state_dict(plain.state_dict())
        found = {"new weights": relative(quick(*given), plain(*given).double())}
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found["autocast"] = torch.equal(quick(*given), plain(*given))
    found["gradients"] = quick(*given).requires_grad
    found["state"] = quick.state_dict().keys() == plain.state_dict().keys()
    found["copies"] = not hasattr(type(copy.deepcopy(quick).transformer_blocks[0]), "_ttsopt_base")
    broken = fused(estimator(1))
    for block in broken.transformer_blocks:  # as if a block of this name had another arithmetic
        vars(block)[import_module("ttsopt_fused_modules")._PLACE][0].into.activation = "relu"
    with torch.inference_mode():
        broken(*given)
        found["broken"] = relative(broken(*given), plain(*given).double())
    without = SimpleNamespace()
    found["without a flow"] = import_module("ttsopt_fused_cfm").fuse_cfm(without) is without
    return found


def main(helpers: str, checkout: str) -> None:
    sys.dont_write_bytecode = True
    sys.path[:0] = [helpers, checkout, checkout + "/GPT_SoVITS"]
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TTSOPT_KERNELS_FOLDER"] = folder
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for kind in ("off", "bf16"):
                rows[f"{kind} {threads}"] = row(kind)
        said = list(import_module("ttsopt_fused_modules").__ttsopt_fallbacks__)
        found = others()
    failures = import_module("ttsopt_fused_modules").__ttsopt_fallbacks__
    print(json.dumps({"rows": rows, "others": found, "said": said, "failures": failures}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3])
