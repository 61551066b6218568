"""Requests at once on MockingBird (published size, random weights): one at a time, and their steps together.

    INTERPRETER benchmarks/mockingbird_requests.py CHECKOUT [CLIENTS [REQUESTS]]

CHECKOUT has mockingbird/request-batches, INTERPRETER what MockingBird needs (docs/environments.md). Each of
CLIENTS threads asks for REQUESTS sentences of one to two seconds, one after another. Time is the CPU time of the
process, with one torch thread a client: what passes on a machine of one core that does nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

FRAMES_A_SECOND = 80
LETTERS = "ni hao shi jie jin tian tian qi hen hao wo men chu qu zou zou ba "


def main(checkout: str, clients: int = 8, requests: int = 2) -> None:
    """Print a line of JSON for each way and part."""
    os.chdir(checkout)
    sys.path.insert(0, checkout)
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    synthesizer, vocode = _models(torch)
    speak = _speaker(synthesizer, None)
    speak(0)
    for part, speaks in (
        ("Tacotron", speak),
        ("Tacotron and HiFi-GAN", _speaker(synthesizer, vocode)),
    ):
        for way, turn in (("one at a time", threading.Lock()), ("together", nullcontext())):
            row = _asked(speaks, turn, clients, requests)
            print(json.dumps({"part": part, "way": way, "clients": clients, **row}), flush=True)


def _models(torch: Any) -> tuple[Any, Any]:
    synthesis: Any = import_module("models.synthesizer.inference")
    hifigan: Any = import_module("models.vocoder.hifigan.inference")
    torch.manual_seed(0)
    synthesis.Tacotron.load = lambda model, *_: setattr(model, "r", 2)
    synthesizer = synthesis.Synthesizer(Path("random.pt"), verbose=False)
    synthesizer.load()
    with torch.no_grad():
        hifigan.load_checkpoint = lambda *_: {"generator": hifigan.generator.state_dict()}
        hifigan.load_model(
            Path("random.pt"), Path("models/vocoder/hifigan/config_16k_.json"), False
        )
    return synthesizer, hifigan.infer_waveform


def _speaker(synthesizer: Any, vocode: Any) -> Any:
    numpy: Any = import_module("numpy")
    torch: Any = import_module("torch")
    voice = numpy.full(256, 0.06, "float32")

    def speak(number: int) -> float:
        """Speak one sentence; return its seconds of sound."""
        frames = FRAMES_A_SECOND + 16 * (number * 7 % 6)
        text = LETTERS[: 12 + 8 * (number % 7)]
        with torch.no_grad():
            (mel,) = synthesizer.synthesize_spectrograms(
                [text], [voice], steps=frames, min_stop_token=100
            )
        if vocode is not None:
            vocode(mel)
        return frames / FRAMES_A_SECOND

    return speak


def _asked(speak: Any, turn: Any, clients: int, requests: int) -> dict[str, float]:
    begin, latencies = threading.Barrier(clients), []

    def client(number: int) -> float:
        begin.wait()
        seconds = 0.0
        for one in range(requests):
            due = time.process_time()
            with turn:
                seconds += speak(number + one * clients)
            latencies.append(time.process_time() - due)
        return seconds

    started = time.process_time()
    with ThreadPoolExecutor(clients) as pool:
        seconds = sum(pool.map(client, range(clients)))
    spent, latencies = time.process_time() - started, sorted(latencies)
    at = {"p50": len(latencies) // 2, "p95": min(len(latencies) - 1, int(0.95 * len(latencies)))}
    return {
        "sound": round(seconds, 2),
        "cpu": round(spent, 2),
        "requests_a_second": round(len(latencies) / spent, 3),
        **{name: round(latencies[place], 2) for name, place in at.items()},
    }


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
