"""Run the BERT of GPT-SoVITS once over all Chinese sentences of a text, and not once for each.

On a CPU a pass over a sentence of ten characters reads 1.2 GB of weights for ten rows: most of its time is
memory. `read_together(preprocessor, texts, language, version)` runs upstream's own loop over the sentences
twice: first with features left out, to learn which texts BERT is asked for, then with those features, computed
in batches of like lengths with masks up to the layer that is read (ttsopt_gpt_sovits_bert). What upstream
computes beside them, such as phonemes, is kept from the first time. The features differ from single ones by
float32's rounding.

The preprocessor itself stays as it is: its twin answers for this one text, so that threads do not meet. One
sentence, or none in Chinese, is left to upstream, and so is a sentence whose characters are not one token each.
What fails in a batch is said once on stderr and left to upstream. Memory: hidden states of at most ROWS
characters of every layer, 50 MB for the large model. TTSOPT_BATCHED_BERT=0 leaves everything as it is. Laid out
by ttsopt; needs Python 3.8.
"""

import copy
import os
import sys

import torch

if __package__:
    from .ttsopt_gpt_sovits_bert import hidden_states
else:
    from ttsopt_gpt_sovits_bert import hidden_states

SWITCH = "TTSOPT_BATCHED_BERT"
ROWS = 512  # characters at once, padding included
LAYER = -3  # of the hidden states, which upstream reads
FEWEST = 2  # texts
ENDS = 2  # tokens that the tokenizer puts around a text
_OFF = {"0", "off", "no", "false"}
_said = set()


def read_together(preprocessor, texts, language, version):
    """Return what answers as the preprocessor for these texts, with BERT's features of all of them at hand."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or len(texts) < FEWEST:
        return preprocessor
    try:
        return _twin_of(preprocessor, texts, language, version)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        _say_once("%s: a sentence at a time, as before" % (str(error).split("\n")[0],))
        return preprocessor


def _twin_of(preprocessor, texts, language, version):
    cleaned, asked = {}, []
    width = preprocessor.bert_model.config.hidden_size

    def clean_text_inf(*given):
        if given not in cleaned:
            cleaned[given] = type(preprocessor).clean_text_inf(preprocessor, *given)
        return cleaned[given]

    def collect(text, word2ph):
        asked.append(text)
        return torch.zeros(width, sum(word2ph))

    first = _twin(preprocessor, clean_text_inf=clean_text_inf, get_bert_feature=collect)
    for text in texts:
        first.segment_and_extract_feature_for_text(text, language, version)
    rows = _rows(preprocessor, sorted(set(asked), key=len))

    def get_bert_feature(text, word2ph):
        found = rows.get(text)
        if found is None or len(word2ph) != len(text) or len(found) != len(text):
            return type(preprocessor).get_bert_feature(preprocessor, text, word2ph)
        return found.repeat_interleave(torch.tensor(word2ph), dim=0).T

    return _twin(preprocessor, clean_text_inf=clean_text_inf, get_bert_feature=get_bert_feature)


def _twin(preprocessor, **answers):
    """A preprocessor that shares everything with this one, but for these methods."""
    twin = copy.copy(preprocessor)
    vars(twin).update(answers)
    return twin


def _rows(preprocessor, texts):
    """Return BERT's features (characters, width) by text; none where there is but one."""
    if len(texts) < FEWEST:
        return {}
    found = {}
    for some in _batches(texts):
        inputs = preprocessor.tokenizer(some, return_tensors="pt", padding=True)
        inputs = {name: value.to(preprocessor.device) for name, value in inputs.items()}
        with torch.no_grad():
            states = hidden_states(preprocessor.bert_model, inputs)["hidden_states"][LAYER].cpu()
        lengths = inputs["attention_mask"].sum(1).tolist()
        found.update(
            (text, row[1 : length - 1]) for text, row, length in zip(some, states, lengths)
        )
    return found


def _batches(texts):
    """Yield texts, sorted by length, in lists of at most ROWS characters with their padding."""
    some = []
    for text in texts:
        if some and (len(some) + 1) * (len(text) + ENDS) > ROWS:
            yield some
            some = []
        some.append(text)
    yield some


def _say_once(text):
    if text not in _said:
        _said.add(text)
        sys.stderr.write("ttsopt: batched-bert: %s\n" % text)
