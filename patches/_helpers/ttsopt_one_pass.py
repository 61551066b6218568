"""Encode all chunks of a call to the streaming paraformer at once, layer by layer.

The chunk loop only orders the work: layer l of chunk i needs nothing but what layer l made of chunks up to i. So
layer l can take all chunks in one go, as a batch of windows, and multiply its weights once by many rows instead of
many times by nine. What goes in, what comes out and what is kept for the session's next call are as in the loop.

TTSOPT_ONE_PASS=0 in the environment brings the loop back, at any time. Where the model or the chunks are not as
this file knows them, the loop runs, before anything else has, and the reason is said once on stderr.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch.

Shapes: N windows, W rows in a window, H heads, K values of a head.
"""

import os
import sys

import torch

SWITCH = "TTSOPT_ONE_PASS"
WINDOWS = 128  # at once, 31 s of speech: bounds the memory that a long recording takes
__ttsopt_fallbacks__ = []  # read by ttsopt's benchmark: what was said on stderr
_OFF = {"0", "off", "no", "false"}
_EXPECTED = {
    "": "ParaformerStreaming",
    "encoder": "SANMEncoderChunkOpt",
    "encoder.embed": "StreamSinusoidalPositionEncoder",
}
_EXPECTED_OF_LAYER = {
    "": "EncoderLayerSANM",
    "self_attn": "MultiHeadedAttentionSANM",
    "feed_forward": "PositionwiseFeedForward",
}


def encode_chunks(model, chunks, cache):
    """The encoder's output for the new rows of all chunks, (1, rows, width), as the loop gives it.

    A chunk is what the loop hands to `model.encode_chunk`: features (1, rows, dimensions), their number as a
    tensor (1,), and whether it is the last of its recording. `cache` is the session's, and left as by the loop.
    """
    if len(chunks) == 1 or os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return _one_by_one(model, chunks, cache)
    reason = _reason_for_the_loop(model, chunks, cache["encoder"])
    if reason:
        _say_once(reason)
        return _one_by_one(model, chunks, cache)
    features = [speech for speech, _, _ in chunks]
    parts = [features[first : first + WINDOWS] for first in range(0, len(features), WINDOWS)]
    return torch.cat([_encode(model.encoder, part, cache["encoder"]) for part in parts], dim=1)


def _one_by_one(model, chunks, cache):
    """Upstream's loop."""
    outs = []
    for speech, lengths, is_final in chunks:
        out, _ = model.encode_chunk(speech, lengths, cache=cache, is_final=is_final)
        outs.append(out[:, (-lengths[0]) :])
    return torch.cat(outs, dim=1)


# ---- what this file knows ----


def _reason_for_the_loop(model, chunks, state):
    """Why the loop has to do it; empty where the model and the chunks are as expected."""
    for reason in _unexpected(model, _EXPECTED):
        return reason
    if model.training or model.normalize is not None:
        return "the model trains, or normalises its input"
    if not model.encoder.normalize_before or len(model.encoder.encoders0) != 1:
        return "the encoder normalises after its layers, or has another first part"
    for layer in layers_of(model.encoder):
        for reason in _unexpected(layer, _EXPECTED_OF_LAYER):
            return "of a layer, " + reason
        if layer.concat_after or not layer.normalize_before:
            return "a layer concatenates, or normalises afterwards"
    return _odd_chunks(chunks, state)


def _unexpected(module, expected):
    """A sentence for each part of a module that is of another class."""
    for path, name in expected.items():
        part = module
        for step in filter(None, path.split(".")):
            part = getattr(part, step, None)
        if type(part).__name__ != name:
            yield "%s is a %s, not a %s" % (path or "the whole", type(part).__name__, name)


def _odd_chunks(chunks, state):
    """Why these chunks are no windows of one width, each moved on by as many rows as it has new ones."""
    before, new, carried = state["chunk_size"]
    if before != 0 or carried < 1 or state["encoder_chunk_look_back"] < 1 or state["tail_chunk"]:
        return "chunks of %s, %s back" % (state["chunk_size"], state["encoder_chunk_look_back"])
    shapes = [tuple(speech.shape[:-1]) for speech, _, _ in chunks]
    full, short = [(1, new)] * (len(shapes) - 1), [(1, rows) for rows in range(1, new + 1)]
    if shapes[:-1] != full or shapes[-1] not in short:
        return "chunks of other rows than %d: %s" % (new, sorted(set(shapes)))
    return ""


def _say_once(reason):
    """A line on stderr, and one for the benchmark."""
    text = "ttsopt: the encoder runs chunk by chunk, as upstream's: " + reason
    if text not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(text)
        sys.stderr.write(text + "\n")


# ---- the one pass ----


class _Windows:
    """How the windows of one call lie over its rows, and what of the past they see.

    Window i begins with the `carried` rows before its `new` ones. Its attention also sees the first `new` rows of
    each of the `back` windows before it: of those of earlier calls, as many as there are.
    """

    def __init__(self, state, rows, past):
        _, self.new, self.carried = state["chunk_size"]
        self.width = self.carried + self.new
        self.seen = state["encoder_chunk_look_back"] * self.new
        self.rows = rows  # that are new in this call; the last window may lack some
        self.past = past  # kept of the calls before
        self.number = -(-rows // self.new)
        self.missing = self.number * self.new - rows

    def cut(self, rows):
        """(1, carried + rows, D) -> (N, W, D), with zeros for the rows that the last window lacks."""
        rows = torch.nn.functional.pad(rows, (0, 0, 0, self.missing))
        return rows[0].unfold(0, self.width, self.new).transpose(1, 2).contiguous()

    def own_rows(self, like):
        """(N, W, 1): 1 for a row, 0 for one that the last window lacks. None where it lacks none."""
        if not self.missing:
            return None
        mask = like.new_ones(self.number, self.width, 1)
        mask[-1, self.width - self.missing :] = 0
        return mask

    def penalty(self, like):
        """(N, 1, 1, seen + W): minus infinity for keys that are not there, 0 for the rest."""
        slot = torch.arange(self.seen)[None] + self.new * torch.arange(self.number)[:, None]
        hidden = torch.zeros(self.number, self.seen + self.width, dtype=torch.bool)
        hidden[:, : self.seen] = slot < self.seen - self.past
        if self.missing:
            hidden[-1, -self.missing :] = True
        zeros = torch.zeros(self.number, 1, 1, self.seen + self.width)
        return zeros.masked_fill(hidden[:, None, None], float("-inf")).to(like)

    def with_past(self, own, kept):
        """Keys or values (N, H, W, K) -> those that each window attends to, (N, H, seen + W, K).

        `kept` are those of earlier calls, (1, H, past, K). Also returned: those for the next call.
        """
        heads, depth = own.shape[1], own.shape[3]
        first = own[:, :, : self.new].transpose(0, 1).reshape(heads, -1, depth)
        before = own.new_zeros(heads, self.seen - self.past, depth)
        rows = torch.cat([before] + ([] if kept is None else [kept[0]]) + [first], dim=1)
        seen = rows.unfold(1, self.seen, self.new)[:, : self.number].permute(1, 0, 3, 2)
        there = rows[:, self.seen - self.past : self.seen + self.rows]
        return torch.cat([seen, own], dim=2), there[None, :, -self.seen :].clone()


def _encode(encoder, chunks, state):
    """(1, rows, width) of chunks (1, rows, dimensions) that follow each other; moves the state on."""
    fresh = torch.cat(chunks, dim=1) * encoder.output_size() ** 0.5
    rows = torch.cat([state["feats"].to(fresh.device), encoder.embed(fresh, state)], dim=1)
    kept = state["opt"] or [None] * len(layers_of(encoder))
    past = kept[0]["k"].shape[2] if kept[0] else 0
    windows = _Windows(state, fresh.shape[1], past)
    state["feats"] = rows[:, -windows.carried :].clone()
    # step-audio/encoder-graph gives an encoder another way
    through = getattr(type(encoder), "ttsopt_through", through_layers)
    x, state["opt"] = through(encoder, windows.cut(rows), kept, windows)
    return x.reshape(1, -1, x.shape[-1])[:, : windows.rows]


def through_layers(encoder, x, kept, windows):
    """All layers over all windows (N, W, in) -> (N, new, out), and what each keeps for the next call."""
    own_rows, penalty, of_layers = windows.own_rows(x), windows.penalty(x), []
    for layer, of_layer in zip(layers_of(encoder), kept):
        x, new = through_layer(layer, x, of_layer, windows, own_rows, penalty)
        of_layers.append(new)
    return encoder.after_norm(x[:, windows.carried :]), of_layers


def layers_of(encoder):
    """The layers of an encoder, in their order."""
    return list(encoder.encoders0) + list(encoder.encoders)


def through_layer(layer, x, kept, windows, own_rows, penalty):
    """A layer over all windows (N, W, in) -> (N, W, out), and what it keeps for the next call."""
    attended, new = _attend(layer.self_attn, layer.norm1(x), kept, windows, own_rows, penalty)
    x = x + attended if layer.in_size == layer.size else attended
    return x + layer.feed_forward(layer.norm2(x)), new


def _attend(attention, x, kept, windows, own_rows, penalty):
    """Attention over a window and its past, and the memory block over the window alone."""
    query, key, value, rows = attention.forward_qkv(x)
    key, keys = windows.with_past(key, kept and kept["k"])
    value, values = windows.with_past(value, kept and kept["v"])
    scores = torch.matmul(query * attention.d_k ** (-0.5), key.transpose(-2, -1))
    mixed = torch.matmul(torch.softmax(scores + penalty, dim=-1), value)
    out = attention.linear_out(mixed.transpose(1, 2).reshape(rows.shape))
    memory = _remember(attention, rows if own_rows is None else rows * own_rows)
    return out + memory, {"k": keys, "v": values}


def _remember(attention, rows):
    """The memory block: a convolution over time, for each channel alone, plus its input (N, W, D).

    Written out as products with shifted rows: for nine rows a convolution takes longer than the layer's attention.
    """
    weight = attention.fsmn_block.weight[:, 0].t()  # (taps, D)
    left, _ = attention.pad_fn.padding
    width, out = rows.shape[1], rows.clone()
    for tap in range(weight.shape[0]):
        shift = tap - left
        first, last = max(0, -shift), width - max(0, shift)
        if first < last:
            out[:, first:last].addcmul_(rows[:, first + shift : last + shift], weight[tap])
    return out
