"""Streams of CosyVoice's own model classes with stand-ins for the three networks: chunks, wakes, delays.

Arguments: the folder of the helpers, a checkout, as shipped or with a patch, and `lag` for seconds in the place of
chunks. Run in its interpreter. The stand-ins hand tokens through: a chunk of sound is the tokens it was made of.
"""

from __future__ import annotations

import copy
import json
import statistics
import sys
import threading
import time
import types
from importlib import import_module
from typing import Any

sys.path[:0] = sys.argv[1:3]
sys.modules["torchaudio"] = types.ModuleType("torchaudio")  # its extension needs another torch
torch: Any = import_module("torch")
models: Any = import_module("cosyvoice.cli.model")
COUNTS = (3, 28, 29, 60, 151)
RATE = 2  # mel frames of a token, in the stand-ins


class Speaker:
    """A language model that says numbers from `first` on, `count` of them, `pace` seconds apart."""

    def __init__(self, pace: float) -> None:
        self.pace, self.said = pace, []  # type: ignore[var-annotated]

    def inference(self, text: Any, **_given: Any) -> Any:
        first, count = text.flatten().tolist()
        for number in range(first, first + count):
            if self.pace:
                time.sleep(self.pace)
            self.said.append(time.perf_counter())
            yield number


class Flow:
    """A mel spectrogram whose frames are the tokens."""

    input_frame_rate, token_mel_ratio, pre_lookahead_len = 12, RATE, 3

    def __init__(self) -> None:
        self.asked: list[tuple[float, int]] = []

    def inference(self, token: Any, finalize: bool = True, **given: Any) -> Any:
        self.asked.append((time.perf_counter(), token.shape[1]))
        heard = token if finalize else token[:, : -self.pre_lookahead_len]
        mel = heard.float().repeat_interleave(RATE, 1).unsqueeze(1).expand(1, 80, -1).clone()
        return mel, given.get("flow_cache")


class Vocoder:
    """A sample for each frame."""

    def inference(self, speech_feat: Any, **_given: Any) -> Any:
        wave = speech_feat[:, 0]
        return wave, wave.unsqueeze(1)


def built(generation: int, pace: float) -> Any:
    kind = {1: "CosyVoiceModel", 2: "CosyVoice2Model", 3: "CosyVoice3Model"}[generation]
    model = getattr(models, kind)(Speaker(pace), Flow(), Vocoder())
    # Seams of a few samples, for chunks of the stand-ins are short.
    model.source_cache_len, model.mel_cache_len = 4, 4
    model.speech_window = models.np.hamming(8)
    if generation == 1:
        model.mel_overlap_len, model.mel_window = 4, models.np.hamming(8)
    return model


def spoken(model: Any, first: int, count: int) -> list[list[float]]:
    text = torch.tensor([[first, count]])
    return [part["tts_speech"].flatten().tolist() for part in model.tts(text=text, stream=True)]


def chunks() -> dict[str, Any]:
    """The chunks of streams: of every generation, slower and quicker than the loop."""
    return {
        f"{generation} {count} {pace}": spoken(built(generation, pace), 7, count)
        for generation in (1, 2, 3)
        for count in COUNTS
        for pace in (0, 0.001)
    }


def woken() -> dict[str, Any]:
    """With the helper: what its wakes alone bring, where a wait that nobody ends takes ten minutes."""
    helper: Any = import_module("cosyvoice.cli.ttsopt_cosyvoice_token_signal")
    helper.LONGEST = 600
    model = built(2, 0.001)
    rows: dict[str, Any] = {}
    alone = [spoken(built(2, 0), 1000 * number, 90) for number in range(4)]
    at_once: list[Any] = [None] * 4
    model.token_max_hop_len = model.token_hop_len  # else streams lengthen each other's chunks

    def speak(number: int) -> None:
        at_once[number] = spoken(model, 1000 * number, 90)

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    rows["all said"] = [sum(map(len, parts)) for parts in at_once] == [
        sum(map(len, parts)) for parts in alone
    ]
    rows["own tokens"] = all(
        1000 * number <= max(parts[0]) < 1000 * number + 90 for number, parts in enumerate(at_once)
    )
    rows["left"] = len(vars(model)[helper._PLACE])
    rows["a copy is woken"] = woken_copy(helper)
    helper.LONGEST = 0.01
    model.tts_speech_token_dict["s"], model.llm_end_dict["s"] = [], False
    for _ in range(3):  # its thread is dead
        helper.wait_for_tokens(model, "s")
    rows["nobody wakes"] = True
    return rows


def woken_copy(helper: Any) -> bool:
    """True when a copy of the attributes, as cosyvoice/own-chunk-length makes one, is woken."""
    model = built(2, 0)
    model.tts_speech_token_dict["s"], model.llm_end_dict["s"] = [], False
    helper.wait_for_tokens(model, "s")  # the first look, before the copy is made
    threading.Timer(0.05, helper.add_token, (model, "s", 1)).start()
    helper.wait_for_tokens(copy.copy(model), "s")
    return bool(model.tts_speech_token_dict["s"] == [1])


def lag(streams: int = 20) -> dict[str, float]:
    """Medians in ms: from the last token of a first chunk to its flow; between chunks that had their tokens."""
    behind, between = [], []
    for number in range(streams):
        model = built(2, 0.008 + 0.0003 * number)  # so that the sleep ends anywhere
        spoken(model, 0, 30)
        at, needed = model.flow.asked[0]
        behind.append(1e3 * (at - model.llm.said[needed - 1]))
        model = built(2, 0)
        spoken(model, 0, 400)
        times = [at for at, _ in model.flow.asked]
        between += [1e3 * (times[1] - times[0]), 1e3 * (times[2] - times[1])]
    return {"behind": statistics.median(behind), "between": statistics.median(between)}


if __name__ == "__main__":
    name = sys.argv[3] if len(sys.argv) > 3 else "chunks"
    sys.stdout.write(json.dumps(globals()[name]()) + "\n")
