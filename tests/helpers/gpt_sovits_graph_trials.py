"""GPT-SoVITS's t2s transformer by graphs beside upstream's own, on the device that needs no GPU.

Arguments: the folder of the helpers, a folder with GPT_SoVITS. Run in its interpreter.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import sys
import types
from importlib import import_module
from typing import Any

sys.path[:0] = [sys.argv[1], sys.argv[2], sys.argv[2] + "/GPT_SoVITS"]
# It takes seconds to import, and counts what nobody trains here.
metrics: Any = types.ModuleType("torchmetrics")
metrics.MulticlassAccuracy = lambda *_sizes, **_options: None
sys.modules["torchmetrics"] = sys.modules["torchmetrics.classification"] = metrics

torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
graphs: Any = import_module("ttsopt_graphs")
static: Any = import_module("ttsopt_static_steps")
helper: Any = import_module("ttsopt_gpt_sovits_graphs")
t2s_model: Any = import_module("AR.models.t2s_model")
SHAPE = {
    "embedding_dim": 128,
    "hidden_dim": 128,
    "head": 4,
    "linear_units": 512,
    "n_layer": 3,
    "dropout": 0,
}
ENDS = {"top_k": 1, "top_p": 1, "temperature": 1, "repetition_penalty": 1.35}


def models() -> tuple[Any, Any, Any]:
    """Two t2s models of the same random weights, end of speech never best; the second by graphs; its device."""
    torch.manual_seed(0)
    model = dict(SHAPE, vocab_size=1025, phoneme_vocab_size=732, EOS=1024, random_bert=0)
    plain, quick = (t2s_model.Text2SemanticDecoder({"model": model}).eval() for _ in range(2))
    quick.load_state_dict(plain.state_dict())
    for one in (plain, quick):
        one.ar_predict_layer.weight.data[1024] = 0
    device = fake.FakeDevice()
    helper.graph_tokens(types.SimpleNamespace(model=quick), device)
    return plain, quick, device


def naive(model: Any, letters: int = 20, tokens: int = 30, streaming: bool = False) -> Any:
    """Tokens of one text, as the loop without batches gives them."""
    torch.manual_seed(letters)
    x, voice = torch.randint(0, 700, (1, letters)), torch.randint(0, 1024, (1, 50))
    bert = torch.randn(1, 1024, letters)
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        loop = model.infer_panel_naive(
            x,
            torch.tensor([letters]),
            voice,
            bert,
            early_stop_num=tokens,
            streaming_mode=streaming,
            **ENDS,
        )
        made = list(loop)
    return [one[0].tolist() if torch.is_tensor(one[0]) else one[0] for one in made]


def batch(model: Any, letters: Any = (20, 9, 31), tokens: int = 30, ends: int = 15) -> Any:
    """Tokens of texts of unequal lengths, of which one is at its end after some steps."""
    torch.manual_seed(sum(letters))
    x = [torch.randint(0, 700, (one,)) for one in letters]
    voice, bert = torch.randint(0, 1024, (1, 50)), [torch.randn(1024, one) for one in letters]
    steps = [0]

    def stop(_module: Any, _given: Any, made: Any) -> Any:
        steps[0] += 1
        made = made.clone()
        if steps[0] == ends and len(made) > 1:
            made[1, 1024] = 1e4
        return made

    heard = model.ar_predict_layer.register_forward_hook(stop)
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        made, lengths = model.infer_panel_batch_infer(
            x,
            torch.tensor(letters),
            voice.expand(len(letters), -1),
            bert,
            early_stop_num=tokens,
            **ENDS,
        )
    heard.remove()
    return [one.tolist() for one in made], lengths


def steps(
    model: Any,
    tokens: int = 8,
    letters: int = 30,
    sequences: int = 1,
    hidden: int = 0,
    seed: int = 1,
) -> Any:
    """Outputs of the transformer for given inputs: the first `hidden` rows of the last sequence are masked."""
    generator, made, mask_heads = torch.Generator().manual_seed(seed), [], SHAPE["head"]
    dtype = next(model.parameters()).dtype
    mask = torch.zeros(sequences, mask_heads, letters, letters, dtype=torch.bool)
    mask[-1, :, :, :hidden] = True
    seen = mask[:, :, -1:]
    with torch.no_grad():
        x = torch.randn(sequences, letters, 128, generator=generator).to(dtype)
        _, keys, values = model.t2s_transformer.process_prompt(x, mask, None)
        for _ in range(tokens):
            x = torch.randn(sequences, 1, 128, generator=generator).to(dtype)
            seen = torch.nn.functional.pad(seen, (0, 1), value=False)
            given = (seen,) if hidden else ()
            x, keys, values = model.t2s_transformer.decode_next_token(x, keys, values, *given)
            made.append(x)
    return made


def off(made: Any, wanted: Any) -> float:
    return float(common.row("", "", made, wanted)["off"])


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
    mask = torch.zeros(1, SHAPE["head"], 30, 30, dtype=torch.bool)
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


def without_memory_it_decodes_as_shipped() -> None:
    plain, quick, device = models()
    device.free = 1000
    assert off(steps(quick), steps(plain)) == 0
    assert device.captures == 0
    device.free = 1 << 40
    steps(quick)
    assert device.captures == 1


def without_memory_for_a_larger_slot_it_goes_on() -> None:
    plain, quick, device = models()
    steps(quick, 2, 150)
    device.free = 1000
    assert off(steps(quick, 130, 150), steps(plain, 130, 150)) < 1e-5
    assert [one.rows for one in quick.t2s_transformer.steps.slots] == [256]


def a_capture_that_fails_is_said_once() -> None:
    plain, quick, device = models()
    device.fails = "operation not permitted when stream is capturing"
    assert naive(quick) == naive(plain)
    assert batch(quick) == batch(plain)
    assert len(graphs.__ttsopt_fallbacks__) == 1
    assert device.captures == 0


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


def another_block_decodes_as_shipped() -> None:
    plain, quick, device = models()
    for model in (plain, quick):
        block = model.t2s_transformer.blocks[1]
        block.decode_next_token = _louder(block.decode_next_token)
    assert naive(quick) == naive(plain)
    assert device.captures == 0
    assert "came out otherwise" in graphs.__ttsopt_fallbacks__[0]


def _louder(decode: Any) -> Any:
    def decode_next_token(x: Any, *rest: Any) -> Any:
        made, *caches = decode(x, *rest)
        return (made * 1.1, *caches)

    return decode_next_token


def a_cpu_gradients_and_the_switch_leave_it_alone() -> None:
    plain, quick, device = models()
    os.environ["TTSOPT_CUDA_GRAPHS"] = "0"
    assert off(steps(quick), steps(plain)) == 0
    del os.environ["TTSOPT_CUDA_GRAPHS"]
    mask = torch.zeros(1, SHAPE["head"], 4, 4, dtype=torch.bool)
    assert type(quick.t2s_transformer.process_prompt(torch.randn(1, 4, 128), mask, None)[1]) is list
    real = copy.deepcopy(plain)
    helper.graph_tokens(
        types.SimpleNamespace(model=real)
    )  # the device of torch: no CPU's tensor is for it
    assert off(steps(real), steps(plain)) == 0
    assert not real.t2s_transformer.steps.slots
    assert device.captures == 0


def the_model_is_as_before() -> None:
    plain, quick, _ = models()
    assert list(quick.state_dict()) == list(plain.state_dict())
    twin = copy.deepcopy(quick)
    assert type(twin.t2s_transformer) is type(plain.t2s_transformer)
    helper.graph_tokens(types.SimpleNamespace(model=quick))
    assert type(quick.t2s_transformer.shipped) is type(plain.t2s_transformer)  # not twice


def with_kept_keys_of_the_other_patch() -> None:
    # Which is for CPUs: each leaves the other's lists alone, whichever was laid out first.
    kept: Any = import_module("ttsopt_static_kv")
    os.environ["TTSOPT_KERNELS"] = "off"
    plain, both, device = models()
    for first, second in (("graphs", "kept"), ("kept", "graphs")):
        both = copy.deepcopy(plain)
        for one in (first, second):
            loaded = types.SimpleNamespace(model=both)
            kept.keep_cache(loaded) if one == "kept" else helper.graph_tokens(loaded)
        assert naive(both) == naive(plain)
        assert batch(both) == batch(plain)
    helper.graph_tokens(types.SimpleNamespace(model=both), device)
    assert naive(both) == naive(plain)
    assert not graphs.__ttsopt_fallbacks__


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
    without_memory_it_decodes_as_shipped,
    without_memory_for_a_larger_slot_it_goes_on,
    a_capture_that_fails_is_said_once,
    weights_that_were_changed_or_moved,
    another_block_decodes_as_shipped,
    a_cpu_gradients_and_the_switch_leave_it_alone,
    the_model_is_as_before,
    with_kept_keys_of_the_other_patch,
    the_region_can_be_exported,
    a_vocoder_in_chunks,
]

if __name__ == "__main__":
    common.report(TRIALS, parity)
