"""IndexTTS's accelerated engine beside transformers' generate, on a CPU, with a stand-in for its attention.

Arguments: the folder of the helpers, a checkout of IndexTTS. Run in its interpreter. The engine's loop, its
sampler and its sequences are the checkout's own; flash-attn and triton, which need a GPU, are not called.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import types
from importlib import import_module
from typing import Any
from unittest.mock import MagicMock, patch

loops: Any = import_module("index_tts_graph_trials")  # which has the checkout on the path
torch: Any = import_module("torch")
common: Any = import_module("graph_trials")
import_module(
    "transformers.models.gpt2.modeling_gpt2"
)  # which asks for flash-attn before the stubs are there
STUBS = {name: MagicMock() for name in ("flash_attn", "triton", "triton.language")}
with patch.dict(sys.modules, STUBS), patch.object(torch, "compile", lambda function: function):
    engines: Any = import_module("indextts.accel.accel_engine")
helper: Any = import_module("ttsopt_index_tts_accel_sampling")
ROWS, MOST, STOP = 12, 30, 3
ASKED = {
    "as infer asks": {"top_p": 0.8, "top_k": 30, "temperature": 0.8, "repetition_penalty": 10.0},
    "no penalty": {"top_p": 0.6, "top_k": 0, "temperature": 1.3, "repetition_penalty": 1.0},
    "transformers' top_k": {},
    "few": {"top_k": 3, "min_p": 0.05, "repetition_penalty": 1.5},
    "typical": {"typical_p": 0.7, "temperature": 0.9},
}


class OnTheHost:
    """`torch` as the engine sees it: no pinned memory, no other device."""

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)

    @staticmethod
    def tensor(data: Any, pin_memory: bool = False, device: Any = None, **given: Any) -> Any:
        del pin_memory, device
        return torch.tensor(data, **given)


engines.torch = OnTheHost()
torch.Tensor.cuda = lambda self, **_given: self


class Attending(torch.nn.Module):  # type: ignore[misc]
    """The checkout's transformer over all rows so far, in the place of kept keys and values."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer, self.rows = transformer, None

    def forward(self, inputs_embeds: Any, return_dict: bool) -> Any:
        is_step = inputs_embeds.shape[1] == 1
        self.rows = torch.cat([self.rows, inputs_embeds], 1) if is_step else inputs_embeds
        made = self.transformer(inputs_embeds=self.rows, return_dict=return_dict)
        made.last_hidden_state = made.last_hidden_state[:, -inputs_embeds.shape[1] :]
        return made


class Blocks:
    """Places of keys and values, which nobody reads here."""

    def allocate(self, sequence: Any) -> None:
        sequence.block_table = list(range(4))

    def append_to_seq(self, sequence: Any) -> None:
        """Nothing to do."""

    def remove_seq(self, sequence: Any) -> None:
        """Nothing to do."""


class Voices:
    """A small GPT that is asked in both ways, of the same seed."""

    def __init__(self) -> None:
        self.model = loops.Voice().inference_model
        # The engine gives the first token another position than transformers' way.
        torch.nn.init.zeros_(self.model.text_pos_embedding.emb.weight)
        self.engine = engines.AccelInferenceEngine.__new__(engines.AccelInferenceEngine)
        vars(self.engine).update(
            model=Attending(self.model.transformer).eval(),
            lm_head=self.model.lm_head,
            block_size=256,
            use_cuda_graph=False,
            graphs={},
            kv_manager=Blocks(),
            sampler=engines.Sampler(),
        )
        self.ids = torch.ones(1, ROWS + 1, dtype=torch.long)
        self.ids[0, -1] = 2
        torch.manual_seed(5)
        self.embeddings = torch.randn(1, ROWS, 64)

    def by_transformers(self, seed: int, processors: Any = None, **asked: Any) -> list[int]:
        self.model.store_mel_emb(self.embeddings)
        ends = {"bos_token_id": 2, "pad_token_id": STOP, "eos_token_id": STOP}
        given = {"attention_mask": torch.ones_like(self.ids), "max_length": ROWS + 1 + MOST}
        torch.manual_seed(seed)
        with torch.no_grad():
            made = self.model.generate(
                self.ids, logits_processor=processors, **ends, **given, **asked
            )
        return until_the_end(made)

    def by_engine(self, seed: int, processors: Any = None, **asked: Any) -> list[int]:
        generate = helper.generate_as_asked(self.engine, asked, processors)
        torch.manual_seed(seed)
        with torch.no_grad():
            made = generate(
                self.ids,
                max_new_tokens=MOST,
                temperature=asked.get("temperature", 1),
                stop_tokens=[STOP],
                tts_embeddings=self.embeddings,
                tts_mel_embedding=self.model.embeddings,
                tts_text_pos_embedding=self.model.text_pos_embedding,
            )
        return until_the_end(made)


def until_the_end(made: Any) -> list[int]:
    tokens: list[int] = made[0, ROWS + 1 :].tolist()
    return tokens[: tokens.index(STOP)] if STOP in tokens else tokens


def the_tokens_are_those_that_transformers_draws() -> None:
    voices = Voices()
    for name, asked in ASKED.items():
        for seed in range(6):
            wanted = voices.by_transformers(seed, do_sample=True, **asked)
            assert voices.by_engine(seed, do_sample=True, **asked) == wanted, (name, seed)
    assert any(len(voices.by_engine(seed, do_sample=True, top_k=20)) > 5 for seed in range(4))


def without_sampling_the_likeliest_is_taken() -> None:
    voices = Voices()
    asked = {"do_sample": False, "repetition_penalty": 3.0}
    assert voices.by_engine(0, **asked) == voices.by_transformers(0, **asked)


def further_processors_stand_where_transformers_has_them() -> None:
    voices = Voices()
    kind: Any = import_module("transformers").TypicalLogitsWarper
    asked: dict[str, Any] = {"do_sample": True, "repetition_penalty": 2.0, "top_p": 0.9}
    for seed in range(4):
        wanted = voices.by_transformers(seed, [kind(mass=0.6)], **asked)
        assert voices.by_engine(seed, [kind(mass=0.6)], **asked) == wanted


def as_shipped_they_are_others() -> None:
    voices, asked = Voices(), {"do_sample": True, **ASKED["few"]}
    os.environ["TTSOPT_ACCEL_SAMPLING"] = "0"
    try:
        made = [voices.by_engine(seed, **asked) for seed in range(6)]
    finally:
        del os.environ["TTSOPT_ACCEL_SAMPLING"]
    assert made != [voices.by_transformers(seed, **asked) for seed in range(6)]


def a_temperature_of_zero_is_the_engines() -> None:
    voices = Voices()
    shipped = voices.engine.sampler
    voices.engine.sampler = None  # would fail if it were asked
    one = voices.by_engine(0, do_sample=True, temperature=0)
    assert one == voices.by_engine(9, do_sample=True, temperature=0)
    voices.engine.sampler = shipped


def the_engines_own_sampler_comes_back() -> None:
    voices = Voices()
    shipped = voices.engine.sampler
    voices.by_engine(0, do_sample=True)
    assert voices.engine.sampler is shipped
    voices.engine.kv_manager = types.SimpleNamespace()
    with contextlib.suppress(AttributeError):
        voices.by_engine(0, do_sample=True)
    assert voices.engine.sampler is shipped


def what_is_not_heeded_is_said_once() -> None:
    voices, heard = Voices(), io.StringIO()
    helper._said.clear()
    asked = {"num_beams": 3, "length_penalty": 0.0, "use_cache": True, "diversity_penalty": None}
    with contextlib.redirect_stderr(heard):
        for _ in range(2):
            voices.by_engine(0, do_sample=True, bad_words_ids=[[5]], **asked)
        voices.by_engine(0, do_sample=True, num_beams=1)
    said = heard.getvalue().splitlines()
    assert [line.split()[2] for line in said] == ["bad_words_ids=[[5]]", "num_beams=3"], said


TRIALS = [
    the_tokens_are_those_that_transformers_draws,
    without_sampling_the_likeliest_is_taken,
    further_processors_stand_where_transformers_has_them,
    as_shipped_they_are_others,
    a_temperature_of_zero_is_the_engines,
    the_engines_own_sampler_comes_back,
    what_is_not_heeded_is_said_once,
]

if __name__ == "__main__":
    common.report(TRIALS, list)
