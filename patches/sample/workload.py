"""Sample TTS, end to end through `SampleTTS.speak`, with the checkout's own defaults.

Counters are calls that really happened, per utterance: evaluations of the flow's field (`nfe`),
norms of the noise filter's weight, analyses of the reference voice, and lexicons built.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict

CONCURRENT = True
STUBS = ("a formant synthesiser in plain Python, no neural network",)

# Counter -> module and function. They run some hundred times an utterance at most: counting costs
# a tenth of a millisecond of half a second.
COUNTED = {
    "nfe": ("acoustic", "velocity"),
    "weight_norms": ("vocoder", "weight_norm"),
    "speaker_embeddings": ("api", "embed"),
    "lexicon_builds": ("frontend", "build_lexicon"),
}


def load(_job: Dict[str, Any]) -> Callable[[Dict[str, str], int], Dict[str, Any]]:
    """The synthesiser of the checkout, as `speak`; the number of steps is left to its default."""
    from sample_tts import acoustic, api, frontend, vocoder  # type: ignore[import-not-found]

    modules = {"acoustic": acoustic, "api": api, "frontend": frontend, "vocoder": vocoder}
    counters = dict.fromkeys(COUNTED, 0)
    for name, (module, function) in COUNTED.items():
        _count_calls(counters, name, modules[module], function)
    tts = api.SampleTTS()

    def speak(utterance: Dict[str, str], seed: int) -> Dict[str, Any]:
        counters.update(dict.fromkeys(COUNTED, 0))
        samples = tts.speak(utterance["text"], seed=seed)
        return {"samples": samples, "sample_rate": tts.sample_rate, "counters": dict(counters)}

    return speak


def _count_calls(counters: Dict[str, int], name: str, module: Any, function: str) -> None:
    """Have the module's own calls of one of its functions counted."""
    original = getattr(module, function)

    @functools.wraps(original)
    def counted(*args: Any, **kwargs: Any) -> Any:
        counters[name] += 1
        return original(*args, **kwargs)

    setattr(module, function, counted)
