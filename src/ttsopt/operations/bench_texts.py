"""What a benchmark has spoken: sets of texts of three lengths, each in English and Chinese."""

from __future__ import annotations

from collections.abc import Collection

from ttsopt.domain.measurement import Utterance
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
# Text and voice of its own, so that nothing which is timed is hot.
WARM_UP_VOICE = 11
WARM_UP = {"en": "A low voice hums for a while.", "zh": "有人轻轻地哼了一会儿歌。"}


def text_set(which: TextSet, languages: Collection[str]) -> tuple[Utterance, ...]:
    """The texts of a set in those languages, each with a voice of its own."""
    rows = (row for row in TEXTS[which].items() if not languages or row[0] in languages)
    return tuple(Utterance(name, text, voice) for voice, (name, text) in enumerate(rows))


def own_texts(texts: Collection[str]) -> tuple[Utterance, ...]:
    """The user's own, numbered from 1, each with a voice of its own."""
    return tuple(Utterance(str(i + 1), text, i) for i, text in enumerate(texts))


def warm_up(languages: Collection[str]) -> Utterance:
    """What warms a process up."""
    language = next((name for name in WARM_UP if not languages or name in languages), "en")
    return Utterance("warmup", WARM_UP[language], WARM_UP_VOICE)
