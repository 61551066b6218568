"""GPT-SoVITS's t2s transformer by graphs beside upstream's own, on the device that needs no GPU.

Arguments: the folder of the helpers, a folder with GPT_SoVITS. Run in its interpreter.
"""

from __future__ import annotations

import copy
import sys
import types
from importlib import import_module
from typing import Any

sys.path[:0] = [sys.argv[1], sys.argv[2], sys.argv[2] + "/GPT_SoVITS"]
torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
graphs: Any = import_module("ttsopt_graphs")
helper: Any = import_module("ttsopt_gpt_sovits_graphs")
loops: Any = import_module("gpt_sovits_graph_loops")
shipped: Any = import_module("gpt_sovits_shipped_trials")
models, naive, batch, steps, off = (
    getattr(loops, name) for name in ("models", "naive", "batch", "steps", "off")
)
HEADS = loops.SHAPE["head"]


def the_same_tokens_one_by_one() -> None:
    plain, quick, device = models()
    for letters, tokens in ((1, 15), (30, 40), (130, 90), (90, 40)):
        assert naive(quick, letters, tokens) == naive(plain, letters, tokens), letters
    assert naive(quick, streaming=True) == naive(plain, streaming=True)
    # Two sizes of slots: of each one run as shipped beside it, one captured, the others replayed.
    assert device.captures == 2
    assert device.replays > 150
    assert not graphs.__ttsopt_fallbacks__


def the_same_tokens_in_batches_that_get_smaller() -> None:
    plain, quick, device = models()
    for letters in ((20, 9, 31), (7, 8), (15, 15, 15, 4, 30)):
        assert batch(quick, letters) == batch(plain, letters), letters
    assert device.captures
    assert not graphs.__ttsopt_fallbacks__


def a_sentence_that_outgrows_its_slot() -> None:
    plain, quick, device = models()
    wanted = steps(plain, 300, 190)
    assert off(steps(quick, 300, 190), wanted) < 1e-5
    assert device.captures == 2, device.captures
    assert {one.rows for one in quick.t2s_transformer.steps.slots} == {256, 512}


def a_nan_of_an_earlier_sentence_is_gone() -> None:
    plain, quick, _ = models()
    steps(quick, 40)
    for slot in quick.t2s_transformer.steps.slots:
        slot.keys.fill_(float("nan"))
        slot.values.fill_(float("nan"))
        slot.hidden.fill_(True)
    assert off(steps(quick), steps(plain)) < 1e-5


def without_the_mask_it_would_be_seen() -> None:
    # What the mask is for: the same step with every row of the buffer attended to is another one.
    plain, quick, _ = models()
    steps(quick, 1)
    slot = quick.t2s_transformer.steps.slots[0]
    step = slot.step
    slot.step = lambda x, position, bias, *both: step(x, position, torch.zeros_like(bias), *both)
    assert off(steps(quick), steps(plain)) > 1e-3


def two_sentences_at_once() -> None:
    plain, quick, _ = models()
    turns: dict[str, list[float]] = {name: [] for name in ("first", "second")}
    lists, generator = {}, torch.Generator().manual_seed(3)
    mask = torch.zeros(1, HEADS, 30, 30, dtype=torch.bool)
    with torch.no_grad():
        for name in turns:
            x = torch.randn(1, 30, 128, generator=generator)
            lists[name] = [
                model.t2s_transformer.process_prompt(x, mask, None)[1:] for model in (plain, quick)
            ]
        for _ in range(12):
            for name, far in turns.items():
                x = torch.randn(1, 1, 128, generator=generator)
                both = [
                    model.t2s_transformer.decode_next_token(x, *lists[name][number])
                    for number, model in enumerate((plain, quick))
                ]
                lists[name] = [one[1:] for one in both]
                far.append(float((both[0][0] - both[1][0]).abs().max()))
    assert max(max(one) for one in turns.values()) < 1e-5
    assert len(quick.t2s_transformer.steps.slots) == 2


def the_slot_is_given_back() -> None:
    _, quick, device = models()
    for _ in range(4):
        steps(quick, 6)
    assert len(quick.t2s_transformer.steps.slots) == 1
    assert device.captures == 1


def weights_that_were_changed_or_moved() -> None:
    plain, quick, device = models()
    steps(quick)
    for one in (plain, quick):
        one.h.layers[1].linear1.weight.data.mul_(1.5)
    assert off(steps(quick), steps(plain)) < 1e-5
    assert device.captures == 1
    for one in (plain, quick):
        one.double().float()
    assert off(steps(quick), steps(plain)) < 1e-5
    assert device.captures == 2


def the_model_is_as_before() -> None:
    plain, quick, _ = models()
    assert list(quick.state_dict()) == list(plain.state_dict())
    twin = copy.deepcopy(quick)
    assert type(twin.t2s_transformer) is type(plain.t2s_transformer)
    helper.graph_tokens(types.SimpleNamespace(model=quick))
    assert type(quick.t2s_transformer.shipped) is type(plain.t2s_transformer)  # not twice


def the_region_can_be_exported() -> None:
    _, quick, _ = models()
    steps(quick, 2)
    slot = quick.t2s_transformer.steps.slots[0]
    given = torch.randn(1, 1, 128), torch.tensor([40])
    assert not common.exported_reads(common.Region(slot), given)


def a_vocoder_in_chunks() -> None:
    models_module: Any = import_module("module.models")
    chunks: Any = import_module("ttsopt_gpt_sovits_vocoder")
    vocoders: Any = import_module("ttsopt_vocoder_graphs")
    sizes = {"resblock_kernel_sizes": [3, 7], "resblock_dilation_sizes": [[1, 3, 5]] * 2}
    sizes |= {"upsample_rates": [4, 2], "upsample_kernel_sizes": [8, 4], "is_bias": True}
    plain = models_module.Generator(100, "1", upsample_initial_channel=32, **sizes).eval()
    plain.remove_weight_norm()
    quick, device = copy.deepcopy(plain), fake.FakeDevice()
    assert vocoders.graph_vocoder(quick, device) is quick
    keys = {"vocoder_chunk_size": 50}
    with torch.inference_mode():
        for frames in (40, 333, 333, 512):
            mel = torch.randn(1, 100, frames)
            made, wanted = (chunks.in_chunks(one, mel, keys) for one in (quick, plain))
            assert torch.equal(made, wanted), frames
    assert device.captures == 3
    assert device.replays >= 15
    assert type(quick).__name__ == "Generator"
    assert not common.exported_reads(plain, (torch.randn(1, 100, 82),))


def parity() -> list[dict[str, Any]]:
    """The step of fixed shapes beside upstream's, over lengths, batches, masks and seeds, in two types."""
    rows = []
    for dtype in (torch.float32, torch.float64):
        plain, quick, _ = models()
        plain.to(dtype), quick.to(dtype)
        for letters, tokens, sequences, hidden in (
            (1, 40, 1, 0),
            (30, 40, 1, 0),
            (190, 150, 1, 0),
            (500, 40, 1, 0),
            (30, 40, 3, 20),
            (190, 150, 5, 100),
        ):
            made, wanted = (
                [
                    one
                    for seed in (1, 2, 3)
                    for one in steps(model, tokens, letters, sequences, hidden, seed)
                ]
                for model in (quick, plain)
            )
            case = f"batch {sequences}, rows {letters} to {letters + tokens}"
            case += f", {hidden} rows of a sequence hidden" if hidden else ""
            rows.append(common.row("GPT-SoVITS, t2s step", case, made, wanted))
    return rows


TRIALS = [
    the_same_tokens_one_by_one,
    the_same_tokens_in_batches_that_get_smaller,
    a_sentence_that_outgrows_its_slot,
    a_nan_of_an_earlier_sentence_is_gone,
    without_the_mask_it_would_be_seen,
    two_sentences_at_once,
    the_slot_is_given_back,
    weights_that_were_changed_or_moved,
    the_model_is_as_before,
    the_region_can_be_exported,
    a_vocoder_in_chunks,
]

if __name__ == "__main__":
    common.report([*TRIALS, *shipped.TRIALS], parity)
