"""IndexTTS's flow and GPT by graphs beside upstream's own, on the device that needs no GPU.

Arguments: the folder of the helpers, a checkout. Run in its interpreter.
"""

from __future__ import annotations

import copy
import sys
import types
from importlib import import_module
from importlib.machinery import ModuleSpec
from typing import Any

sys.path[:0] = sys.argv[1:3]
# A build for CPUs has no extension of it, and it takes no part in this.
audio: Any = types.ModuleType("torchaudio")
audio.__spec__ = ModuleSpec("torchaudio", None)  # transformers asks for it
sys.modules["torchaudio"] = audio
torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
models: Any = import_module("fused_s2mel_trials")
helper: Any = import_module("ttsopt_flow_graphs")
graphs: Any = import_module("ttsopt_graphs")
tokens: Any = import_module("ttsopt_index_tts_token_graphs")
LENGTHS = (1, 5, 50, 127, 50, 128)
STEPS = 6


class Models(torch.nn.Module):  # type: ignore[misc]
    """As the s2mel models are held: a dictionary of modules, with the flow under cfm."""

    def __init__(self, estimator: Any) -> None:
        super().__init__()
        cfm = torch.nn.Module()
        cfm.estimator = estimator
        self.models = torch.nn.ModuleDict({"cfm": cfm})


def pair(dtype: Any = torch.float32) -> tuple[Any, Any, Any]:
    """The checkout's estimator, and the same graphed; the device."""
    plain, twin = models.estimator(), models.estimator()  # of the same seed
    if dtype is torch.float64:
        for one in (plain, twin):
            one.double().transformer.freqs_cis = one.transformer.freqs_cis.double()
    device, holder = fake.FakeDevice(), Models(twin)
    # The WaveNet's number of channels, a tensor of one number that never was on a GPU.
    device.is_on_host = lambda one: one.dtype is torch.int32 and one.numel() == 1
    assert helper.graph_flow(holder, device) is holder
    return plain, holder.models["cfm"].estimator, device


def evaluations(model: Any, dtype: Any = torch.float32, shown: int = 0) -> list[Any]:
    """Steps of several lengths, the last `shown` frames of each hidden."""
    with torch.inference_mode():
        return [
            model(*models.inputs(length, step, dtype, max(1, length - shown)))
            for length in LENGTHS
            for step in range(STEPS)
        ]


def the_same_bits() -> None:
    plain, quick, device = pair()
    for shown in (0, 3):
        wanted, made = evaluations(plain, shown=shown), evaluations(quick, shown=shown)
        assert all(torch.equal(*both) for both in zip(made, wanted, strict=True))
    assert device.captures == len(LENGTHS) - 1


def another_table_ends_the_graphs() -> None:
    plain, quick, device = pair()
    evaluations(quick)
    for one in (plain, quick):
        one.setup_caches(2, 1024)
    captured = device.captures
    wanted, made = evaluations(plain), evaluations(quick)
    assert all(torch.equal(*both) for both in zip(made, wanted, strict=True))
    assert device.captures > captured


def a_compiled_estimator_is_left_alone() -> None:
    compiled = torch.nn.Module()
    holder = types.SimpleNamespace(models={"cfm": types.SimpleNamespace(estimator=compiled)})
    assert type(helper.graph_flow(holder).models["cfm"].estimator) is torch.nn.Module


def nothing_waits_for_a_number() -> None:
    given = models.inputs(50, 0, torch.float32)
    assert not common.exported_reads(models.estimator(), given)


class Voice:
    """The GPT of IndexTTS 2 as `inference_speech` asks it: beams over a prompt of embeddings."""

    def __init__(self, dtype: Any = torch.float32) -> None:
        model: Any = import_module("indextts.gpt.model_v2")
        config: Any = import_module("transformers").GPT2Config
        torch.manual_seed(0)
        gpt, *_ = model.build_hf_gpt_transformer(3, 64, 4, 700, 100, False)
        torch.manual_seed(1)
        embedding, head = torch.nn.Embedding(60, 64), torch.nn.Linear(64, 60)
        norm, places = torch.nn.LayerNorm(64), model.LearnedPositionEmbeddings(700, 64)
        sizes = {"vocab_size": 60, "n_positions": 800, "n_embd": 64, "n_layer": 3, "n_head": 4}
        made = config(**sizes, use_cache=True)
        one = model.GPT2InferenceModel(made, gpt, places, embedding, norm, head, kv_cache=True)
        self.inference_model, self.device = one.eval().to(dtype), None
        self.dtype = dtype

    def graphed(self) -> Any:
        """The same weights by graphs."""
        twin = Voice(self.dtype)
        twin.device = fake.FakeDevice()
        assert tokens.graph_gpt(twin, twin.device) is twin
        return twin

    def __call__(self, rows: int = 20, most: int = 30, seed: int = 3, **options: Any) -> Any:
        """Sequences of one text."""
        torch.manual_seed(seed)
        self.inference_model.store_mel_emb(torch.randn(1, rows, 64).to(self.dtype))
        ids = torch.full((1, rows + 1), 1)
        ids[0, -1] = 2
        mask = torch.ones_like(ids)
        mask[0, : options.pop("hidden", 0)] = 0
        ends = {"bos_token_id": 2, "pad_token_id": 3, "eos_token_id": 3}
        with torch.no_grad():
            return self.inference_model.generate(
                ids, attention_mask=mask, max_length=rows + most, **ends, **options
            )

    def steps(self, rows: int, beams: int, hidden: int, seed: int, count: int = 30) -> Any:
        """Outputs of the transformer, whose beams are sorted at every step."""
        generator, model = torch.Generator().manual_seed(seed), self.inference_model.transformer
        mask = torch.ones(beams, rows, dtype=torch.long)
        mask[-1, :hidden] = 0
        length, past, made = rows, None, []
        with torch.no_grad():
            for _ in range(count):
                x = torch.randn(beams, length, 64, generator=generator).to(self.dtype)
                given = {"use_cache": True, "return_dict": True, "position_ids": None}
                out = model(inputs_embeds=x, past_key_values=past, attention_mask=mask, **given)
                order = torch.randint(0, beams, (beams,), generator=generator)
                loop = self.inference_model
                past = loop._temporary_reorder_cache(out.past_key_values, order)
                mask = torch.cat((mask, torch.ones(beams, 1, dtype=torch.long)), 1)
                made.append(out.last_hidden_state[:, -1])
                length = 1
        return made


def the_same_sequences_of_all_searches() -> None:
    plain = Voice()
    quick = plain.graphed()
    for options in (
        {"num_beams": 3, "do_sample": False, "length_penalty": 0.0},
        {"num_beams": 3, "do_sample": True, "top_k": 30, "repetition_penalty": 10.0},
        {"num_beams": 1, "do_sample": True, "hidden": 5},
        {"num_beams": 2, "do_sample": False, "num_return_sequences": 2},
    ):
        for rows in (3, 40):
            wanted, made = (one(rows, **options) for one in (plain, quick))
            assert made.tolist() == wanted.tolist(), options
    assert quick.device.captures == 3
    assert quick.device.replays > 100
    assert not graphs.__ttsopt_fallbacks__


def a_gpt_without_memory_or_of_another_kind() -> None:
    plain = Voice()
    quick = plain.graphed()
    quick.device.free = 1000
    assert quick(num_beams=3).tolist() == plain(num_beams=3).tolist()
    assert quick.device.captures == 0
    other = plain.graphed()
    for one in (plain, other):
        loud = one.inference_model.transformer.h[1].attn
        loud.register_forward_hook(lambda _module, _given, made: (made[0] * 50, *made[1:]))
    assert other(num_beams=3).tolist() == plain(num_beams=3).tolist()
    assert "came out otherwise" in graphs.__ttsopt_fallbacks__[0]
    kind = types.SimpleNamespace(inference_model=types.SimpleNamespace(transformer=object()))
    assert type(tokens.graph_gpt(kind).inference_model.transformer) is object


def the_gpt_is_as_before() -> None:
    plain = Voice()
    quick = plain.graphed()
    model = quick.inference_model
    assert model.state_dict().keys() == plain.inference_model.state_dict().keys()
    assert type(copy.deepcopy(model).transformer) is type(plain.inference_model.transformer)
    latent = model.transformer(inputs_embeds=torch.randn(1, 5, 64), return_dict=True)
    assert isinstance(latent.past_key_values, tuple)  # not of the loop: nothing is leased


def the_step_waits_for_nothing() -> None:
    quick = Voice().graphed()
    quick.steps(20, 3, 0, 1, count=3)
    slot = vars(quick.inference_model.transformer)["_ttsopt_steps"].steps.slots[0]
    given = torch.randn(4, 1, 64), torch.tensor([30])
    assert not common.exported_reads(common.Region(slot), given)


def parity() -> list[dict[str, Any]]:
    """A replayed evaluation beside upstream's, in two types."""
    rows = []
    for dtype in (torch.float32, torch.float64):
        plain, quick, _ = pair(dtype)
        made, wanted = (
            [out.flatten() for out in evaluations(one, dtype, 3)] for one in (quick, plain)
        )
        case = f"frames {min(LENGTHS)} to {max(LENGTHS)}, 3 of them hidden"
        rows.append(common.row("IndexTTS 2, flow", case, made, wanted))
    for dtype in (torch.float32, torch.float64):
        plain = Voice(dtype)
        quick = plain.graphed()
        torch.set_default_dtype(dtype)  # in which transformers makes its masks
        for length, beams, hidden in ((1, 1, 0), (20, 3, 0), (150, 3, 10), (230, 3, 0)):
            made, wanted = (
                [out for seed in (1, 2) for out in one.steps(length, beams, hidden, seed)]
                for one in (quick, plain)
            )
            case = f"{beams} beams, rows {length} to {length + 30}"
            case += f", {hidden} rows of a beam hidden" if hidden else ""
            rows.append(common.row("IndexTTS 2, GPT's step", case, made, wanted))
    torch.set_default_dtype(torch.float32)
    return rows


TRIALS = [
    the_same_bits,
    another_table_ends_the_graphs,
    a_compiled_estimator_is_left_alone,
    nothing_waits_for_a_number,
    the_same_sequences_of_all_searches,
    a_gpt_without_memory_or_of_another_kind,
    the_gpt_is_as_before,
    the_step_waits_for_nothing,
]

if __name__ == "__main__":
    common.report(TRIALS, parity)
