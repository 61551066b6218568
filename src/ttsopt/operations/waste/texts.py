"""The calls that waste is looked for in: a text, another text, another voice, and the first call again."""

from __future__ import annotations

from collections.abc import Collection

from ttsopt.bench.spec import FRESH, BenchSpec
from ttsopt.bench.waste.tables import AGAIN, FIRST, OTHER_TEXT, OTHER_VOICE
from ttsopt.domain.measurement import Scenario, Utterance
from ttsopt.operations.bench.texts import own_texts, text_set

# Of another length than any text of ttsopt's own: what depends on the length must not look known.
OTHER = {
    "en": "At low tide the old road to the island comes up.",
    "zh": "退潮以后通往小岛的老路露出来了。",
}


def recorded_calls(spec: BenchSpec, languages: Collection[str]) -> Scenario:
    """The calls in their order; with a voice of the user's own there is no other voice."""
    text, other = _texts(spec, languages)
    calls = [Utterance(FIRST, text), Utterance(OTHER_TEXT, other)]
    if spec.prompt_audio is None:
        calls.append(Utterance(OTHER_VOICE, text, voice=1))
    return Scenario(FRESH, (*calls, Utterance(AGAIN, text)))


def _texts(spec: BenchSpec, languages: Collection[str]) -> tuple[str, str]:
    language = next(one for one in OTHER if not languages or one in languages)
    own = [row.text for row in own_texts(spec.texts)]
    first, *_ = own or [row.text for row in text_set(spec.text_set, (language,))]
    second = own[1] if len(own) > 1 else OTHER[language]
    return first, second
