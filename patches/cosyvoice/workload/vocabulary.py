"""The text tokenizer of CosyVoice 2 and 3: Whisper's vocabulary in the files of Qwen's."""

from __future__ import annotations

import base64
import json
import os

# CosyVoice 3 asserts that <|endofprompt|> is 151646: the fourth special token after Qwen's vocabulary.
QWEN_TOKENS, QWEN_EMBEDDINGS = 151643, 151936


def write_vocabulary(folder, rows):
    """Whisper's multilingual byte-pair vocabulary in the files of Qwen's tokenizer."""
    import whisper

    with open(
        os.path.join(os.path.dirname(whisper.__file__), "assets", "multilingual.tiktoken"), "rb"
    ) as file:
        ranks = {base64.b64decode(line.split()[0]): number for number, line in enumerate(file)}
    shown = _shown_bytes()
    names = ["".join(shown[byte] for byte in token) for token in ranks]
    if rows == QWEN_EMBEDDINGS:  # filled up to its size, for what comes after must have its numbers
        names += ["<|filler%d|>" % number for number in range(len(names), QWEN_TOKENS)]
    merges = [_halves(token, ranks) for token in ranks if len(token) > 1]
    lines = [
        "%s %s" % tuple("".join(shown[byte] for byte in half) for half in pair) for pair in merges
    ]
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as file:
        json.dump({name: number for number, name in enumerate(names)}, file)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(["#version: 0.2", *lines]) + "\n")
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
        json.dump({"tokenizer_class": "Qwen2Tokenizer"}, file)


def _shown_bytes():
    """The character that GPT-2's and Qwen's vocabularies show for each byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    return {
        **{byte: chr(byte) for byte in printable},
        **{byte: chr(256 + i) for i, byte in enumerate(others)},
    }


def _halves(token, ranks):
    """The two tokens that byte-pair encoding joins into this one, last."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:  # noqa: PLR2004
        joined = [ranks.get(one + two, len(ranks)) for one, two in zip(parts, parts[1:])]
        first = joined.index(min(joined))
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return parts
