"""A stub of the text front end: a phoneme a letter, two a Chinese character."""

from __future__ import annotations

import re
from itertools import chain
from string import ascii_uppercase

LOW, HIGH = 0x4E00, 0x9FFF  # CJK Unified Ideographs
PHONES_EN = "AA0 B K D EH1 F G HH IH1 JH K L M N OW1 P K R S T UH1 V W Z Y Z"  # of A to Z
PHONES_ZH = "b a1,d an2,g e4,h i3,l ang1,m a1,b an2,d e4,g i3,h ang1"  # by code point
DIGITS = "零一二三四五六七八九"  # 0 to 9


def languages(text, *_):
    """Stretches of Latin letters and of the rest."""
    runs = re.findall(r"[A-Za-z][A-Za-z0-9 ',.!?-]*|[^A-Za-z]+", text)
    spoken = ["en" if run[0].isascii() and run[0].isalpha() else "zh" for run in runs]
    return [{"lang": language, "text": run} for language, run in zip(spoken, runs)]


def clean_text(text, language, *_):
    """text.cleaner.clean_text: phonemes, how many each character has (Chinese), the text as it is read."""
    if language == "en":
        phones = dict(zip(ascii_uppercase, PHONES_EN.split()), **{mark: mark for mark in ",.!?"})
        return [phones[letter] for letter in text.upper() if letter in phones], None, text
    read = re.sub(r"[0-9]", lambda digit: DIGITS[int(digit.group())], text)
    read = "".join(row if LOW <= ord(row) <= HIGH else "." if row in "。." else "," for row in read)
    pairs = [pair.split() for pair in PHONES_ZH.split(",")]
    phones = [[row] if row in ",." else pairs[ord(row) % len(pairs)] for row in read]
    return list(chain(*phones)), [len(row) for row in phones], read
