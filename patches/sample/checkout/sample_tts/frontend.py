"""Text to phones: normalisation, a lexicon, and letter-to-sound rules for the rest."""

from __future__ import annotations

import re
from typing import Any, Callable, NamedTuple

from sample_tts.lexicon import LETTER_RULES, LEXICON
from sample_tts.phones import VOWELS

ABBREVIATIONS = {
    "dr.": "doctor",
    "mr.": "mister",
    "mrs.": "missis",
    "vs.": "versus",
    "e.g.": "for example",
    "%": " percent",
    "&": " and ",
    "+": " plus ",
    "@": " at ",
}
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
PAUSES = {",": 0.14, ";": 0.20, ":": 0.20, ".": 0.26, "!": 0.26, "?": 0.26}


class Phone(NamedTuple):
    """A phone to be spoken; the accent of a word lies on its stressed vowel."""

    name: str
    stressed: bool = False


class Fragment(NamedTuple):
    """Words up to a mark: what is synthesised in one go. The pause is in seconds."""

    text: str
    mark: str
    pause: float


class Frontend:
    """Turns a text into fragments, and a fragment into phones."""

    def __init__(self) -> None:
        self.language = "en"

    def fragments(self, text: str) -> list[Fragment]:
        """Split a text where a speaker would pause."""
        pieces = re.findall(r"([^,;:.!?]+)([,;:.!?]?)", normalise(text))
        return [
            Fragment(words.strip(), mark, PAUSES.get(mark, 0.0))
            for words, mark in pieces
            if re.search("[a-z]", words)
        ]

    def phones(self, fragment: str) -> list[Phone]:
        """Say every word of a normalised fragment: by the lexicon, else by its letters."""
        return [_phone(name) for word in fragment.split() for name in self.pronounce(word)]

    def pronounce(self, word: str) -> list[str]:
        """Names of the phones of a word, `1` after the stressed vowel."""
        # Hot spot: lexicon and expressions are built again for every word, as in front ends that
        # construct their normaliser inside the call. re.compile has a cache, re.Scanner has none.
        lexicon = build_lexicon(LEXICON)
        scanner = build_scanner(LETTER_RULES)
        return lexicon.get(word) or _spell(word, scanner)


def normalise(text: str) -> str:
    """Lower case, numbers and abbreviations in words, nothing but letters and marks left."""
    text = text.lower()
    for short, words in ABBREVIATIONS.items():
        text = text.replace(short, words)
    text = re.sub(r"(\d)[,'](?=\d{3})", r"\1", text)
    text = re.sub(r"(\d)\.(?=\d)", r"\1 point ", text)
    text = re.sub(r"\d+", lambda match: f" {number_in_words(match.group())} ", text)
    return re.sub(r"[^a-z,;:.!?]+", " ", text.replace("'", ""))


def number_in_words(digits: str) -> str:
    """`42` as `forty two`; a million or more is read digit by digit."""
    number = int(digits)
    if number >= 1_000_000:
        return " ".join(ONES[int(digit)] for digit in digits)
    if number < len(ONES):
        return ONES[number]
    if number < 100:
        return _joined(TENS[number // 10 - 2], number % 10)
    if number < 1000:
        return _joined(f"{ONES[number // 100]} hundred", number % 100)
    return _joined(f"{number_in_words(str(number // 1000))} thousand", number % 1000)


def _joined(head: str, rest: int) -> str:
    return f"{head} {number_in_words(str(rest))}" if rest else head


def build_lexicon(table: str) -> dict[str, list[str]]:
    """The words of the table and their regular forms, as in `talks`, `talked`, `talking`."""
    lexicon: dict[str, list[str]] = {}
    for entry in re.split(r"\s\|\s|\n", table.strip()):
        word, *phones = entry.split()
        stem = word[:-1] if word.endswith("e") else word
        lexicon.setdefault(f"{word}s", phones + _plural(phones[-1]))
        lexicon.setdefault(f"{stem}ed", phones + _past(phones[-1]))
        lexicon.setdefault(f"{stem}ing", [*phones, "IH", "NG"])
        lexicon.setdefault(f"{stem}er", [*phones, "ER"])
        lexicon.setdefault(f"{stem}est", [*phones, "AX", "S", "T"])
        lexicon.setdefault(f"{word}ly", [*phones, "L", "IY"])
        lexicon.setdefault(f"{word}less", [*phones, "L", "AX", "S"])
        lexicon.setdefault(f"un{word}", ["AH", "N", *phones])
        lexicon.setdefault(f"re{word}", ["R", "IY", *phones])
        lexicon[word] = phones
    return lexicon


def _plural(last: str) -> list[str]:
    if last in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return ["AX", "Z"]
    return ["S"] if last in ("P", "T", "K", "F", "TH") else ["Z"]


def _past(last: str) -> list[str]:
    if last in ("T", "D"):
        return ["AX", "D"]
    return ["T"] if last in ("P", "K", "F", "S", "SH", "CH", "TH") else ["D"]


def build_scanner(table: str) -> Any:
    """Letter-to-sound rules as one `re.Scanner`: the first that matches at a letter says it."""
    rules = (rule.rpartition("=") for rule in re.split(r" \| |\n", table.strip()))
    return re.Scanner([(pattern, _saying(phones)) for pattern, _, phones in rules])


def _saying(phones: str) -> Callable[[Any, str], list[str]]:
    names = phones.split()
    return lambda _scanner, _letters: names


def _spell(word: str, scanner: Any) -> list[str]:
    """Phones by rule; of several stressed vowels the first keeps its stress."""
    groups, _rest = scanner.scan(word)
    names: list[str] = []
    for name in (name for group in groups for name in group):
        stressed = any(other.endswith("1") for other in names)
        names.append(name.rstrip("1") if stressed else name)
    return names


def _phone(name: str) -> Phone:
    plain = name.rstrip("1")
    return Phone(plain, stressed=plain != name and plain in VOWELS)
