"""The streaming paraformer's layers as one graph beside upstream's loop, on the device that needs no GPU.

Arguments: the folder of the helpers, a checkout of Step-Audio-EditX. Run in its interpreter.
"""

from __future__ import annotations

import copy
import os
import pickle
import sys
import types
from importlib import import_module
from typing import Any

sys.path[:0] = sys.argv[1:3]
# The encoder alone: the package imports what recognising needs.
package: Any = types.ModuleType("funasr_detach")
package.__path__ = [sys.argv[2] + "/funasr_detach"]
sys.modules["funasr_detach"], sys.modules["funasr"] = package, types.ModuleType("funasr")
torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
graphs: Any = import_module("ttsopt_graphs")
one_pass: Any = import_module("ttsopt_one_pass")
helper: Any = import_module("ttsopt_one_pass_graphs")
scama: Any = import_module("funasr_detach.models.scama.encoder")
BANDS, WIDTH, LAYERS = 40, 32, 4


class ParaformerStreaming(torch.nn.Module):  # type: ignore[misc]
    """As much of upstream's model of this name as encodes; by the loop without `device`, by graphs with it."""

    def __init__(self, device: Any = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = scama.SANMEncoderChunkOpt(
            BANDS,
            output_size=WIDTH,
            attention_heads=2,
            linear_units=64,
            num_blocks=LAYERS,
            input_layer="pe_online",
            selfattention_layer_type="sanm",
            kernel_size=11,
        )
        self.normalize = None
        if device is not None:
            helper.graph_layers(self, device)

    def encode_chunk(self, speech: Any, lengths: Any, cache: Any, is_final: bool) -> Any:
        """As upstream's, without what it does for training."""
        cache["encoder"]["tail_chunk"] = False
        out, lengths, _ = self.encoder.forward_chunk(speech, lengths, cache=cache["encoder"])
        return out, lengths


def state(dtype: Any = torch.float32) -> dict[str, Any]:
    """A session's cache as upstream begins it."""
    begun = {"start_idx": 0, "chunk_size": [0, 4, 5], "encoder_chunk_look_back": 4, "opt": None}
    return {
        "encoder": {**begun, "tail_chunk": False, "feats": torch.zeros(1, 5, BANDS, dtype=dtype)}
    }


def chunks(rows: int, seed: int = 1, dtype: Any = torch.float32) -> list[Any]:
    """A recording of so many rows, in chunks of four."""
    generator = torch.Generator().manual_seed(1000 * seed + rows)
    features = torch.randn(1, rows, BANDS, generator=generator).to(dtype)
    parts = features.split(4, 1)
    return [
        (part, torch.tensor([part.shape[1]]), number == len(parts) - 1)
        for number, part in enumerate(parts)
    ]


def encoded(
    model: Any, rows: int, seed: int = 1, cache: Any = None, is_looped: bool = False
) -> Any:
    """The encoder's rows, and the session's cache."""
    dtype = next(model.parameters()).dtype
    cache = state(dtype) if cache is None else cache
    os.environ["TTSOPT_ONE_PASS"] = str(int(not is_looped))
    with torch.no_grad():
        return one_pass.encode_chunks(model, chunks(rows, seed, dtype), cache), cache


def pair(dtype: Any = torch.float32) -> tuple[Any, Any, Any]:
    """The model without graphs and with them, and the device."""
    device = fake.FakeDevice()
    plain, quick = (
        ParaformerStreaming().eval().to(dtype),
        ParaformerStreaming(device).eval().to(dtype),
    )
    return plain, quick, device


def off(made: Any, wanted: Any) -> float:
    return float(common.row("", "", [made], [wanted])["off"])


def the_same_rows_as_the_loop() -> None:
    plain, quick, device = pair()
    for rows in (5, 8, 30, 33, 31, 64, 65, 127, 200, 250, 500, 512, 515, 33):
        for seed in (1, 2) if rows < 100 else (1,):
            made, _ = encoded(quick, rows, seed)
            wanted, _ = encoded(plain, rows, seed, is_looped=True)
            assert off(made, wanted) < 1e-5, rows
    assert device.captures == len(helper.WINDOWS), device.captures
    assert device.replays > 10
    assert not graphs.__ttsopt_fallbacks__
    assert not one_pass.__ttsopt_fallbacks__


def a_session_goes_on() -> None:
    plain, quick, device = pair()
    for first in (6, 9, 16, 40):
        for _ in range(3):
            caches: Any = [None, None]
            for rows in (first, 22):
                both = [
                    encoded(model, rows, 1, cache, is_looped)
                    for model, cache, is_looped in (
                        (quick, caches[0], False),
                        (plain, caches[1], True),
                    )
                ]
                caches = [cache for _, cache in both]
                assert off(both[0][0], both[1][0]) < 1e-5, (first, rows)
            kept = [cache["encoder"]["opt"] for cache in caches]
            for one, other in zip(*kept, strict=True):
                assert off(one["k"], other["k"]) < 1e-5
                assert off(one["v"], other["v"]) < 1e-5
    assert device.replays


def what_fills_up_changes_nothing() -> None:
    _, quick, _ = pair()
    made = []
    for windows in (helper.WINDOWS, (64, 128)):
        helper.WINDOWS, kept = windows, helper.WINDOWS
        try:
            made.append([encoded(quick, 30)[0] for _ in range(3)][-1])
        finally:
            helper.WINDOWS = kept
    assert off(*made) < 1e-5


def gradients_the_switch_memory_and_a_cpu_go_layer_by_layer() -> None:
    plain, quick, device = pair()
    os.environ["TTSOPT_CUDA_GRAPHS"] = "0"
    assert off(encoded(quick, 40)[0], encoded(plain, 40)[0]) == 0
    del os.environ["TTSOPT_CUDA_GRAPHS"]
    out = one_pass.encode_chunks(quick, chunks(40), state())
    assert out.requires_grad
    device.free = 1000
    assert off(encoded(quick, 40)[0], encoded(plain, 40)[0]) < 1e-5
    assert device.captures == 0
    device.free, device.fails = 1 << 40, "operation not permitted when stream is capturing"
    for _ in range(3):
        assert off(encoded(quick, 40)[0], encoded(plain, 40)[0]) < 1e-5
    assert len(graphs.__ttsopt_fallbacks__) == 1
    real = helper.graph_layers(ParaformerStreaming().eval())  # of torch: no CPU's tensor is for it
    assert off(encoded(real, 40)[0], encoded(plain, 40)[0]) == 0


def another_way_through_is_noticed() -> None:
    plain, quick, device = pair()
    shipped = helper.through_layer
    helper.through_layer = lambda *given: tuple(
        one * 1.1 if torch.is_tensor(one) else one for one in shipped(*given)
    )
    try:
        for _ in range(3):
            assert off(encoded(quick, 40)[0], encoded(plain, 40)[0]) == 0
    finally:
        helper.through_layer = shipped
    assert device.captures == 0
    assert "came out otherwise" in graphs.__ttsopt_fallbacks__[-1]


def the_encoder_is_as_before() -> None:
    plain, quick, _ = pair()
    encoded(quick, 40)
    assert list(quick.state_dict()) == list(plain.state_dict())
    for twin in (copy.deepcopy(quick.encoder), pickle.loads(pickle.dumps(quick.encoder))):  # noqa: S301
        assert type(twin) is type(plain.encoder)
    kind = type(quick.encoder)
    assert type(helper.graph_layers(quick).encoder) is kind  # not twice
    other = types.SimpleNamespace(encoder=torch.nn.Linear(2, 2))
    assert type(helper.graph_layers(other).encoder) is torch.nn.Linear


class Region(torch.nn.Module):  # type: ignore[misc]
    """The captured region as a module."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, *given: Any) -> Any:
        """Run all layers."""
        return helper._run(self.encoder, (4, 5, 16), *given)


def nothing_in_the_layers_waits_for_a_number() -> None:
    plain, _, _ = pair()
    given = torch.randn(8, 9, BANDS), torch.ones(8, 9, 1), torch.zeros(8, 1, 1, 25)
    assert not common.exported_reads(Region(plain.encoder), (*given, torch.arange(16) + 8))


def parity() -> list[dict[str, Any]]:
    """Recordings by graphs beside upstream's loop, in two types."""
    rows = []
    for dtype in (torch.float32, torch.float64):
        plain, quick, _ = pair(dtype)
        for length in (30, 128, 300):
            made, wanted = (
                [
                    encoded(model, size, seed, is_looped=is_looped)[0][0, -20:]
                    for size in (length - 1, length)
                    for seed in (1, 2, 3)
                ]
                for model, is_looped in ((quick, False), (plain, True))
            )
            case = f"{length - 1} and {length} rows beside the loop"
            rows.append(common.row("Step-Audio, paraformer's layers", case, made, wanted))
    return rows


TRIALS = [
    the_same_rows_as_the_loop,
    a_session_goes_on,
    what_fills_up_changes_nothing,
    gradients_the_switch_memory_and_a_cpu_go_layer_by_layer,
    another_way_through_is_noticed,
    the_encoder_is_as_before,
    nothing_in_the_layers_waits_for_a_number,
]

if __name__ == "__main__":
    common.report(TRIALS, parity)
