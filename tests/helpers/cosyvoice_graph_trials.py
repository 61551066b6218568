"""CosyVoice's flow and language model by graphs beside upstream's own, on the device that needs no GPU.

Arguments: the folder of the helpers, a checkout with cosyvoice/masks-without-waiting. Run in its interpreter.
"""

from __future__ import annotations

import copy
import pickle
import sys
import types
from importlib import import_module
from typing import Any

sys.path[:0] = sys.argv[1:3]
torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
models: Any = import_module("fused_flow_trials")
helper: Any = import_module("ttsopt_flow_graphs")
graphs: Any = import_module("ttsopt_graphs")
LENGTHS = (1, 2, 49, 50, 51, 127, 50)
STEPS = 4


def pair(generation: int, dtype: Any = None) -> tuple[Any, Any, Any]:
    """The checkout's estimator, and the same in a flow that is graphed; the device."""
    plain = models.estimator(generation).to(dtype)
    flow, device = types.SimpleNamespace(decoder=types.SimpleNamespace()), fake.FakeDevice()
    flow.decoder.estimator = copy.deepcopy(plain)
    assert helper.graph_flow(flow, device) is flow
    return plain, flow.decoder.estimator, device


def ways(generation: int) -> list[dict[str, bool]]:
    return [{}] if generation == 1 else [{"streaming": False}, {"streaming": True}]


def evaluations(model: Any, generation: int, dtype: Any = torch.float32) -> list[Any]:
    """Steps of several lengths, streaming and not."""
    with torch.inference_mode():
        return [
            model(*models.inputs(length, step, dtype), **way)
            for length in LENGTHS
            for way in ways(generation)
            for step in range(STEPS)
        ]


def the_same_bits_in_every_generation() -> None:
    for generation in (1, 2, 3):
        plain, quick, device = pair(generation)
        wanted, made = evaluations(plain, generation), evaluations(quick, generation)
        assert all(torch.equal(*both) for both in zip(made, wanted, strict=True)), generation
        count = len(ways(generation)) * (len(LENGTHS) - 1)
        assert device.captures == count
        assert device.replays == len(made) - count


def a_mask_that_hides_frames() -> None:
    plain, quick, device = pair(2)
    with torch.inference_mode():
        for step, shown in enumerate((60, 40, 0, 10)):
            x, mask, *rest = models.inputs(60, step, torch.float32)
            mask[:, :, shown:] = 0
            assert torch.equal(quick(x, mask, *rest), plain(x, mask, *rest)), shown
    assert device.replays == 3


def the_copies_and_the_state_are_plain() -> None:
    plain, quick, _ = pair(3)
    assert quick.state_dict().keys() == plain.state_dict().keys()
    for twin in (copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))):  # noqa: S301 - our own
        assert type(twin) is type(plain)
    flow = types.SimpleNamespace(decoder=types.SimpleNamespace(estimator=quick))
    kind = type(quick)
    assert type(helper.graph_flow(flow).decoder.estimator) is kind  # not twice


def new_weights_end_the_graphs() -> None:
    plain, quick, device = pair(2)
    evaluations(quick, 2)
    for one in (plain, quick):
        one.double().float()
    captured = device.captures
    made, wanted = evaluations(quick, 2), evaluations(plain, 2)
    assert all(torch.equal(*both) for both in zip(made, wanted, strict=True))
    assert device.captures > captured


def gradients_training_and_engines_are_left_alone() -> None:
    _, quick, device = pair(3)
    for _ in range(3):
        assert quick(*models.inputs(20, 0, torch.float32)).requires_grad
    assert device.captures == 0
    flow = types.SimpleNamespace(decoder=types.SimpleNamespace(estimator=object()))
    assert type(helper.graph_flow(flow).decoder.estimator) is object
    assert "of another kind" in graphs.__ttsopt_fallbacks__[0]


def nothing_waits_for_a_number() -> None:
    for generation in (1, 2, 3):
        plain = models.estimator(generation)
        assert not common.exported_reads(plain, models.inputs(50, 0, torch.float32))


class Loop:
    """The language model of CosyVoice 2 as its loops use it: pieces of text, then tokens."""

    def __init__(self, dtype: Any = torch.float32) -> None:
        # It imports torchaudio's features of voices, which take no part in this.
        onnx: Any = types.ModuleType("cosyvoice.utils.onnx")
        onnx.SpeechTokenExtractor, onnx.online_feature, onnx.onnx_path = None, False, ""
        sys.modules["cosyvoice.utils.onnx"] = onnx
        llm: Any = import_module("cosyvoice.llm.llm")
        transformers: Any = import_module("transformers")
        sizes = {"hidden_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4}
        sizes |= {"num_key_value_heads": 2, "intermediate_size": 256, "vocab_size": 50}
        torch.manual_seed(0)
        config = transformers.Qwen2Config(**sizes, attn_implementation="sdpa")
        self.encoder = object.__new__(llm.Qwen2Encoder)
        torch.nn.Module.__init__(self.encoder)
        self.encoder.model = transformers.Qwen2ForCausalLM(config).eval().to(dtype)
        self.dtype, self.device = dtype, None

    def graphed(self) -> Any:
        """The same weights by graphs."""
        twin = Loop(self.dtype)
        twin.device = fake.FakeDevice()
        language: Any = import_module("ttsopt_cosyvoice_token_graphs")
        language.graph_language_model(types.SimpleNamespace(llm=twin.encoder), twin.device)
        return twin

    def __call__(self, pieces: tuple[int, ...] = (30,), tokens: int = 12, seed: int = 1) -> Any:
        """Outputs of every piece, and of the tokens behind each."""
        generator, cache, made = torch.Generator().manual_seed(seed), None, []
        with torch.inference_mode():
            for piece in pieces:
                for length in (piece, *[1] * tokens):
                    x = torch.randn(1, length, 128, generator=generator).to(self.dtype)
                    rows = length + (0 if cache is None else cache[0][0].size(2))
                    masks = torch.tril(torch.ones(1, rows, rows)).bool()
                    out, cache = self.encoder.forward_one_step(x, masks=masks, cache=cache)
                    made.append(out[:, -1])
        return made


def off(made: Any, wanted: Any) -> float:
    return float(common.row("", "", made, wanted)["off"])


def the_same_tokens_of_the_language_model() -> None:
    plain = Loop()
    quick = plain.graphed()
    for pieces, tokens in (((1,), 20), ((30,), 30), ((150,), 60), ((20, 15, 9), 15)):
        assert off(quick(pieces, tokens), plain(pieces, tokens)) < 1e-5, pieces
    assert quick.device.captures == 2
    assert quick.device.replays > 100
    assert not graphs.__ttsopt_fallbacks__


def a_language_model_without_memory_or_with_another_layer() -> None:
    plain = Loop()
    quick = plain.graphed()
    quick.device.free = 1000
    assert off(quick(), plain()) == 0
    quick.device.free = 1 << 40
    quick((30,), 2)
    quick.device.free = 1000
    assert off(quick((180,), 30), plain((180,), 30)) < 1e-5
    other = plain.graphed()
    for one in (plain, other):
        attention = one.encoder.model.model.layers[1].self_attn
        attention.register_forward_hook(lambda _module, _given, made: (made[0] * 50, *made[1:]))
    assert off(other(), plain()) == 0
    assert "came out otherwise" in graphs.__ttsopt_fallbacks__[0]


def a_mask_that_hides_nothing_changes_no_bit() -> None:
    # What cosyvoice/no-step-masks leaves out, over prompts, tokens and pieces.
    model, caches, outs = Loop().encoder.model, [None, None], []
    generator, rows = torch.Generator().manual_seed(5), 0
    with torch.inference_mode():
        for length in (30, 1, 1, 7, 1, 150, 1, 1):
            x, rows = torch.randn(1, length, 128, generator=generator), rows + length
            ones = torch.ones(1, 1 if length == 1 else rows, dtype=torch.bool)
            outs = [
                model.model(
                    inputs_embeds=x, attention_mask=mask, past_key_values=cache, use_cache=True
                )
                for mask, cache in zip((ones, None), caches, strict=True)
            ]
            caches = [one.past_key_values for one in outs]
            assert torch.equal(*(one.last_hidden_state for one in outs)), rows


def the_language_model_is_as_before() -> None:
    plain = Loop()
    quick = plain.graphed()
    quick()
    assert quick.encoder.state_dict().keys() == plain.encoder.state_dict().keys()
    assert type(copy.deepcopy(quick.encoder)) is type(plain.encoder)
    del quick.encoder.model.model.layers  # as vLLM has it
    other = types.SimpleNamespace(llm=torch.nn.Linear(2, 2))
    language: Any = import_module("ttsopt_cosyvoice_token_graphs")
    assert type(language.graph_language_model(other).llm) is torch.nn.Linear


def the_step_waits_for_nothing() -> None:
    quick = Loop().graphed()
    quick((30,), 2)
    slot = vars(quick.encoder)["_ttsopt_steps"].steps.slots[0]
    given = torch.randn(1, 1, 128), torch.tensor([40])
    assert not common.exported_reads(common.Region(slot), given)


def parity() -> list[dict[str, Any]]:
    """A replayed evaluation beside upstream's, of each generation, in two types."""
    rows = []
    for generation in (1, 2, 3):
        for dtype in (torch.float32, torch.float64):
            plain, quick, _ = pair(generation, dtype)
            made, wanted = (evaluations(one, generation, dtype) for one in (quick, plain))
            case = f"frames {min(LENGTHS)} to {max(LENGTHS)}"
            case += ", streaming and not" if generation > 1 else ""
            by_graph = [one.flatten() for one in made]
            flat = [one.flatten() for one in wanted]
            rows.append(common.row(f"CosyVoice {generation}, flow", case, by_graph, flat))
    for dtype in (torch.float32, torch.float64):
        plain = Loop(dtype)
        quick = plain.graphed()
        for pieces, tokens in (((1,), 30), ((30,), 30), ((150,), 60), ((20, 15, 9), 15)):
            made, wanted = (
                [out for seed in (1, 2, 3) for out in one(pieces, tokens, seed)]
                for one in (quick, plain)
            )
            case = "rows " + " and ".join(map(str, pieces)) + f", then {tokens} tokens"
            rows.append(common.row("CosyVoice 2, language model's step", case, made, wanted))
    return rows


TRIALS = [
    the_same_bits_in_every_generation,
    a_mask_that_hides_frames,
    the_copies_and_the_state_are_plain,
    new_weights_end_the_graphs,
    gradients_training_and_engines_are_left_alone,
    nothing_waits_for_a_number,
    the_same_tokens_of_the_language_model,
    a_language_model_without_memory_or_with_another_layer,
    a_mask_that_hides_nothing_changes_no_bit,
    the_language_model_is_as_before,
    the_step_waits_for_nothing,
]

if __name__ == "__main__":
    models.stub_packages()
    common.report(TRIALS, parity)
