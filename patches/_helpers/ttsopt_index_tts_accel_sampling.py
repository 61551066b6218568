"""Have IndexTTS's accelerated engine (use_accel) sample as it was asked to.

`generate_as_asked(engine, asked, processors)` stands in the place of `engine.generate`; `asked` are the options
of generation and `processors` the list of processors that upstream's other way hands to transformers. The engine
takes the temperature alone, and draws from all tokens. Here its sampler is, for a call, one that has transformers'
own processors in transformers' order: repetition_penalty, `processors`, temperature, top_k, top_p, min_p,
typical_p; without do_sample it takes the likeliest.

What the engine cannot do (beams, and every option that is not named above) is said once on stderr. At a
temperature of 0 the engine takes the likeliest token itself, as shipped. TTSOPT_ACCEL_SAMPLING=0 in the
environment leaves everything as shipped. Laid out by ttsopt; needs Python 3.8 and what the engine needs.
"""

import functools
import os
import sys

import torch
from transformers import LogitsProcessorList
from transformers.generation import logits_process

SWITCH = "TTSOPT_ACCEL_SAMPLING"
# In transformers' order: an option, its processor, and the values that stand for none.
BEFORE = (("repetition_penalty", "RepetitionPenaltyLogitsProcessor", 1.0),)
AFTER = (
    ("temperature", "TemperatureLogitsWarper", 1.0),
    ("top_k", "TopKLogitsWarper", 0),
    ("top_p", "TopPLogitsWarper", 1.0),
    ("min_p", "MinPLogitsWarper", 0),
    ("typical_p", "TypicalLogitsWarper", 1.0),
)
TOP_K = 50  # transformers' own where nobody asks
DONE = {"do_sample", *(name for name, _, _ in BEFORE + AFTER)}
OF_BEAMS = {"length_penalty", "early_stopping"}  # told with num_beams
NONE = {"num_beams": 1, "num_beam_groups": 1, "no_repeat_ngram_size": 0, "use_cache": True}
_OFF = {"0", "off", "no", "false"}

_said = set()


def generate_as_asked(engine, asked, processors):
    """Return a function as `engine.generate`, which draws by the options that were asked for."""
    is_off = os.environ.get(SWITCH, "").strip().lower() in _OFF
    if is_off or not asked.get("temperature", 1) > 0:
        return engine.generate
    _say_what_is_dropped(asked)
    return functools.partial(_generate, engine, asked, processors)


def _generate(engine, asked, processors, inputs, **given):
    """Call the engine with another sampler.

    inputs: (texts, rows), token ids in front of the new ones, as they are given to transformers.
    """
    shipped, engine.sampler = engine.sampler, _Sampler(asked, processors, inputs)
    try:
        return engine.generate(inputs, **given)
    finally:
        engine.sampler = shipped


class _Sampler:
    """`sampler(logits, temperatures)` of the engine: the next token of each text."""

    def __init__(self, asked, processors, ids):
        self._ids, self._draws = ids, bool(asked.get("do_sample", False))
        after = _processors(AFTER, {"top_k": TOP_K, **asked}) if self._draws else []
        self._all = LogitsProcessorList([*_processors(BEFORE, asked), *(processors or []), *after])

    def __call__(self, logits, _temperatures):
        scores = self._all(self._ids, logits.float())
        if self._draws:
            tokens = torch.multinomial(torch.softmax(scores, -1), 1)
        else:
            tokens = scores.argmax(-1, keepdim=True)
        self._ids = torch.cat([self._ids, tokens], 1)
        return tokens.squeeze(1)


def _processors(kinds, asked):
    chosen = [(kind, asked.get(name), none) for name, kind, none in kinds]
    return [
        getattr(logits_process, kind)(one) for kind, one, none in chosen if one not in (None, none)
    ]


def _say_what_is_dropped(asked):
    for name, value in sorted(asked.items()):
        is_none = value in (None, False) or value == NONE.get(name)
        if name not in DONE | OF_BEAMS | _said and not is_none:
            _said.add(name)
            text = "use_accel: %s=%r is not heeded: its engine cannot" % (name, value)
            sys.stderr.write("ttsopt: %s\n" % (text,))
