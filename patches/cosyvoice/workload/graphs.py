"""Random ONNX models in the shapes of campplus and the speech tokenizers."""

from __future__ import annotations

import _ttsopt_workload_dimensions as dimensions


def write_speaker(path, width, layers):
    """A graph of the shape of campplus: features (1, T, 80) to a speaker's 192 values."""
    import torch
    from torch import nn

    class Speaker(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [80] + [width] * layers
            pairs = zip(widths, widths[1:])
            rows = [
                part
                for one, two in pairs
                for part in (nn.Conv1d(one, two, 3, padding=1), nn.ReLU())
            ]
            self.layers, self.out = nn.Sequential(*rows), nn.Linear(width, 192)

        def forward(self, features):
            return self.out(self.layers(features.transpose(1, 2)).mean(2))

    torch.manual_seed(0)
    _export(Speaker(), path, {"features": torch.zeros(1, 200, 80)}, 1)


def write_tokenizer(path, size, generation):
    """A graph of the shape of speech_tokenizer_v<n>: mel (1, 128, T) and its length to codes (1, T / stride)."""
    import torch
    from torch import nn

    (width, layers, heads, units), (codes, _, stride) = (
        size["speech"],
        dimensions.SPEECH[generation],
    )

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attend, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.feed = nn.Sequential(nn.Linear(width, units), nn.GELU(), nn.Linear(units, width))

        def forward(self, x):
            rows = (
                self.attend(self.before(x))
                .view(1, -1, 3, heads, width // heads)
                .permute(2, 0, 3, 1, 4)
            )
            shares = (rows[0] @ rows[1].transpose(2, 3) * (width // heads) ** -0.5).softmax(-1)
            x = x + self.out((shares @ rows[2]).transpose(1, 2).reshape(1, -1, width))
            return x + self.feed(self.between(x))

    class Tokenizer(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Conv1d(128, width, 3, stride=2, padding=1)
            self.two = nn.Conv1d(width, width, 3, stride=stride // 2, padding=1)
            self.layers = nn.Sequential(*(Layer() for _ in range(layers)))
            self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, codes)

        def forward(self, feats, feats_length):
            x = self.layers(self.two(self.one(feats).relu()).relu().transpose(1, 2))
            x = self.norm(
                x - x.mean(1, keepdim=True)
            )  # else random layers give the same code everywhere
            return self.out(x).argmax(-1) + (feats_length - feats_length)

    torch.manual_seed(0)
    _export(
        Tokenizer(),
        path,
        {"feats": torch.zeros(1, 128, 200), "feats_length": torch.ones(1).int()},
        2,
    )


def _export(module, path, inputs, time_axis):
    """An ONNX file; the first input's time is of any length."""
    import torch

    torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        path,
        input_names=list(inputs),
        dynamic_axes={next(iter(inputs)): {time_axis: "time"}},
        dynamo=False,
    )
