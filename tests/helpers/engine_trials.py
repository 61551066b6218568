"""MockingBird's speaker encoder and HiFi-GAN by ONNX Runtime, on its CPU provider, beside upstream's own.

Arguments: the folder of the helpers, a checkout of MockingBird, a folder for what is exported. Run in an
interpreter with onnxruntime and onnx.
"""

from __future__ import annotations

import copy
import os
import sys
import types
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

sys.path[:0] = sys.argv[1:3]
# They draw for training, which nobody does here.
for name in ("matplotlib", "matplotlib.pyplot", "matplotlib.pylab"):
    plots: Any = types.ModuleType(name)
    plots.__spec__, plots.use = ModuleSpec(name, None), lambda *_given: None
    sys.modules[name] = plots
torch: Any = import_module("torch")
common: Any = import_module("graph_trials")
helper: Any = import_module("ttsopt_onnx_engine")
ON_A_CPU = ["CPUExecutionProvider"]
FOLDER = Path(sys.argv[3])


def encoders() -> tuple[Any, Any]:
    """Two speaker encoders of the same random weights, the second by an engine."""
    made: Any = import_module("models.encoder.model").SpeakerEncoder
    torch.manual_seed(0)
    plain = made(torch.device("cpu"), torch.device("cpu")).eval()
    return plain, helper.run_by_engine(copy.deepcopy(plain), ON_A_CPU)


def vocoders(channels: int = 32) -> tuple[Any, Any]:
    """Two small HiFi-GANs of the same random weights, the second by an engine."""
    made: Any = import_module("models.vocoder.hifigan.models").Generator
    sizes: Any = types.SimpleNamespace(resblock="1", sampling_rate=16000)
    sizes.upsample_initial_channel = channels
    sizes.resblock_kernel_sizes, sizes.resblock_dilation_sizes = [3, 7], [[1, 3, 5]] * 2
    sizes.upsample_rates, sizes.upsample_kernel_sizes = [4, 2], [8, 4]
    torch.manual_seed(0)
    plain = made(sizes).eval()
    plain.remove_weight_norm()
    return plain, helper.run_by_engine(copy.deepcopy(plain), ON_A_CPU)


def off(quick: Any, plain: Any, *shape: int) -> float:
    given = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))
    with torch.no_grad():
        return float(common.row("", "", [quick(given)], [plain(given)])["off"])


def exported() -> list[Path]:
    return sorted(FOLDER.glob("*"))


def the_embedding_of_all_numbers_of_parts() -> None:
    plain, quick = encoders()
    for parts, frames in ((2, 160), (1, 160), (9, 160), (64, 160), (3, 47), (1, 400)):
        assert off(quick, plain, parts, frames, 40) < 1e-5, (parts, frames)
    assert vars(quick)["_ttsopt_engine"].session is not None
    assert not helper.__ttsopt_fallbacks__


def the_wave_of_all_lengths() -> None:
    plain, quick = vocoders()
    for frames in (50, 8, 401, 50, 1200):
        assert off(quick, plain, 1, 80, frames) < 1e-4, frames
    assert vars(quick)["_ttsopt_engine"].session is not None
    assert not helper.__ttsopt_fallbacks__


def what_is_outside_of_the_bounds_is_torchs() -> None:
    plain, quick = vocoders()
    off(quick, plain, 1, 80, 50)
    vars(quick)["_ttsopt_engine"].session = None  # would fail if it were asked
    for shape in ((1, 80, 4), (1, 80, 3001), (2, 80, 50)):
        assert off(quick, plain, *shape) == 0
    assert quick(torch.randn(1, 80, 50, requires_grad=True)).requires_grad
    os.environ["TTSOPT_ENGINES"] = "0"
    assert off(quick, plain, 1, 80, 50) == 0
    del os.environ["TTSOPT_ENGINES"]
    assert not helper.__ttsopt_fallbacks__


def an_export_serves_the_next_process_and_few_are_kept() -> None:
    for one in exported():
        one.unlink()
    plain, quick = vocoders()
    off(quick, plain, 1, 80, 50)
    (path,) = exported()
    written = path.read_bytes()
    path.write_bytes(b"no network")
    plain, quick = vocoders()
    assert off(quick, plain, 1, 80, 50) == 0
    assert len(helper.__ttsopt_fallbacks__) == 1
    assert not exported()  # the next process exports it anew
    path.write_bytes(written)
    for channels in (16, 24, 40, 48, 56):
        off(*reversed(vocoders(channels)), 1, 80, 50)
    assert len(exported()) == helper.MOST
    assert path not in exported()


def changed_weights_are_exported_anew() -> None:
    plain, quick = vocoders()
    off(quick, plain, 1, 80, 50)
    with torch.no_grad():
        for one in (plain, quick):
            one.conv_post.weight.mul_(0.5)
    assert off(quick, plain, 1, 80, 50) == 0
    assert off(quick, plain, 1, 80, 50) < 1e-4
    assert not helper.__ttsopt_fallbacks__


def without_a_gpu_without_onnx_and_where_it_differs_it_is_said() -> None:
    plain, quick = vocoders()
    shipped = helper._export
    helper._export = _without_onnx
    try:
        assert off(quick, copy_with_other_weights(plain, quick), 1, 80, 50) == 0
        assert off(quick, plain, 1, 80, 50) == 0
    finally:
        helper._export = shipped
    assert "onnx" in helper.__ttsopt_fallbacks__[0]
    plain, quick = vocoders()
    helper.TOLERANCE, kept = -1, helper.TOLERANCE
    try:
        assert off(quick, plain, 1, 80, 50) == 0
        assert off(quick, plain, 1, 80, 60) == 0
    finally:
        helper.TOLERANCE = kept
    assert "differs by" in helper.__ttsopt_fallbacks__[1]
    plain, _ = vocoders()
    twin = helper.run_by_engine(copy.deepcopy(plain))  # for a GPU
    assert off(twin, plain, 1, 80, 50) == 0
    vars(twin)["_ttsopt_engine"].takes = lambda *_given: True
    assert off(twin, plain, 1, 80, 50) == 0
    assert "no provider for a GPU" in helper.__ttsopt_fallbacks__[2]


def _without_onnx(*_given: Any) -> None:
    raise ImportError("Module onnx is not installed!")


def copy_with_other_weights(plain: Any, quick: Any) -> Any:
    """Weights that were not exported yet, in both."""
    for one in (plain, quick):
        one.conv_pre.bias.data.fill_(0.3)
    return plain


def the_module_is_as_before() -> None:
    plain, quick = encoders()
    assert list(quick.state_dict()) == list(plain.state_dict())
    assert type(copy.deepcopy(quick)) is type(plain)
    kind = type(quick)
    assert type(helper.run_by_engine(quick)) is kind  # not twice
    assert type(helper.run_by_engine(torch.nn.Linear(2, 2))) is torch.nn.Linear


def tensorrt_gets_one_profile_for_all_lengths() -> None:
    _, quick = encoders()
    engine = vars(quick)["_ttsopt_engine"]
    assert engine._profile(torch.zeros(2, 160, 40)) == {
        "trt_fp16_enable": True,
        "trt_profile_min_shapes": "x:1x16x40",
        "trt_profile_opt_shapes": "x:4x160x40",
        "trt_profile_max_shapes": "x:64x400x40",
    }


TRIALS = [
    the_embedding_of_all_numbers_of_parts,
    the_wave_of_all_lengths,
    what_is_outside_of_the_bounds_is_torchs,
    an_export_serves_the_next_process_and_few_are_kept,
    changed_weights_are_exported_anew,
    without_a_gpu_without_onnx_and_where_it_differs_it_is_said,
    the_module_is_as_before,
    tensorrt_gets_one_profile_for_all_lengths,
]

if __name__ == "__main__":
    os.environ["TTSOPT_ENGINES_FOLDER"] = str(FOLDER)
    common.report(TRIALS, list)
