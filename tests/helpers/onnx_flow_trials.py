"""CosyVoice's flow by ONNX Runtime, on its CPU provider, beside upstream's own solver and estimators.

Arguments: the folder of the helpers, a checkout of CosyVoice, a folder for what is exported. Run in its
interpreter.
"""

from __future__ import annotations

import os
import sys
import threading
import types
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path[:0] = sys.argv[1:3]
torch: Any = import_module("torch")
common: Any = import_module("graph_trials")
flows: Any = import_module("fused_flow_trials")
flows.stub_packages()
solver: Any = import_module("cosyvoice.flow.flow_matching")
helper: Any = import_module("ttsopt_cosyvoice_onnx_flow")
sessions: Any = import_module("ttsopt_tensorrt_session")
ON_A_CPU = ["CPUExecutionProvider"]
FOLDER = Path(sys.argv[3])
DRAWING = threading.Lock()  # inputs come of torch's own generator, which threads share
LENGTHS = (50, 4, 127, 300, 50)


@cache
def exported(generation: int) -> str:
    """The path of an estimator in ONNX, as the checkout's own script exports it."""
    path = FOLDER / f"flow{generation}.onnx"
    names = {"input_names": list(helper.NAMES), "output_names": ["estimator_out"]}
    free = {name: {2: "seq_len"} for name in ("x", "mask", "mu", "cond", "estimator_out")}
    with torch.no_grad():
        torch.onnx.export(
            flows.estimator(generation),
            flows.inputs(256, 0, torch.float32),
            str(path),
            opset_version=18,
            dynamic_axes=free,
            dynamo=False,
            **names,
        )
    return str(path)


def model(generation: int, file: str = "", providers: Any = ON_A_CPU) -> Any:
    """A model whose flow has the checkout's solver and a small estimator, with the helper."""
    rates = types.SimpleNamespace(
        t_scheduler="cosine", training_cfg_rate=0.2, inference_cfg_rate=0.7, sigma_min=1e-6
    )
    rates.solver = "euler"
    decoder = solver.ConditionalCFM(240, rates, estimator=flows.estimator(generation)).eval()
    made = types.SimpleNamespace(flow=types.SimpleNamespace(decoder=decoder))
    given = file or exported(generation)
    assert helper.flow_by_session(made, given, providers) is made
    return made


def solved(decoder: Any, frames: int, seed: int = 0, **way: Any) -> Any:
    """A spectrogram of ten steps, by the solver of the checkout."""
    with DRAWING:
        x, mask, mu, _, spks, cond = flows.inputs(frames, seed, torch.float32)
    times = torch.linspace(0, 1, 11)
    with torch.inference_mode():
        parts = (x[:1], times, mu[:1], mask[:1], spks[:1], cond[:1])
        return decoder.solve_euler(*parts, **way)


def shipped(decoder: Any, frames: int, seed: int = 0, **way: Any) -> Any:
    os.environ["TTSOPT_ONNX_FLOW"] = "0"
    try:
        return solved(decoder, frames, seed, **way)
    finally:
        del os.environ["TTSOPT_ONNX_FLOW"]


def session(decoder: Any) -> Any:
    return decoder.forward_estimator._session


def parity() -> list[dict[str, Any]]:
    rows = []
    for generation in (1, 2, 3):
        decoder = model(generation).flow.decoder
        made = [solved(decoder, frames, seed) for seed, frames in enumerate(LENGTHS)]
        wanted = [shipped(decoder, frames, seed) for seed, frames in enumerate(LENGTHS)]
        what = f"CosyVoice {generation}, flow by ONNX Runtime"
        rows.append(common.row(what, "frames 4 to 300, ends of ten steps", made, wanted))
    return rows


def the_session_evaluates_all_but_the_first_step() -> None:
    decoder = model(2).flow.decoder
    calls: list[int] = []
    decoder.estimator.register_forward_pre_hook(lambda *_given: calls.append(1))
    solved(decoder, 50)
    solved(decoder, 60)
    assert len(calls) == 1  # the first is compared
    assert session(decoder) is not None
    assert not helper.__ttsopt_fallbacks__


def what_the_file_has_not_is_the_networks() -> None:
    decoder = model(2).flow.decoder
    solved(decoder, 50)
    for frames, way in ((3, {}), (50, {"streaming": True})):
        assert torch.equal(solved(decoder, frames, **way), shipped(decoder, frames, **way)), frames
    given = [one.double() for one in flows.inputs(20, 0, torch.float32)]
    assert not decoder.forward_estimator._takes(given, {})
    given = list(flows.inputs(20, 0, torch.float32))
    assert decoder.forward_estimator._takes(given, {"streaming": False})
    assert not decoder.forward_estimator._takes([*given, torch.zeros(1)], {})  # a cache
    assert not decoder.forward_estimator._takes([one[:1] for one in given], {})
    helper.LONGEST, kept = 100, helper.LONGEST
    assert not decoder.forward_estimator._takes(flows.inputs(101, 0, torch.float32), {})
    helper.LONGEST = kept
    assert not helper.__ttsopt_fallbacks__


def an_engine_of_upstreams_goes_first() -> None:
    made = model(1)
    decoder = made.flow.decoder
    solved(decoder, 50)
    decoder.__dict__.get("_modules", {}).pop("estimator")
    decoder.estimator = types.SimpleNamespace()
    given = flows.inputs(20, 0, torch.float32)
    assert not decoder.forward_estimator._takes(given, {})
    decoder.__dict__.pop("forward_estimator")
    helper.flow_by_session(made, exported(1), ON_A_CPU)
    assert "forward_estimator" not in vars(decoder)


def falls_back(file: str, told: str, providers: Any = ON_A_CPU) -> None:
    decoder = model(1, file, providers).flow.decoder
    if providers is None:  # as if it were on a GPU
        decoder.forward_estimator._takes = lambda *_given: (
            not decoder.forward_estimator._is_given_up
        )
    assert torch.equal(solved(decoder, 50), shipped(decoder, 50))
    assert torch.equal(solved(decoder, 60), shipped(decoder, 60))
    (said,) = helper.__ttsopt_fallbacks__
    assert told in said, said
    assert "\n" not in said
    helper.__ttsopt_fallbacks__.clear()


def without_a_file_or_a_gpu_and_where_it_differs_it_is_said_once() -> None:
    falls_back(str(FOLDER / "nothing.onnx"), "there is no ")
    broken = FOLDER / "broken.onnx"
    broken.write_bytes(b"no network")
    falls_back(str(broken), "rotobuf")
    falls_back("", "no provider for a GPU", None)
    falls_back(exported(2), "differs by")  # another network's weights
    helper.NAMES, kept = (*helper.NAMES[:-1], "condition"), helper.NAMES
    try:
        falls_back("", "other inputs")
    finally:
        helper.NAMES = kept


def a_call_that_fails_is_the_networks() -> None:
    decoder = model(1).flow.decoder
    solved(decoder, 50)
    helper.LONGEST, kept = 4000, helper.LONGEST
    decoder.forward_estimator._session = types.SimpleNamespace()  # has no binding
    assert torch.equal(solved(decoder, 50), shipped(decoder, 50))
    assert len(helper.__ttsopt_fallbacks__) == 1
    helper.LONGEST = kept


def tensorrt_would_get_one_profile_and_the_caches() -> None:
    asked: list[Any] = []

    def session_by(make: Any, path: str, **options: Any) -> Any:
        asked.append(options)
        return make(path, providers=options["providers"])

    helper.session_by_tensorrt = session_by
    try:
        solved(model(1).flow.decoder, 50)
    finally:
        helper.session_by_tensorrt = sessions.session_by_tensorrt
    (options,) = asked
    assert options["tensorrt"] == {
        "trt_profile_min_shapes": "x:2x80x4,mask:2x1x4,mu:2x80x4,cond:2x80x4",
        "trt_profile_opt_shapes": "x:2x80x500,mask:2x1x500,mu:2x80x500,cond:2x80x500",
        "trt_profile_max_shapes": "x:2x80x3000,mask:2x1x3000,mu:2x80x3000,cond:2x80x3000",
    }


def from_eight_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    decoder = model(2).flow.decoder
    wanted = [shipped(decoder, 20 + number, number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: solved(decoder, 20 + number, number), range(8)))
    for one, other in zip(made, wanted, strict=True):
        assert float((one - other).abs().max()) < 1e-4
    assert not helper.__ttsopt_fallbacks__


def a_tokenizer_without_tensorrt_is_opened_as_shipped() -> None:
    """With the real onnxruntime, which is told that it has TensorRT, and finds that it has not."""
    runtime: Any = import_module("onnxruntime")
    path = str(FOLDER / "tokenizer.onnx")
    network = torch.nn.Conv1d(8, 4, 3).eval()
    given = torch.randn(1, 8, 20)
    with torch.no_grad():
        torch.onnx.export(network, (given,), path, input_names=["feats"], dynamo=False)
    options = runtime.SessionOptions()
    sessions._available, kept = lambda: [sessions.PROVIDER, *ON_A_CPU], sessions._available
    try:
        made = sessions.session_by_tensorrt(
            runtime.InferenceSession, path, sess_options=options, providers=ON_A_CPU
        )
    finally:
        sessions._available = kept
    assert made.get_providers() == ON_A_CPU
    said = torch.from_numpy(made.run(None, {"feats": given.numpy()})[0])
    assert torch.allclose(said, network(given), atol=1e-5)
    assert len(sessions.__ttsopt_fallbacks__) == 1


TRIALS = [
    a_tokenizer_without_tensorrt_is_opened_as_shipped,
    the_session_evaluates_all_but_the_first_step,
    what_the_file_has_not_is_the_networks,
    an_engine_of_upstreams_goes_first,
    without_a_file_or_a_gpu_and_where_it_differs_it_is_said_once,
    a_call_that_fails_is_the_networks,
    tensorrt_would_get_one_profile_and_the_caches,
    from_eight_threads,
]

if __name__ == "__main__":
    os.environ["TTSOPT_TENSORRT_FOLDER"] = str(FOLDER / "engines")
    common.report(TRIALS, parity)
