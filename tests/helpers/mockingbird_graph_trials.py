"""Tacotron's decoder by graphs beside upstream's own, on the device that needs no GPU.

Arguments: the folder of the helpers, a checkout of MockingBird. Run in its interpreter.
"""

from __future__ import annotations

import copy
import os
import pickle
import sys
from importlib import import_module
from typing import Any

sys.path[:0] = sys.argv[1:3]
torch: Any = import_module("torch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
graphs: Any = import_module("ttsopt_graphs")
helper: Any = import_module("ttsopt_mockingbird_graphs")
tacotron: Any = import_module("models.synthesizer.models.tacotron")
SIZES: dict[str, Any] = {
    "embed_dims": 32,
    "num_chars": 100,
    "encoder_dims": 256,
    "decoder_dims": 32,
    "n_mels": 20,
}
SIZES |= {"fft_bins": 20, "postnet_dims": 32, "encoder_K": 3, "lstm_dims": 48, "postnet_K": 3}
SIZES |= {"num_highways": 2, "dropout": 0.5, "speaker_embedding_size": 256}
WIDTH = 1024  # of a letter's encoding: the encoder's, the speaker's, the style's


def models(dtype: Any = torch.float32) -> tuple[Any, Any, Any]:
    """Two Tacotrons of the same random weights, the second by graphs; its device."""
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)  # in which upstream makes its zeros
    plain = tacotron.Tacotron(**SIZES, stop_threshold=-3.4).eval().to(dtype)
    plain.r = 2
    plain.decoder.mel_proj.weight.data.mul_(8)  # what it says matters to what it says next
    quick, device = copy.deepcopy(plain), fake.FakeDevice()
    assert helper.graph_decoder(quick.decoder, device) is quick.decoder
    return plain, quick, device


def spoken(model: Any, letters: int = 20, texts: int = 1, steps: int = 40, seed: int = 1) -> Any:
    """Frames, spectra and attention of texts, of which the last is shorter; the dropout of `seed`."""
    torch.manual_seed(100 * seed + letters)
    chars = torch.randint(1, 60, (texts, letters))
    if texts > 1:
        chars[-1, -3:] = 0
    voice = torch.randn(texts, 256)
    with torch.no_grad():
        return model.generate(chars, voice, steps=steps, min_stop_token=100)


def off(made: Any, wanted: Any) -> float:
    return float(common.row("", "", made, wanted)["off"])


def the_same_speech_with_the_same_dropout() -> None:
    plain, quick, device = models()
    for letters, texts in ((1, 1), (20, 1), (31, 1), (32, 1), (33, 1), (70, 1), (25, 4), (64, 3)):
        assert off(spoken(quick, letters, texts), spoken(plain, letters, texts)) < 1e-5, letters
    # Filled up to 32, 64 and 96 letters of one text, 32 of four and 64 of three.
    assert device.captures == 5, device.captures
    assert device.replays > 100
    assert not graphs.__ttsopt_fallbacks__


def sentences_in_turn() -> None:
    # As threads take turns at the steps, each with the attention of its own: mockingbird/request-batches.
    plain, quick, _ = models()
    spoken(quick, 20, steps=8)
    made: dict[Any, list[Any]] = {}
    for model in (plain, quick):
        decoder, kept, made[model] = model.decoder, [], []
        generator = torch.Generator().manual_seed(4)
        for _ in range(2):
            encoded = torch.randn(1, 9, WIDTH, generator=generator)
            projected = torch.randn(1, 9, 32, generator=generator)
            hidden = (torch.zeros(1, 32), torch.zeros(1, 48), torch.zeros(1, 48))
            cells, context = (torch.zeros(1, 48), torch.zeros(1, 48)), torch.zeros(1, WIDTH)
            begun = torch.zeros(1, 9), torch.zeros(1, 9)
            kept.append([encoded, projected, hidden, cells, context, begun])
        torch.manual_seed(5)
        for number in range(12):
            one = kept[number % 2]
            encoded, projected, hidden, cells, context, attention = one
            decoder.attn_net.cumulative, decoder.attn_net.attention = attention
            with torch.no_grad():
                out = decoder(
                    *(encoded, projected, torch.ones(1, 20), hidden, cells, context),
                    *(number // 2, torch.ones(1, 9, dtype=torch.long)),
                )
            one[2:5] = out[2:5]
            one[5] = decoder.attn_net.cumulative, decoder.attn_net.attention
            made[model] += [out[0], out[1], out[5]]
    assert off(made[quick], made[plain]) < 1e-5


def another_number_of_frames_a_step() -> None:
    plain, quick, device = models()
    spoken(quick)
    for model in (plain, quick):
        model.r = 5
    assert off(spoken(quick), spoken(plain)) < 1e-5
    for model in (plain, quick):
        model.decoder.r.fill_(3)
    assert off(spoken(quick), spoken(plain)) < 1e-5
    assert device.captures == 1


def without_the_mask_it_would_be_seen() -> None:
    # What the mask is for: the same step with what fills the text up attended to is another one.
    plain, quick, _ = models()
    spoken(quick)
    helper.NO_LETTER = 1
    try:
        assert off(spoken(quick), spoken(plain)) > 1e-3
    finally:
        helper.NO_LETTER = -1


def hooks_memory_and_a_failed_capture_run_as_shipped() -> None:
    plain, quick, device = models()
    device.free = 1000
    assert off(spoken(quick), spoken(plain)) < 1e-5
    assert device.captures == 0
    device.free = 1 << 40
    for model in (plain, quick):
        model.decoder.attn_net.v.register_forward_hook(lambda _module, _given, made: made * 2)
    assert off(spoken(quick, 40), spoken(plain, 40)) == 0
    assert device.captures == 0
    plain, quick, device = models()
    device.fails = "operation not permitted when stream is capturing"
    assert off(spoken(quick), spoken(plain)) < 1e-5
    assert len(graphs.__ttsopt_fallbacks__) == 1


def gradients_the_switch_and_a_cpu_run_as_shipped() -> None:
    plain, quick, device = models()
    os.environ["TTSOPT_CUDA_GRAPHS"] = "0"
    assert off(spoken(quick), spoken(plain)) == 0
    del os.environ["TTSOPT_CUDA_GRAPHS"]
    chars, voice = torch.randint(1, 60, (1, 9)), torch.randn(1, 256)
    assert quick.generate(chars, voice, steps=20)[0].requires_grad
    assert device.captures == 0
    real = copy.deepcopy(plain)
    helper.graph_decoder(real.decoder)  # the device of torch: no CPU's tensor is for it
    assert off(spoken(real), spoken(plain)) == 0


def another_decoder_speaks_as_shipped() -> None:
    plain, quick, device = models()
    for model in (plain, quick):
        model.decoder.attn_net.forward = _louder(model.decoder.attn_net)
    assert off(spoken(quick), spoken(plain)) == 0
    assert device.captures == 0
    assert "came out otherwise" in graphs.__ttsopt_fallbacks__[0]
    other = torch.nn.Linear(2, 2)
    assert type(helper.graph_decoder(other)) is torch.nn.Linear


def _louder(net: Any) -> Any:
    def forward(*given: Any) -> Any:
        return 2 * type(net).forward(net, *given)

    return forward


def weights_that_were_changed_or_moved() -> None:
    plain, quick, device = models()
    spoken(quick)
    for model in (plain, quick):
        model.decoder.rnn_input.weight.data.mul_(1.5)
    assert off(spoken(quick), spoken(plain)) < 1e-5
    assert device.captures == 1
    for model in (plain, quick):
        model.double().float()
    assert off(spoken(quick), spoken(plain)) < 1e-5
    assert device.captures == 2


def the_decoder_is_as_before() -> None:
    plain, quick, _ = models()
    spoken(quick)
    assert list(quick.state_dict()) == list(plain.state_dict())
    for twin in (copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))):  # noqa: S301 - our own
        assert type(twin.decoder) is type(plain.decoder)
    kind = type(quick.decoder)
    assert type(helper.graph_decoder(quick.decoder)) is kind  # not twice
    steps = vars(quick.decoder)["_ttsopt_graphs"]
    assert not steps.texts  # a text that was spoken is not kept


class Region(torch.nn.Module):  # type: ignore[misc]
    """The captured region as a module."""

    def __init__(self, decoder: Any) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, *given: Any) -> Any:
        """Make a step."""
        return helper.step_of(self.decoder, *given)


def the_step_waits_for_nothing() -> None:
    plain, _, _ = models()
    state = torch.randn(1, 32 + 4 * 48 + WIDTH + 64)
    letters = torch.ones(1, 64, dtype=torch.long)
    given = torch.randn(1, 20), state, torch.randn(1, 64, WIDTH), torch.randn(1, 64, 32), letters
    assert not common.exported_reads(Region(plain.decoder), given)


def parity() -> list[dict[str, Any]]:
    """The frames of a sentence beside upstream's, over letters, texts and dropouts, in two types."""
    rows = []
    for dtype in (torch.float32, torch.float64):
        plain, quick, _ = models(dtype)
        for letters, texts in ((1, 1), (20, 1), (33, 1), (100, 1), (25, 4)):
            made, wanted = (
                [
                    step
                    for seed in (1, 2, 3)
                    for step in spoken(model, letters, texts, 80, seed)[0].split(2, 2)
                ]
                for model in (quick, plain)
            )
            case = f"batch {texts}, {letters} letters, 40 steps"
            case += ", 3 letters of a text missing" if texts > 1 else ""
            rows.append(common.row("MockingBird, decoder's step", case, made, wanted))
    torch.set_default_dtype(torch.float32)
    return rows


TRIALS = [
    the_same_speech_with_the_same_dropout,
    sentences_in_turn,
    another_number_of_frames_a_step,
    without_the_mask_it_would_be_seen,
    hooks_memory_and_a_failed_capture_run_as_shipped,
    gradients_the_switch_and_a_cpu_run_as_shipped,
    another_decoder_speaks_as_shipped,
    weights_that_were_changed_or_moved,
    the_decoder_is_as_before,
    the_step_waits_for_nothing,
]

if __name__ == "__main__":
    common.report(TRIALS, parity)
