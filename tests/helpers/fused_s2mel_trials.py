"""The fused flow of IndexTTS 2 against upstream's own code: `PYTHON THIS_FILE HELPERS CHECKOUT`; JSON.

A small estimator over lengths and seeds, against upstream's own in float64; then what is not for the helper.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import SimpleNamespace
from typing import Any

torch: Any = import_module("torch")
LENGTHS = (1, 2, 3, 5, 50, 127, 128)
WIDTH = 64
PARTS = {"style_condition": True, "final_layer_type": "wavenet", "content_type": "discrete"}
PARTS |= {"is_causal": False, "long_skip_connection": True, "uvit_skip_connection": True}
DIT = SimpleNamespace(hidden_dim=WIDTH, num_heads=2, depth=5, content_dim=WIDTH, **PARTS)
DIT.__dict__.update(in_channels=80, content_codebook_size=16, class_dropout_prob=0.1)


def estimator(dilation: int = 1) -> Any:
    """Upstream's class with random weights, none of them zero."""
    torch.manual_seed(0)
    wavenet = SimpleNamespace(hidden_dim=WIDTH, num_layers=3, kernel_size=5, p_dropout=0.2)
    wavenet.dilation_rate, wavenet.style_condition = dilation, True
    parts = SimpleNamespace(DiT=DIT, wavenet=wavenet, style_encoder=SimpleNamespace(dim=192))
    made = import_module("indextts.s2mel.modules.diffusion_transformer").DiT(parts)
    for one in made.parameters():
        if not bool(one.any()):
            torch.nn.init.normal_(one, std=0.02)
    made.setup_caches(2, 512)
    return made.eval()


def inputs(length: int, seed: int, dtype: Any, shown: int | None = None) -> tuple[Any, ...]:
    """x, prompt, length, time, style and content, as the solver gives them."""
    torch.manual_seed(seed)
    x, prompt = torch.randn(2, 80, length), torch.randn(2, 80, length)
    lengths = torch.tensor([length if shown is None else shown])
    t, style = torch.full((2,), 0.1 + 0.1 * seed), torch.randn(2, 192)
    made = (x, prompt, t, style, torch.randn(2, length, WIDTH))
    x, prompt, t, style, content = (one.to(dtype) for one in made)
    return x, prompt, lengths, t, style, content


def relative(made: Any, wanted: Any) -> float:
    off = (made.double() - wanted).square().mean().sqrt() / wanted.square().mean().sqrt()
    return float(off)


def pair(kind: str, dilation: int = 1) -> tuple[Any, Any, Any]:
    """Upstream's estimator, the fused one, and upstream's in float64, all of the same weights."""
    os.environ["TTSOPT_KERNELS"] = kind
    plain, quick, exact = (estimator(dilation) for _ in range(3))
    import_module("ttsopt_fused_s2mel").fuse_s2mel(quick)
    exact.double()
    transformer = exact.transformer
    transformer.freqs_cis = transformer.freqs_cis.double()
    return plain, quick, exact


def row(kind: str, dilation: int) -> dict[str, Any]:
    """The largest error of the fused model and of upstream's in float32, against float64."""
    plain, quick, exact = pair(kind, dilation)
    place = import_module("ttsopt_fused_modules")._PLACE
    made: dict[str, Any] = {"fused": sum(place in vars(one) for one in quick.modules())}
    made |= {"ours": 0.0, "upstream": 0.0, "masked": 0.0}
    with torch.inference_mode():
        for number, length in enumerate(LENGTHS):
            for name, shown in (("ours", None), ("masked", max(1, length - 3))):
                wanted = exact(*inputs(length, number, torch.float64, shown))
                given = inputs(length, number, torch.float32, shown)
                made[name] = max(made[name], relative(quick(*given), wanted))
                made["upstream"] = max(made["upstream"], relative(plain(*given), wanted))
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
    plain, quick, _ = pair("bf16")
    given = inputs(60, 0, torch.float32)
    with torch.inference_mode():
        quick(*given)
        quick(*given)
    with torch.no_grad():
        for one in plain.parameters():
            one.mul_(1.3)
        quick.load_state_dict(plain.state_dict())
    with torch.inference_mode():
        found = {"new weights": relative(quick(*given), plain(*given).double())}
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        found["autocast"] = torch.equal(quick(*given), plain(*given))
    found["gradients"] = quick(given[0].requires_grad_(), *given[1:]).requires_grad
    found["state"] = quick.state_dict().keys() == plain.state_dict().keys()
    return found


def main(helpers: str, checkout: str) -> None:
    sys.dont_write_bytecode = True
    sys.path[:0] = [helpers, checkout]
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TTSOPT_KERNELS_FOLDER"] = folder
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for kind in ("off", "nhwc", "bf16"):
                rows[f"{kind} {threads}"] = row(kind, threads)
        found = others()
    said = import_module("ttsopt_fused_modules").__ttsopt_fallbacks__
    print(json.dumps({"rows": rows, "others": found, "said": said}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3])
