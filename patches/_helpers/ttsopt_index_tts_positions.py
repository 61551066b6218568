"""Give the tokens of IndexTTS 1.x the positions with the KV cache that they have without.

`GPT2InferenceModel.forward` (indextts/gpt/model.py) counts the start token in with the cache, so that each new
token gets the position of the one behind it. `positions_without_cache(model)` takes the one off, where the
model is in float32: in float16 the cache was always on, and the sound that its users know was made with that
position. Laid out by ttsopt; needs Python 3.8 and torch.
"""

import functools

import torch


def positions_without_cache(model):
    """Take one off the positions that `model` asks its table for, if it is in float32; return the model."""
    table = model.text_pos_embedding
    if next(table.parameters()).dtype is torch.float32 and "get_fixed_embedding" not in vars(table):
        table.get_fixed_embedding = functools.partial(_one_less, table)
    return model


def _one_less(table, position, device):
    return type(table).get_fixed_embedding(table, position - 1, device)
