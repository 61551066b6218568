"""BigVGAN's fused activations against IndexTTS's own: `PYTHON THIS_FILE HELPERS CHECKOUT`; JSON.

Both copies of the checkout's class, both activations, over channels, batches and lengths, against upstream's own
in float64; then what is not for the helper.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

torch: Any = import_module("torch")
SHAPES = ((1, 1, 64), (1, 3, 65), (2, 24, 95), (1, 96, 1001), (2, 5, 24011), (1, 130, 64 * 32))
SHORT = ((1, 3, 1), (1, 3, 63))
PLACES = ("indextts.BigVGAN", "indextts.s2mel.modules.bigvgan")


def stack(place: str, kind: str, channels: int, *, log: bool) -> Any:
    """Two of a checkout's activations, one behind the other, with parameters that are not all alike."""
    torch.manual_seed(channels)
    wave = getattr(import_module(f"{place}.activations"), kind)
    activation = import_module(f"{place}.alias_free_activation.torch.act").Activation1d
    made = [activation(activation=wave(channels, alpha_logscale=log)) for _ in range(2)]
    for one in made:
        for parameter in one.parameters():
            parameter.data.add_(0.5 * torch.rand(channels))
    return torch.nn.Sequential(*made).eval()


def off(made: Any, wanted: Any) -> float:
    """The largest difference, of the largest value."""
    return float((made.double() - wanted).abs().max() / wanted.abs().max())


def rows() -> dict[str, Any]:
    fuse = import_module("ttsopt_snake").fuse_snakes
    found: dict[str, Any] = {"ours": 0.0, "upstream": 0.0, "short": True, "threads": 0.0}
    for place in PLACES:
        for kind in ("Snake", "SnakeBeta"):
            for number, (batch, channels, samples) in enumerate(SHAPES + SHORT):
                plain = stack(place, kind, channels, log=number % 2 == 0)
                quick, exact = fuse(copy.deepcopy(plain)), copy.deepcopy(plain).double()
                x = 3 * torch.randn(batch, channels, samples)
                with torch.inference_mode():
                    wanted, first, second = exact(x.double()), quick(x), quick(x)
                    found["upstream"] = max(found["upstream"], off(plain(x), wanted))
                    found["ours"] = max(found["ours"], off(first, wanted), off(second, wanted))
                    if samples < 64:
                        found["short"] &= torch.equal(second, plain(x))
    return found | {
        "threads": from_eight_threads(quick=fuse(stack(PLACES[0], "Snake", 7, log=True)))
    }


def from_eight_threads(quick: Any) -> float:
    exact = stack(PLACES[0], "Snake", 7, log=True).double()
    given = [torch.randn(1, 7, 200 + number) for number in range(8)]

    def one(x: Any) -> float:
        with torch.inference_mode():
            return off(quick(x), exact(x.double()))

    one(given[0])
    with ThreadPoolExecutor(8) as pool:
        return max(pool.map(one, given))


def others() -> dict[str, Any]:
    """New parameters and filters are noticed, and what is not for the helper goes through upstream's code."""
    fuse, x = import_module("ttsopt_snake").fuse_snakes, torch.randn(1, 9, 300)
    plain = stack(PLACES[0], "SnakeBeta", 9, log=True)
    quick = fuse(copy.deepcopy(plain))
    with torch.inference_mode():
        quick(x), quick(x)
    for one in plain:
        one.act.alpha.data.mul_(1.5)
        one.upsample.filter.mul_(0.9)
        one.downsample.lowpass.filter.mul_(1.1)
    quick.load_state_dict(plain.state_dict())
    with torch.inference_mode():
        found: dict[str, Any] = {"new": off(quick(x), plain(x).double())}
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found["autocast"] = torch.equal(quick(x), plain(x))
    found["gradients"] = quick(x).requires_grad
    found["state"] = quick.state_dict().keys() == plain.state_dict().keys()
    found["copies"] = not hasattr(type(copy.deepcopy(quick)[0]), "_ttsopt_base")
    odd = stack(PLACES[0], "SnakeBeta", 9, log=True)
    odd[0].upsample.ratio = 3
    place = import_module("ttsopt_fused_modules")._PLACE
    found["odd"] = [place in vars(one) for one in fuse(odd)]
    broken = fuse(copy.deepcopy(plain))
    for one in broken:  # as if a filter of this shape were laid out in another way
        vars(one)[place][0]._matrices = lambda _: (torch.ones(44, 76), torch.ones(76, 32))
    with torch.inference_mode():
        found["broken"] = torch.equal(broken(x), plain(x)) and torch.equal(broken(x), plain(x))
    return found


def main(helpers: str, checkout: str) -> None:
    sys.dont_write_bytecode = True
    sys.path[:0] = [helpers, checkout]
    made: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TTSOPT_KERNELS_FOLDER"] = folder
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for kind in ("off", "frames"):
                os.environ["TTSOPT_KERNELS"] = kind
                made[f"{kind} {threads}"] = rows()
        said = list(import_module("ttsopt_fused_modules").__ttsopt_fallbacks__)
        found = others()
    failures = import_module("ttsopt_fused_modules").__ttsopt_fallbacks__
    print(json.dumps({"rows": made, "others": found, "said": said, "failures": failures}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3])
