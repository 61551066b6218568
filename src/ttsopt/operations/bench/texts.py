"""The texts that a benchmark has spoken: sets of three lengths, each in English and Chinese."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from ttsopt.bench.spec import FRESH, HOT, BenchSpec
from ttsopt.domain.measurement import Scenario, Utterance
from ttsopt.domain.text_set import TextSet

# The first is of the Harvard sentences (IEEE Recommended Practice for Speech Quality Measurements, 1969).
TEXTS = {
    TextSet.SHORT: {
        "en": "The birch canoe slid on the smooth planks.",
        "zh": "今天天气很好，我们去公园走走。",
    },
    TextSet.MEDIUM: {
        "en": "The last ferry leaves the harbour at nine, and after that there is no way back before the morning.",
        "zh": "最后一班渡轮九点离开港口，错过了它，就要等到第二天早上才能回去。",
    },
    TextSet.LONG: {
        "en": (
            "When the workshop closed for the winter, the old clockmaker carried his tools home in a wooden box, "
            "set them out beside the window, and began to mend, one after the other, all the watches that nobody "
            "had ever come back for."
        ),
        "zh": (
            "工坊在冬天关门以后，老钟表匠把工具装进木箱带回了家，摆在窗边，开始一块接一块地修理那些从来没有人"
            "回来取走的手表。"
        ),
    },
}
# Texts and a voice of its own, so that nothing which is timed is hot.
WARM_UP_VOICE = 11
WARM_UP = {"en": "A low voice hums for a while.", "zh": "有人轻轻地哼了一会儿歌。"}


def text_set(which: TextSet, languages: Collection[str]) -> tuple[Utterance, ...]:
    """The texts of a set in those languages, each with a voice of its own."""
    rows = enumerate(_in(languages, TEXTS[which]))
    return tuple(Utterance(name, text, voice, varies=True) for voice, (name, text) in rows)


def own_texts(texts: Collection[str]) -> tuple[Utterance, ...]:
    """The user's own, numbered from 1, each with a voice of its own."""
    return tuple(Utterance(str(i + 1), text, i) for i, text in enumerate(texts))


def scenarios(spec: BenchSpec, languages: Collection[str]) -> tuple[Scenario, ...]:
    """Return what a process is timed at: what the verdict is of, then texts said again, then other levels."""
    first, *levels = spec.concurrency
    rows = own_texts(spec.texts) or text_set(spec.text_set, languages)
    voices = filter(WARM_UP_VOICE.__ne__, itertools.count())
    fresh = Scenario(FRESH, _at_once(rows, first, voices), first)
    hot = (Scenario(HOT, fresh.utterances),) if spec.hot else ()
    further = (
        Scenario(f"at-once-{level}", _at_once(rows, level, voices, f"x{level}-"), level)
        for level in levels
    )
    return (fresh, *hot, *further)


def _at_once(
    rows: Collection[Utterance], level: int, voices: Iterator[int], prefix: str = ""
) -> tuple[Utterance, ...]:
    """Each text once a thread, every time in a voice that was not heard yet."""
    if level == 1 and not prefix:
        return tuple(replace(row, voice=next(voices)) for row in rows)
    return tuple(
        replace(row, id=f"{row.id}-{prefix}{number}", voice=next(voices))
        for number in range(1, level + 1)
        for row in rows
    )


def warm_up(languages: Collection[str]) -> tuple[Utterance, ...]:
    """Return the utterances that warm a process up: a text in each of the languages that it speaks."""
    rows = _in(languages, WARM_UP)
    return tuple(Utterance(f"warmup-{name}", text, WARM_UP_VOICE) for name, text in rows)


def _in(languages: Collection[str], texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Languages with their texts: those asked for, or all."""
    return [row for row in texts.items() if not languages or row[0] in languages]
