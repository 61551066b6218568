"""The vocabulary, as SentencePiece's model and as ranks of byte strings."""

from __future__ import annotations

import base64
import collections
import os
import re

TIKTOKEN = "multilingual_zh_ja_yue_char_del.tiktoken"
PIECES, SPECIAL = 10000, 1679  # of bpe.model; tokens that tokenizer.py adds to the .tiktoken


def _words():
    """English words of Python's help texts, in order, and the Chinese characters of GB 2312's level 1."""
    import pydoc_data.topics

    text = " ".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))
    codes = (bytes((row, column)) for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF))
    return re.findall("[a-z]+", text.lower()), "".join(
        code.decode("gb2312", "ignore") for code in codes
    )


def write_pieces(path):
    """A SentencePiece model, in the manner of the published one."""
    import sentencepiece

    words, characters = _words()
    lines = [" ".join(words[i : i + 20]).upper() for i in range(0, len(words), 20)]
    lines += [" ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ,.?!'-12345")] * 50
    lines += [" ".join(characters[i : i + 100]) for i in range(0, len(characters), 100)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=os.path.splitext(path)[0],
        model_type="bpe",
        vocab_size=PIECES,
        character_coverage=1.0,
        bos_id=0,
        eos_id=1,
        unk_id=2,
        num_threads=1,
        minloglevel=2,
    )


def write_ranks(path, count):
    """Bytes, characters, words and all their beginnings: each is put together from what comes before it."""
    words, characters = _words()
    common = [" " + word for word, _ in collections.Counter(words).most_common()]
    tokens = {bytes((value,)): None for value in range(256)}
    for one in list(characters) + common:
        data = one.encode("utf-8")
        tokens.update((data[:end], None) for end in range(2, len(data) + 1))
    ranks = list(tokens)[:count]
    ranks += [b"\xff%d" % i for i in range(count - len(ranks))]  # none of them comes up
    with open(path, "wb") as file:
        file.writelines(
            b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(ranks)
        )
