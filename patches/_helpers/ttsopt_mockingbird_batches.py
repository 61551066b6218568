"""Take the steps of Tacotron's decoder for several requests as one batch, and keep each request's attention apart.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_REQUEST_BATCHES as in
ttsopt_request_batches.py. A request alone takes its steps as shipped.

A step is what upstream's loop hands its decoder: the text's encoding and its projection (rows, letters, width),
the last frame, hidden states and cells, the context, the number of the step, the letters (rows, letters). In a
batch, rows of shorter texts are filled up, and what fills them gets an attention of exactly 0.
"""

import threading
import weakref

import torch
from torch.nn.functional import pad

if __package__:
    from .ttsopt_request_batches import Batches
else:
    from ttsopt_request_batches import Batches

_SCORES = 1  # of what a step returns, the one that is as long as the text
_GUARD = threading.Lock()
_QUEUES = weakref.WeakKeyDictionary()


def decoder_step(decoder, *step):
    """`decoder(*step)`, taken together with those of other threads that speak with this decoder."""
    if decoder.training:
        return decoder(*step)
    queue = _queue(decoder)
    if step[6] == 0:
        queue.own.attention = []
    return queue.batches.ask((queue.own.attention, step))


def leave_batch(decoder):
    """Say that this thread's text is at its end."""
    with _GUARD:
        queue = _QUEUES.get(decoder)
    if queue is not None:
        queue.batches.leave()


class _Queue:
    """Of one decoder: its batches, and each thread's attention so far."""

    def __init__(self, decoder):
        decoder = weakref.ref(decoder)
        self.own, self.filled = threading.local(), _Filled()
        self.batches = Batches(
            lambda steps: self._run(decoder(), steps), rows=lambda step: len(step[1][0])
        )

    def _run(self, decoder, steps):
        if len(steps) > 1:
            return _together(decoder, steps, self.filled)
        self.filled.forget()
        return [_alone(decoder, *steps[0])]


def _queue(decoder):
    with _GUARD:
        if decoder not in _QUEUES:
            _QUEUES[decoder] = _Queue(decoder)
        return _QUEUES[decoder]


def _alone(decoder, attention, step):
    net = decoder.attn_net
    if attention:
        net.cumulative, net.attention = attention
    made = decoder(*step)
    attention[:] = [net.cumulative, net.attention]
    return made


def _together(decoder, steps, filled):
    """One step of several texts; the attention of each is renewed when all went well."""
    net, texts = decoder.attn_net, [step for _, step in steps]
    known = [attention or _begun(net, step[1]) for attention, step in steps]
    encoded, projected, letters, outside = filled.of(
        [(step[0], step[1], step[7]) for step in texts]
    )
    longest = encoded.size(1)
    net.cumulative, net.attention = (
        torch.cat([_to(one[i], longest) for one in known]) for i in (0, 1)
    )
    between = [_joined([step[i] for step in texts]) for i in (2, 3, 4, 5)]
    unseen = net.v.register_forward_hook(
        lambda _, __, made: made.masked_fill(outside, -float("inf"))
    )
    try:
        with torch.no_grad():  # one text's gradients are not another's
            made = decoder(
                encoded, projected, *between, 1, letters
            )  # 1: any but 0, which begins anew
    finally:
        unseen.remove()
    rows, widths = zip(*(step[0].shape[:2] for step in texts))
    now = list(zip(net.cumulative.split(rows), net.attention.split(rows)))
    parts = [_cut(_part(made, rows, number), width) for number, width in enumerate(widths)]
    for (attention, _), mine, width in zip(steps, now, widths):
        attention[:] = [one[:, :width] for one in mine]
    return parts


def _begun(net, projected):
    net.init_attention(projected)
    return [net.cumulative, net.attention]


class _Filled:
    """Encodings filled up to one length, kept while the same texts are spoken."""

    def __init__(self):
        self.forget()

    def forget(self):
        self._given, self._made = (), None

    def of(self, texts):
        given = [one for text in texts for one in text]
        if len(given) != len(self._given) or any(a is not b for a, b in zip(given, self._given)):
            self._given, self._made = given, _filled(texts)
        return self._made


def _filled(texts):
    encoded, projected, letters = zip(*texts)
    longest = max(one.size(1) for one in encoded)
    outside = [
        torch.arange(longest, device=one.device).expand(len(one), -1) >= one.size(1)
        for one in encoded
    ]
    return (
        torch.cat([pad(one, (0, 0, 0, longest - one.size(1))) for one in encoded]),
        torch.cat([pad(one, (0, 0, 0, longest - one.size(1))) for one in projected]),
        # 1 is a letter: upstream multiplies the scores of what is none by 0, and -inf by 0 is no number.
        torch.cat([_to(one, longest, 1) for one in letters]),
        torch.cat(outside).unsqueeze(-1),
    )


def _to(rows, longest, value=0):
    return pad(rows, (0, longest - rows.size(1)), value=value)


def _joined(values):
    """Tensors, or tuples of them, joined by rows."""
    if isinstance(values[0], torch.Tensor):
        return torch.cat(values)
    return tuple(_joined(one) for one in zip(*values))


def _part(made, rows, number):
    """The rows of one text in what a step returned."""
    if isinstance(made, torch.Tensor):
        return made.split(rows)[number]
    return tuple(_part(one, rows, number) for one in made)


def _cut(made, width):
    scores = made[_SCORES][..., :width]
    return (*made[:_SCORES], scores, *made[_SCORES + 1 :])
