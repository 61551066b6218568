"""Replay the step of Tacotron's decoder as one CUDA graph for each number of texts and of letters.

`graph_decoder(decoder)` is called once behind the loading of the model. A step is some fifty small operations
and two frames of speech. Here it is a function of fixed shapes: the letters of a text are filled up to a
multiple of LETTERS, and those that are none get an attention of exactly zero; hidden states, cells, context and
the sum of the attention go in and come out in one tensor. What upstream's loop sees is as before, the attention
that the decoder keeps in itself too, so that any step may be taken as shipped: the first of a sentence in a
process, and whichever ttsopt_graphs.py does not replay. The dropout that stays on while Tacotron speaks draws
from torch's own generator, the same numbers in the same order.

The first step behind a first one is compared with the shipped one; where it differs by more than rounding, the
shipped one speaks from then on. With hooks on a part of the decoder, with gradients (mockingbird/no-grad takes
them away), in training and under autocast it does so too. TTSOPT_CUDA_GRAPHS=0 leaves everything as it is. Laid
out by ttsopt; needs Python 3.8, torch 2.1.

Shapes: N texts, L letters, R letters and what fills them up.
"""

import weakref

import torch

if __package__:
    from .ttsopt_graphs import CudaDevice, Graphs, is_as_shipped, may_replay, say_once, with_methods
else:
    from ttsopt_graphs import CudaDevice, Graphs, is_as_shipped, may_replay, say_once, with_methods

functional = torch.nn.functional
WHAT = "cuda-graph of Tacotron's decoder"
LETTERS = 32
NO_LETTER = (
    -1
)  # behind a text; upstream's own 0 is for the shorter texts of a batch, and is attended to
PARTS = (
    "prenet",
    "attn_net",
    "attn_rnn",
    "rnn_input",
    "res_rnn1",
    "res_rnn2",
    "mel_proj",
    "stop_proj",
)
_PLACE = "_ttsopt_graphs"
_STEP = 8  # arguments of a step


def graph_decoder(decoder, device=None):
    """Have a decoder's steps replayed on a GPU; decoders of other parts stay as they are; return the decoder."""
    lacks = [
        name for name in PARTS if not isinstance(getattr(decoder, name, None), torch.nn.Module)
    ]
    if lacks or not all(hasattr(decoder.attn_net, name) for name in ("conv", "L", "W", "v")):
        say_once("%s: %s is of another kind" % (WHAT, type(decoder).__name__))
    elif _PLACE not in vars(decoder) and "forward" not in vars(decoder):
        vars(decoder)[_PLACE] = _Steps(decoder, device or CudaDevice())
        decoder.__class__ = with_methods(type(decoder), _PLACE, _by_replays)
    return decoder


def _by_replays(base):
    def forward(self, *step):
        steps = vars(self).get(_PLACE)
        if steps is None or len(step) != _STEP or self.training or not steps.may_take(step):
            return base.forward(self, *step)
        return steps(self, base.forward, step)

    return {"forward": forward}


class _Steps:
    """The steps of one decoder by graphs."""

    def __init__(self, decoder, device):
        self.device = device
        self.graphs = Graphs(
            lambda *given: step_of(decoder, *given), device, decoder.parameters, WHAT
        )
        self.hooks = [
            hooks
            for part in decoder.modules()
            if part is not decoder
            for hooks in (part._forward_hooks, part._forward_pre_hooks)  # noqa: SLF001 - there is no public name
        ]
        self.texts = {}  # by the encoding's id: a _Text
        self.frames = None  # (the buffer that says how many a step has, its version, that number)
        self.is_trusted = None  # None until a step was compared

    def may_take(self, step):
        """True where a step may be one of fixed shapes."""
        known = self.is_trusted is not False and may_replay() and self.device.is_for(step[0])
        return known and not any(self.hooks)

    def __call__(self, decoder, shipped, step):
        """Return what `shipped(decoder, *step)` gives."""
        if self.is_trusted is not None:
            return self._taken(decoder, step)
        if step[6] == 0:  # its sum of attentions is nothing but zeros
            return shipped(decoder, *step)
        net = decoder.attn_net
        begun, heard = net.cumulative, [step[0].device] if step[0].is_cuda else []
        with torch.random.fork_rng(devices=heard):
            made = self._taken(decoder, step)
        net.cumulative = begun
        wanted = shipped(decoder, *step)
        pairs = ((made[0], wanted[0]), (made[1], wanted[1]), (made[4], wanted[4]))
        self.is_trusted = all(is_as_shipped(one, other, WHAT) for one, other in pairs)
        return wanted

    def _taken(self, decoder, step):
        encoded, projected, last, hidden, cells, context, number, chars = step
        net, text = decoder.attn_net, self._text(encoded, projected, chars)
        if number == 0:
            net.init_attention(projected)
        kept = (*hidden, *cells, context, net.cumulative)
        sizes = [one.shape[1] for one in kept]
        state = torch.cat((*kept, text.blank), 1)
        made = self.graphs(last, state, *text.filled)
        sizes[-1] = text.filled[0].shape[1]
        widths = (*sizes, sizes[-1], decoder.mel_proj.out_features, 1)
        *hidden, cell, other, context, seen, scores, mels, stop = made.split(widths, 1)
        net.cumulative, net.attention = (one[:, : chars.shape[1]] for one in (seen, scores))
        frames = mels.reshape(len(mels), decoder.n_mels, -1)[:, :, : self._frames(decoder)]
        return frames, net.attention[:, None], tuple(hidden), (cell, other), context, stop

    def _text(self, encoded, projected, chars):
        given, key = (encoded, projected, chars), id(encoded)
        text = self.texts.get(key)
        if text is None or any(ref() is not one for ref, one in zip(text.given, given)):
            text = self.texts[key] = _Text(given, lambda _: self.texts.pop(key, None))
        return text

    def _frames(self, decoder):
        """Number of frames of a step that are spoken; the buffer is read anew where it is another one."""
        buffer = decoder.r
        version = None if buffer.is_inference() else buffer._version  # noqa: SLF001 - there is no public name
        if self.frames is None or self.frames[0] is not buffer or self.frames[1] != version:
            self.frames = (buffer, version, int(buffer))
        return self.frames[2]


class _Text:
    """A text's encoding and projection (N, R, width) and letters (N, R), filled up, kept while it is spoken."""

    def __init__(self, given, forget):
        self.given = [weakref.ref(one, forget) for one in given]
        encoded, projected, chars = given
        missing = -chars.shape[1] % LETTERS
        self.filled = (
            functional.pad(encoded, (0, 0, 0, missing)),
            functional.pad(projected, (0, 0, 0, missing)),
            functional.pad(chars, (0, missing), value=NO_LETTER),
        )
        self.blank = encoded.new_zeros(encoded.shape[0], missing)


def step_of(decoder, last, state, encoded, projected, chars):
    """Make a step: a frame (N, mels) and the state (N, its parts and the sum of attentions, R).

    Gives the next state, the attention (N, R), frames (N, mels * the most of a step), and how far it is at its end
    (N, 1), behind each other.
    """
    net, size, cell = decoder.attn_net, decoder.attn_rnn.hidden_size, decoder.res_rnn1.hidden_size
    sizes = (size, *[cell] * 4, encoded.shape[2], encoded.shape[1])
    heard, *pairs, context, seen = state.split(sizes, 1)
    heard = decoder.attn_rnn(torch.cat((context, decoder.prenet(last)), 1), heard)
    scores = _attention(net, heard, projected, seen, chars)
    context = (scores[:, None] @ encoded).squeeze(1)
    x = decoder.rnn_input(torch.cat((context, heard), 1))
    kept, (hidden, other, carried, another) = [], pairs
    for layer, pair in (
        (decoder.res_rnn1, (hidden, carried)),
        (decoder.res_rnn2, (other, another)),
    ):
        kept.append(layer(x, pair))
        x = x + kept[-1][0]
    (hidden, carried), (other, another) = kept
    end = torch.sigmoid(decoder.stop_proj(torch.cat((x, context), 1)))
    states = (heard, hidden, other, carried, another, context, seen + scores)
    return torch.cat((*states, scores, decoder.mel_proj(x), end), 1)


def _attention(net, heard, projected, seen, chars):
    """Weights of the letters that a step attends to, (N, R): upstream's, with nothing behind the letters."""
    place = net.L(net.conv(seen[:, None]).transpose(1, 2))
    scores = net.v(torch.tanh(net.W(heard)[:, None] + projected + place)).squeeze(-1)
    scores = scores * (chars != 0).to(scores.dtype)
    return torch.softmax(scores.masked_fill(chars < 0, float("-inf")), 1)
