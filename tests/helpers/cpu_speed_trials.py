"""What the helpers that make a CPU quicker must do, tried where torch is: `PYTHON THIS_FILE FOLDER_OF_HELPERS`.

Modules with the same constructs as upstream's, of our own writing and small. Prints {name: "" or what went wrong}.
"""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

functional = nn.functional
FRAMES = (96, 97, 130, 176, 240, 241, 333, 500)


# ---- the choice of a kernel ----


def counted(calls: list[str], *names: str) -> list[tuple[str, Callable[[], Any]]]:
    """Candidates that note when they are made; the last one is by far the quickest."""

    def make(name: str) -> Callable[[], Any]:
        def made() -> Callable[[], Any]:
            calls.append(name)
            x = torch.ones(1 if name == names[-1] else 1 << 20)
            return lambda: x + 1

        return made

    return [(name, make(name)) for name in names]


def kernels_a_choice_is_measured_once(helpers: Any) -> None:
    calls: list[str] = []
    for _ in range(3):
        assert helpers.kernels.quickest(("a", 1), counted(calls, "slow", "quick")) == "quick"
    assert calls == ["slow", "quick"]


def kernels_a_choice_outlives_the_process(helpers: Any) -> None:
    calls: list[str] = []
    helpers.kernels.quickest(("a", 1), counted([], "slow", "quick"))
    helpers.kernels._choices.clear()
    helpers.kernels._files.clear()
    assert helpers.kernels.quickest(("a", 1), counted(calls, "slow", "quick")) == "quick"
    assert not calls


def kernels_what_is_damaged_is_measured_anew(helpers: Any) -> None:
    path = helpers.kernels._path()
    path.parent.mkdir(parents=True, exist_ok=True)
    for text in (
        "",
        "{",
        "[1]",
        '{"choices": 3}',
        '{"choices": {"a|1": "x"}}',
        "[" * 100_000,
        " " * (2 << 20),
    ):
        path.write_text(text)
        helpers.kernels._choices.clear()
        helpers.kernels._files.clear()
        assert helpers.kernels.quickest(("a", 1), counted([], "slow", "quick")) == "quick"
    assert json.loads(path.read_text())["choices"] == {"a|1": "quick"}


def kernels_a_folder_that_cannot_be_written_is_no_error(helpers: Any) -> None:
    file = Path(tempfile.mkdtemp()) / "a file"
    file.touch()
    os.environ["TTSOPT_KERNELS_FOLDER"] = str(file)
    assert helpers.kernels.quickest(("a", 1), counted([], "slow", "quick")) == "quick"


def kernels_the_switch(helpers: Any) -> None:
    os.environ["TTSOPT_KERNELS"] = "off"
    assert helpers.kernels.quickest(("a", 1), counted([], "slow", "quick")) == "slow"
    os.environ["TTSOPT_KERNELS"] = "print, middle"
    names = counted([], "slow", "middle", "quick")
    assert helpers.kernels.quickest(("a", 1), names) == "middle"


def kernels_a_candidate_that_fails_is_left_out(helpers: Any) -> None:
    def failing() -> Any:
        raise RuntimeError("no such operator")

    slow, quick = counted([], "slow", "quick")
    assert helpers.kernels.quickest(("a", 1), [slow, ("none", failing), quick]) == "quick"
    try:
        helpers.kernels.quickest(("a", 2), [("none", failing), quick])
    except RuntimeError:
        return
    raise AssertionError("the first candidate must not fail")


def kernels_a_hopeless_candidate_is_called_once(helpers: Any) -> None:
    calls: list[str] = []

    def loops() -> None:
        calls.append("loops")
        time.sleep(0.6)

    first, quick = counted([], "first", "quick")
    assert helpers.kernels.quickest(("a", 1), [first, ("loops", lambda: loops), quick]) == "quick"
    assert calls == ["loops"]


def kernels_the_first_stays_where_nothing_wins(helpers: Any) -> None:
    x = torch.ones(1 << 16)
    same = [(name, lambda: lambda: x + 1) for name in ("first", "second")]
    taken = {helpers.kernels.quickest(("same", number), same) for number in range(5)}
    assert "first" in taken


# ---- products ----


def products_every_kind_is_near(helpers: Any) -> None:
    layer, x = nn.Linear(256, 512), torch.randn(3, 7, 256)
    bounds = {
        "float32": 1e-6,
        "packed": 1e-5,
        "int16": 5e-4,
        "bf16": 2e-2,
        "int8w": 4e-2,
        "int8": 8e-2,
    }
    for activation in (None, "relu", "tanh", "none"):
        with torch.no_grad():
            y = layer(x)
            if activation == "relu":
                y = y.relu()
            elif activation:
                y = functional.gelu(y, approximate=activation)
            for kind, most in bounds.items():
                if not runs(helpers, kind):
                    continue
                multiply = helpers.products.multiplier(kind, layer.weight, layer.bias, activation)
                made = multiply(x).float()
                assert made.shape == y.shape
                assert relative(made, y) < most, (kind, activation, relative(made, y))


def runs(helpers: Any, kind: str) -> bool:
    """False for what oneDNN has no instructions for, and says so."""
    try:
        helpers.products.multiplier(kind, torch.ones(8, 8))(torch.ones(1, 8))
    except RuntimeError:
        return kind not in {"bf16", "int16"}
    return True


def products_in_16_bits_at_the_ends_of_their_range(helpers: Any) -> None:
    if not runs(helpers, "int16"):
        return
    weight = torch.where(
        torch.randn(48, 96) > 0, 1.0, -1.0
    )  # digits of 127, which sums could saturate at
    multiply = helpers.products.multiplier("int16", weight)
    assert relative(multiply(weight), weight @ weight.t()) < 1e-4
    for size in (1e-20, 1.0, 1e20):
        x = size * torch.randn(2, 3, 96)
        assert relative(multiply(x) / size, x @ weight.t() / size) < 5e-4
    assert not multiply(torch.zeros(4, 96)).any()
    assert relative(multiply(torch.randn(7, 192)[:, ::2]), torch.zeros(1)) > 0


def products_in_16_bits_of_what_is_not_finite(helpers: Any) -> None:
    if not runs(helpers, "int16"):
        return
    weight, x = torch.randn(48, 96), torch.randn(3, 96)
    for odd in (math.nan, math.inf, -math.inf):
        x[1, 5] = odd
        made = helpers.products.multiplier("int16", weight)(x)
        assert torch.equal(made[::2], functional.linear(x, weight)[::2])
        assert not made[1].isfinite().any()


def products_in_16_bits_are_refused_where_sums_saturate(helpers: Any) -> None:
    honest = helpers.digits._multiplied
    helpers.digits._multiplied = lambda *given: honest(*given).clamp(-32768, 32767)
    try:
        helpers.products.multiplier("int16", torch.ones(8, 64))
    except NotImplementedError:
        return
    raise AssertionError("saturating products must not be taken")


def products_three_layers_are_one(helpers: Any) -> None:
    layers = [nn.Linear(64, 64, bias=number != 1) for number in range(3)]
    parts = [one.weight for one in layers], [one.bias for one in layers]
    product, x = helpers.products.Product(*parts, ("float32",)), torch.randn(5, 64)
    with torch.no_grad():
        assert torch.equal(product(x), torch.cat([one(x) for one in layers], 1))


def products_a_choice_counts_for_its_kinds_alone(helpers: Any) -> None:
    helpers.kernels._measured = lambda _what, candidates, _aloud: candidates[-1][0]
    weight = torch.randn(64, 64)
    offered = (("float32", "packed"), ("float32", "packed", "int8"), ("float32", "packed"))
    taken = [helpers.products.kind_for(weight, None, 1, kinds) for kinds in offered]
    assert taken == ["packed", "int8", "packed"], taken


def products_a_changed_weight_is_noticed(helpers: Any) -> None:
    layer, x = nn.Linear(256, 256), torch.randn(64, 256)
    os.environ["TTSOPT_KERNELS"] = "packed"
    product = helpers.products.Product([layer.weight], [layer.bias], ("float32", "packed"))
    with torch.no_grad():
        product(x)
        for change in (layer.weight.mul_, layer.weight.data.mul_, layer.bias.mul_):
            change(1.5)
            product.renew()
            assert relative(product(x), layer(x)) < 1e-5


# ---- a vocoder in pieces ----


class Residual(nn.Module):  # type: ignore[misc]
    def __init__(self, channels: int, size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            nn.Conv1d(channels, channels, size, dilation=one, padding=one * (size - 1) // 2)
            for one in dilations
        )
        self.convs2 = nn.ModuleList(
            nn.Conv1d(channels, channels, size, padding=(size - 1) // 2) for _ in dilations
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for first, second in zip(self.convs1, self.convs2, strict=True):
            x = x + second(functional.leaky_relu(first(functional.leaky_relu(x, 0.1)), 0.1))
        return x


class Generator(nn.Module):  # type: ignore[misc]
    """As HiFi-GAN's, small; with a condition, as the decoder of VITS has it."""

    def __init__(self) -> None:
        super().__init__()
        self.num_kernels, self.num_upsamples = 2, 2
        self.conv_pre = nn.Conv1d(20, 32, 7, padding=3)
        self.cond = nn.Conv1d(6, 32, 1)
        self.ups = nn.ModuleList(
            [
                nn.ConvTranspose1d(32, 16, 8, 4, padding=2),
                nn.ConvTranspose1d(16, 8, 4, 2, padding=1),
            ]
        )
        self.resblocks = nn.ModuleList(
            Residual(channels, size, (1, 3)) for channels in (16, 8) for size in (3, 7)
        )
        self.conv_post = nn.Conv1d(8, 1, 7, padding=3)

    def forward(self, x: torch.Tensor, g: torch.Tensor | None = None) -> torch.Tensor:
        x = self.conv_pre(x)
        if g is not None:
            x = x + self.cond(g)
        for number, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, 0.1))
            blocks = self.resblocks[number * 2 : number * 2 + 2]
            x = sum(block(x) for block in blocks) / 2
        return torch.tanh(self.conv_post(functional.leaky_relu(x)))


def generators(helpers: Any, kind: str = "nhwc") -> tuple[Generator, Generator]:
    os.environ["TTSOPT_KERNELS"] = kind
    plain = Generator().eval()
    for one in plain.parameters():
        one.data.mul_(3.0)
    quick = copy.deepcopy(plain)
    assert helpers.vocoder_pieces.quicken_vocoders(quick) is quick
    return plain, quick


def vocoder_pieces_are_the_whole(helpers: Any) -> None:
    plain, quick = generators(helpers)
    g = torch.randn(1, 6, 1)
    with torch.no_grad():
        for frames in FRAMES:
            x = torch.randn(1, 20, frames)
            assert relative(quick(x, g=g), plain(x, g)) < 1e-5, frames
            assert relative(quick(x, g), plain(x, g)) < 1e-5, frames
            assert relative(quick(x), plain(x)) < 1e-5, frames


def vocoder_pieces_in_bfloat16_are_near(helpers: Any) -> None:
    plain, quick = generators(helpers, "bf16")
    with torch.no_grad():
        for frames in FRAMES[::3]:
            x = torch.randn(2, 20, frames)
            off = relative(quick(x), plain(x))
            assert 0 < off < 5e-2, off


def vocoder_pieces_less_context_would_be_seen(helpers: Any) -> None:
    plain, quick = generators(helpers)
    place = helpers.vocoder_pieces._PLACE
    quick.__dict__[place].context = 2
    x = torch.randn(1, 20, 333)
    with torch.no_grad():
        assert relative(quick(x), plain(x)) > 1e-4


def vocoder_pieces_reach_as_far_as_filters_between(helpers: Any) -> None:
    plain, _ = generators(helpers)
    before = helpers.vocoder_pieces.receptive_field(plain)
    for block in (
        plain.resblocks
    ):  # two at 4 samples a frame, two at 8; six samples of BigVGAN's filters each
        block.activations = nn.ModuleList(nn.Module() for _ in range(4))
        for one in block.activations:
            one.downsample = nn.Identity()
    assert helpers.vocoder_pieces.receptive_field(plain) - before in {8, 9, 10}


def vocoder_pieces_spans_use_each_frame_once(helpers: Any) -> None:
    for frames in range(96, 400, 7):
        for length, context in ((96, 22), (48, 5), (96, 1)):
            spans = list(helpers.vocoder_pieces.spans(frames, length, context))
            used = [frame for _, first, last in spans for frame in range(first, last)]
            assert used == list(range(frames))
            for begin, first, last in spans:
                assert begin == 0 or first - begin >= context
                assert begin + length == frames or begin + length - last >= context
                assert 0 <= begin <= frames - length


def vocoder_pieces_shapes_are_few(helpers: Any) -> None:
    _, quick = generators(helpers)
    seen: set[int] = set()
    quick.conv_pre.register_forward_hook(lambda _module, given, _made: seen.add(given[0].shape[-1]))
    with torch.no_grad():
        for frames in range(100, 400, 13):
            quick(torch.randn(1, 20, frames))
    assert seen == {helpers.vocoder_pieces.LENGTH}


def vocoder_pieces_a_new_weight_is_noticed(helpers: Any) -> None:
    plain, quick = generators(helpers)
    x = torch.randn(1, 20, 200)
    with torch.no_grad():
        quick(x)
        for one in plain.parameters():
            one.add_(0.05)
        quick.load_state_dict(plain.state_dict())
        assert relative(quick(x), plain(x)) < 1e-5


def vocoder_pieces_what_is_not_for_them(helpers: Any) -> None:
    plain, quick = generators(helpers)
    short, long = torch.randn(1, 20, 12), torch.randn(1, 20, 200)
    with torch.no_grad():
        assert torch.equal(quick(short), plain(short))
        assert quick(long.double().float()).shape == plain(long).shape
        quick.train()
        assert torch.equal(quick(long), plain(long))
    quick.eval()
    made = quick(long.requires_grad_())
    assert made.requires_grad
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(quick(long), plain(long))


def vocoder_pieces_of_another_generator_are_refused(helpers: Any) -> None:
    plain, quick = generators(helpers)
    quick.conv_pre.__class__ = type(plain.conv_pre)  # its result is scaled behind the helper's back

    class Odd(type(quick.conv_post)):  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made = super().forward(x)
            return made * (-1.0 if x.stride(1) == 1 else 1.0)

    quick.conv_post.__class__ = Odd
    x = torch.randn(1, 20, 200)
    with torch.no_grad():
        assert torch.equal(quick(x), quick(x))
    assert helpers.vocoder_pieces.__ttsopt_fallbacks__


def vocoder_pieces_leave_no_trace_in_copies(helpers: Any) -> None:
    plain, quick = generators(helpers)
    assert type(quick).__name__ == "Generator"
    assert quick.state_dict().keys() == plain.state_dict().keys()
    for twin in (copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))):  # noqa: S301
        assert type(twin) is Generator
        assert {type(one) for one in twin.ups} == {nn.ConvTranspose1d}
    helpers.vocoder_pieces.quicken_vocoders(quick)
    assert type(quick).__mro__[1] is Generator  # not twice


def vocoder_pieces_off(helpers: Any) -> None:
    os.environ["TTSOPT_VOCODER_PIECES"] = "off"
    _, quick = generators(helpers)
    assert type(quick) is Generator


# ---- a fused DiT ----


class Norm(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 6 * width)
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)

    def forward(self, x: torch.Tensor, emb: torch.Tensor) -> tuple[torch.Tensor, ...]:
        parts = self.linear(functional.silu(emb)).chunk(6, dim=1)
        return (self.norm(x) * (1 + parts[1][:, None]) + parts[0][:, None], *parts[2:])


class Processor:
    def __init__(self, heads: int | None) -> None:
        self.pe_attn_head = heads


def rotated(x: torch.Tensor, freqs: torch.Tensor) -> torch.Tensor:
    pairs = x.reshape(*x.shape[:-1], -1, 2)
    turned = torch.stack((-pairs[..., 1], pairs[..., 0]), -1).reshape(x.shape)
    return x * freqs.cos() + turned * freqs.sin()


class Attention(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, heads: int, rotates: int | None) -> None:
        super().__init__()
        self.heads, self.processor = heads, Processor(rotates)
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(width, width), nn.Dropout(0.1)])

    def forward(self, x: torch.Tensor, mask: Any, rope: Any) -> torch.Tensor:
        batch, length, width = x.shape
        q, k, v = (
            layer(x).view(batch, length, self.heads, -1).transpose(1, 2)
            for layer in (self.to_q, self.to_k, self.to_v)
        )
        heads = self.processor.pe_attn_head or self.heads
        q = torch.cat((rotated(q[:, :heads], rope[0]), q[:, heads:]), 1)
        k = torch.cat((rotated(k[:, :heads], rope[0]), k[:, heads:]), 1)
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = self.to_out[0](y.transpose(1, 2).reshape(batch, length, width))
        return y if mask is None else y.masked_fill(~mask[:, 0, -1].unsqueeze(-1), 0.0)


class Feed(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        inner = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(approximate="tanh"))
        self.ff = nn.Sequential(inner, nn.Dropout(0.1), nn.Linear(2 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.ff(x)


class DiTBlock(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, heads: int, rotates: int | None) -> None:
        super().__init__()
        self.attn_norm, self.attn = Norm(width), Attention(width, heads, rotates)
        self.ff_norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.ff = Feed(width)

    def forward(
        self, x: torch.Tensor, t: torch.Tensor, mask: Any = None, rope: Any = None
    ) -> torch.Tensor:
        y, gate, shift, scale, gate_in = self.attn_norm(x, emb=t)
        x = x + gate.unsqueeze(1) * self.attn(y, mask, rope)
        y = self.ff_norm(x) * (1 + scale[:, None]) + shift[:, None]
        return x + gate_in.unsqueeze(1) * self.ff(y)


class ConvPositionEmbedding(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        layers = [nn.Conv1d(width, width, 31, groups=4, padding=15) for _ in range(2)]
        self.conv1d = nn.Sequential(layers[0], nn.Mish(), layers[1], nn.Mish())

    def forward(self, x: torch.Tensor, mask: Any = None) -> torch.Tensor:
        return self.conv1d(x.permute(0, 2, 1)).permute(0, 2, 1)


class CausalConvPositionEmbedding(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        for name in ("conv1", "conv2"):
            layer = nn.Conv1d(width, width, 31, groups=4)
            self.add_module(name, nn.Sequential(layer, nn.Mish()))

    def forward(self, x: torch.Tensor, mask: Any = None) -> torch.Tensor:
        x = x.permute(0, 2, 1)
        for part in (self.conv1, self.conv2):
            x = part(functional.pad(x, (30, 0)))
        return x.permute(0, 2, 1)


class Model(nn.Module):  # type: ignore[misc]
    def __init__(self, rotates: int | None = None, *, causal: bool = False) -> None:
        super().__init__()
        self.places = CausalConvPositionEmbedding(64) if causal else ConvPositionEmbedding(64)
        self.blocks = nn.ModuleList(DiTBlock(64, 4, rotates) for _ in range(3))

    def forward(self, x: torch.Tensor, t: torch.Tensor, mask: Any = None) -> torch.Tensor:
        angles = torch.outer(torch.arange(x.shape[1]).float(), 1e4 ** -(torch.arange(8) / 8.0))
        rope = (angles.repeat_interleave(2, -1)[None], 1.0)
        x = x + self.places(x)
        for block in self.blocks:
            x = block(x, t, mask=mask, rope=rope)
        return x


def models(helpers: Any, kind: str = "float32", rotates: int | None = None) -> tuple[Model, Model]:
    os.environ["TTSOPT_KERNELS"] = kind
    plain = Model(rotates).eval()
    quick = copy.deepcopy(plain)
    assert helpers.fused_dit.fuse_dit(quick) is quick
    return plain, quick


def steps(batch: int, *, same: bool = True) -> torch.Tensor:
    t = torch.randn(batch, 64)
    return t[:1].expand(batch, 64) if same else t


def fused_dit_is_the_same_in_float32(helpers: Any) -> None:
    for rotates in (None, 1, 2):
        plain, quick = models(helpers, rotates=rotates)
        with torch.inference_mode():
            for batch, length in ((1, 1), (2, 33), (2, 33), (3, 200)):
                for same in (True, False):
                    x, t = torch.randn(batch, length, 64), steps(batch, same=same)
                    for _ in range(2):
                        assert relative(quick(x, t), plain(x, t)) < 1e-5
        assert not helpers.fused_modules.__ttsopt_fallbacks__


def fused_dit_is_near_in_bfloat16(helpers: Any) -> None:
    plain, quick = models(helpers, "bf16")
    with torch.inference_mode():
        for length in (40, 41, 300):
            x, t = torch.randn(2, length, 64), steps(2)
            quick(x, t)
            off = relative(quick(x, t), plain(x, t))
            assert off < 2e-2
            assert off > 0 or not runs(helpers, "bf16")


def fused_dit_obeys_a_mask(helpers: Any) -> None:
    plain, quick = models(helpers)
    x, t = torch.randn(2, 50, 64), steps(2)
    for hidden in (0, 10):
        mask = torch.ones(2, 1, 50, 50, dtype=torch.bool)
        mask[1, ..., 50 - hidden :] = False
        with torch.inference_mode():
            for _ in range(2):
                assert relative(quick(x, t, mask), plain(x, t, mask)) < 1e-5


def fused_dit_of_another_block_is_refused(helpers: Any) -> None:
    plain, quick = models(helpers)
    for model in (plain, quick):
        for block in model.blocks:
            block.attn.processor.pe_attn_head = 3 if model is plain else None
    for block in quick.blocks:
        block.__dict__[helpers.fused_modules._PLACE][0].rotated = 1
    x, t = torch.randn(2, 50, 64), steps(2)
    with torch.inference_mode():
        first, second = quick(x, t), quick(x, t)
    assert torch.equal(first, second)
    assert any(
        "DiTBlock does not agree" in said for said in helpers.fused_modules.__ttsopt_fallbacks__
    )


def fused_dit_new_weights_are_noticed(helpers: Any) -> None:
    plain, quick = models(helpers, "packed")
    x, t = torch.randn(2, 50, 64), steps(2)
    with torch.inference_mode():
        quick(x, t)
    with torch.no_grad():
        for one in plain.parameters():
            one.mul_(1.1)
        quick.load_state_dict(plain.state_dict())
    with torch.inference_mode():  # attention may have been measured as quicker in bfloat16
        assert relative(quick(x, t), plain(x, t)) < 5e-3


def fused_dit_steps_kept_are_bounded(helpers: Any) -> None:
    _, quick = models(helpers)
    x = torch.randn(2, 5, 64)
    with torch.inference_mode():
        for _ in range(100):
            quick(x, steps(2))
    held = quick.blocks[0].__dict__[helpers.fused_modules._PLACE][0].modulation
    assert len(held._kept) <= helpers.dit_block.MOST_STEPS


def fused_dit_what_is_not_for_it(helpers: Any) -> None:
    plain, quick = models(helpers)
    x, t = torch.randn(2, 30, 64), steps(2)
    made = quick(x.clone().requires_grad_(), t)
    assert made.requires_grad
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(quick(x, t), plain(x, t))
    double = quick.double()
    with torch.inference_mode():
        assert double(x.double(), t.double()).dtype is torch.float64


def fused_dit_leaves_no_trace_in_copies(helpers: Any) -> None:
    plain, quick = models(helpers)
    assert quick.state_dict().keys() == plain.state_dict().keys()
    for twin in (copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))):  # noqa: S301
        assert type(twin.blocks[0]) is DiTBlock
        assert type(twin.places) is ConvPositionEmbedding
    helpers.fused_dit.fuse_dit(quick)
    assert type(quick.blocks[0]).__mro__[1] is DiTBlock


def fused_dit_from_eight_threads(helpers: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    plain, quick = models(helpers)
    given = [(torch.randn(2, 20 + number, 64), steps(2)) for number in range(8)]

    def both(one: Any) -> float:
        with torch.inference_mode():
            return relative(quick(*one), plain(*one))

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(both, given * 3)) < 1e-5


def fused_dit_off(helpers: Any) -> None:
    os.environ["TTSOPT_FUSED_DIT"] = "0"
    _, quick = models(helpers)
    assert type(quick.blocks[0]) is DiTBlock


def fused_flow_of_causal_dit(helpers: Any) -> None:
    os.environ["TTSOPT_KERNELS"] = "bf16"
    plain = Model(1, causal=True).eval()
    quick = helpers.fused_flow.fuse_flow(copy.deepcopy(plain))
    place = helpers.fused_modules._PLACE
    assert place in vars(quick.places)
    mask = torch.ones(2, 1, 50, 50, dtype=torch.bool).tril(24)
    x, t = torch.randn(2, 50, 64), steps(2)
    with torch.inference_mode():
        for given in ((x, t), (x, t, mask)):
            quick(*given)
            off = relative(quick(*given), plain(*given))
            assert off < 2e-2
            assert off > 0 or not runs(helpers, "bf16")
        y = plain.places(x)
        y[:, 20:] = 0.0
        z = x.clone()
        z[:, 20:] = 9.0
        later = quick.places(z)[:, :20]
    assert relative(later, y[:, :20]) < 2e-2  # what comes later is not heard before
    assert not helpers.fused_modules.__ttsopt_fallbacks__


# ---- a fused U-Net over time ----


class GELU(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj, self.approximate = nn.Linear(width, inner), "none"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.gelu(self.proj(x), approximate=self.approximate)


class AttnProcessor2_0:  # noqa: N801 - as diffusers has it
    pass


class SelfAttention(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.processor = heads, AttnProcessor2_0()
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, 64, bias=False) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(64, width), nn.Dropout(0.1)])

    def forward(self, x: torch.Tensor, mask: Any) -> torch.Tensor:
        batch, length, _ = x.shape
        q, k, v = (
            layer(x).view(batch, length, self.heads, -1).transpose(1, 2)
            for layer in (self.to_q, self.to_k, self.to_v)
        )
        mask = None if mask is None else mask[:, None]
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.to_out[0](y.transpose(1, 2).reshape(batch, length, -1))


class BasicTransformerBlock(nn.Module):  # type: ignore[misc]
    only_cross_attention = use_ada_layer_norm = use_ada_layer_norm_zero = False

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn2 = None
        self.norm1, self.norm3 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn1, self.ff = SelfAttention(width, 4), nn.Module()
        layers = [GELU(width, 3 * width), nn.Dropout(0.1), nn.Linear(3 * width, width)]
        self.ff.net = nn.ModuleList(layers)

    def forward(
        self, hidden_states: torch.Tensor, attention_mask: Any = None, timestep: Any = None
    ) -> torch.Tensor:
        x = hidden_states + self.attn1(self.norm1(hidden_states), attention_mask)
        return x + self.ff.net[2](self.ff.net[0](self.norm3(x)))


class CausalConv1d(nn.Conv1d):  # type: ignore[misc]
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(functional.pad(x, (self.kernel_size[0] - 1, 0)))


class Transpose(nn.Module):  # type: ignore[misc]
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)


class CausalBlock1D(nn.Module):  # type: ignore[misc]
    def __init__(self, wide: int, high: int) -> None:
        super().__init__()
        layers = [CausalConv1d(wide, high, 3), Transpose(), nn.LayerNorm(high), Transpose()]
        self.block = nn.Sequential(*layers, nn.Mish())

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.block(x * mask) * mask


class CausalResnetBlock1D(nn.Module):  # type: ignore[misc]
    def __init__(self, wide: int, high: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Mish(), nn.Linear(64, high))
        self.block1, self.block2 = CausalBlock1D(wide, high), CausalBlock1D(high, high)
        self.res_conv = nn.Conv1d(wide, high, 1)

    def forward(self, x: torch.Tensor, mask: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        h = self.block1(x, mask) + self.mlp(t).unsqueeze(-1)
        return self.block2(h, mask) + self.res_conv(x * mask)


class Estimator(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([CausalResnetBlock1D(48, 32), CausalResnetBlock1D(32, 32)])
        self.blocks = nn.ModuleList(BasicTransformerBlock(32) for _ in range(3))

    def forward(
        self, x: torch.Tensor, t: torch.Tensor, shown: torch.Tensor | None = None, reach: int = 0
    ) -> torch.Tensor:
        length = x.shape[-1]
        shown = torch.ones(x.shape[0], 1, length) if shown is None else shown
        bias = (1.0 - shown.expand(-1, length, -1)) * -1e10
        if reach:
            bias = bias + torch.ones(length, length).triu(reach) * -1e10
        for resnet in self.resnets:
            x = resnet(x, shown, t).transpose(1, 2).contiguous()
            for block in self.blocks:
                x = block(hidden_states=x, attention_mask=bias, timestep=t)
            x = x.transpose(1, 2).contiguous()
        return x


def estimators(helpers: Any, kind: str) -> tuple[Estimator, Estimator]:
    os.environ["TTSOPT_KERNELS"] = kind
    plain = Estimator().eval()
    return plain, helpers.fused_flow.fuse_flow(copy.deepcopy(plain))


def fused_flow_is_the_same_in_float32(helpers: Any) -> None:
    for kind in ("float32", "nhwc"):
        plain, quick = estimators(helpers, kind)
        with torch.inference_mode():
            for batch, length, reach in ((1, 1, 0), (2, 33, 0), (2, 33, 5), (3, 200, 50)):
                x, t = torch.randn(batch, 48, length), torch.randn(batch, 64)
                for _ in range(2):
                    off = relative(quick(x, t, None, reach), plain(x, t, None, reach))
                    # Attention may have been measured as quicker in bfloat16.
                    assert off < (1e-5 if kind == "float32" else 1e-2), (kind, length, off)
        assert not helpers.fused_modules.__ttsopt_fallbacks__


def fused_flow_is_near_in_bfloat16(helpers: Any) -> None:
    plain, quick = estimators(helpers, "bf16")
    with torch.inference_mode():
        for length in (40, 41, 300):
            x, t = torch.randn(2, 48, length), torch.randn(2, 64)
            quick(x, t)
            off = relative(quick(x, t), plain(x, t))
            assert off < 2e-2
            assert off > 0 or not runs(helpers, "bf16")


def fused_flow_obeys_a_mask(helpers: Any) -> None:
    plain, quick = estimators(helpers, "float32")
    x, t, shown = torch.randn(2, 48, 60), torch.randn(2, 64), torch.ones(2, 1, 60)
    shown[1, :, 40:] = 0.0
    with torch.inference_mode():
        for _ in range(2):
            assert relative(quick(x, t, shown), plain(x, t, shown)) < 1e-5


def fused_flow_of_another_block_is_left_alone(helpers: Any) -> None:
    place = helpers.fused_modules._PLACE
    for name, value in (("only_cross_attention", True), ("attn2", nn.Linear(2, 2))):
        plain = Estimator()
        setattr(plain.blocks[0], name, value)
        plain.blocks[1].attn1.residual_connection = True
        plain.resnets[0].block1.block[0].dilation = (2,)
        quick = helpers.fused_flow.fuse_flow(copy.deepcopy(plain))
        assert [place in vars(one) for one in quick.blocks] == [False, False, True]
        assert [place in vars(one) for one in quick.resnets] == [False, True]


def fused_flow_of_another_block_is_refused(helpers: Any) -> None:
    plain, quick = estimators(helpers, "float32")
    for one in quick.blocks:  # as if a block of this name had another arithmetic
        one.__dict__[helpers.fused_modules._PLACE][0].into.activation = None
    x, t = torch.randn(2, 48, 60), torch.randn(2, 64)
    with torch.inference_mode():
        assert torch.equal(quick(x, t), plain(x, t))
        assert relative(quick(x, t), plain(x, t)) < 1e-5
    said = helpers.fused_modules.__ttsopt_fallbacks__
    assert any("BasicTransformerBlock does not agree" in one for one in said)


def fused_flow_new_weights_are_noticed(helpers: Any) -> None:
    plain, quick = estimators(helpers, "bf16")
    x, t = torch.randn(2, 48, 60), torch.randn(2, 64)
    with torch.inference_mode():
        quick(x, t)
        quick(x, t)
    with torch.no_grad():
        for one in plain.parameters():
            one.mul_(1.5)
        quick.load_state_dict(plain.state_dict())
    with torch.inference_mode():
        assert relative(quick(x, t), plain(x, t)) < 2e-2


def fused_flow_what_is_not_for_it(helpers: Any) -> None:
    plain, quick = estimators(helpers, "bf16")
    x, t = torch.randn(2, 48, 30), torch.randn(2, 64)
    assert quick(x.clone().requires_grad_(), t).requires_grad
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(quick(x, t), plain(x, t))
    double = quick.double()
    with torch.inference_mode():
        made = double(x.double(), t.double(), torch.ones(2, 1, 30, dtype=torch.float64))
        assert made.dtype is torch.float64


def fused_flow_leaves_no_trace_in_copies(helpers: Any) -> None:
    plain, quick = estimators(helpers, "bf16")
    with torch.inference_mode():
        quick(torch.randn(2, 48, 30), torch.randn(2, 64))
    assert quick.state_dict().keys() == plain.state_dict().keys()
    for twin in (copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))):  # noqa: S301
        assert type(twin.blocks[0]) is BasicTransformerBlock
        assert type(twin.resnets[0]) is CausalResnetBlock1D


def fused_flow_off(helpers: Any) -> None:
    os.environ["TTSOPT_FUSED_FLOW"] = "0"
    _, quick = estimators(helpers, "bf16")
    assert type(quick.blocks[0]) is BasicTransformerBlock


# ---- weights in 8 bits ----


def decoders(helpers: Any, kind: str) -> tuple[nn.Module, nn.Module]:
    os.environ["TTSOPT_KERNELS"] = kind
    layers = [nn.Linear(256, 512), nn.GELU(), nn.Linear(512, 256), nn.Linear(256, 8)]
    plain = nn.Sequential(*layers).eval()
    return plain, helpers.int8_linears.quantise_linears(copy.deepcopy(plain))


def int8_linears_are_near(helpers: Any) -> None:
    for kind in ("int8", "int8w"):
        if not runs(helpers, kind):
            continue
        plain, quick = decoders(helpers, kind)
        with torch.inference_mode():
            for shape in ((1, 1, 256), (3, 1, 256), (1, 40, 256)):
                x = torch.randn(shape)
                quick(x)
                assert 0 < relative(quick(x), plain(x)) < 5e-2
                assert quick(x).dtype is torch.float32
            x = torch.randn(256)
            assert torch.equal(quick(x), plain(x))
    assert not helpers.fused_modules.__ttsopt_fallbacks__


def int8_linears_leave_small_ones_and_a_second_helper_leaves_them(helpers: Any) -> None:
    _, quick = decoders(helpers, "int8")
    place = helpers.fused_modules._PLACE
    helpers.int8_linears.quantise_linears(quick)
    os.environ["TTSOPT_PACKED_LINEARS"] = "1"
    helpers.packed_linears.pack_linears(quick)
    assert [place in vars(one) for one in quick] == [True, False, True, False]
    assert all(type(quick[number]).__mro__[1] is nn.Linear for number in (0, 2))


def int8_linears_follow_new_weights_at_a_prompt(helpers: Any) -> None:
    plain, quick = decoders(helpers, "int8")
    prompt, step = torch.randn(1, 40, 256), torch.randn(1, 1, 256)
    with torch.inference_mode():
        quick(prompt)
        quick(step)
    with torch.no_grad():
        for one in plain.parameters():
            one.neg_()
        quick.load_state_dict(plain.state_dict())
    with torch.inference_mode():
        assert relative(quick(prompt), plain(prompt)) < 5e-2
        assert relative(quick(step), plain(step)) < 5e-2


def int8_linears_what_is_not_for_them(helpers: Any) -> None:
    plain, quick = decoders(helpers, "int8")
    x = torch.randn(2, 256)
    assert quick(x.clone().requires_grad_()).requires_grad
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(quick(x), plain(x))
    with torch.inference_mode():
        assert quick(torch.empty(0, 256)).shape == (0, 8)
        assert quick.double()(x.double()).dtype is torch.float64
    assert type(copy.deepcopy(quick)[0]) is nn.Linear
    os.environ["TTSOPT_INT8_LINEARS"] = "0"
    assert type(decoders(helpers, "int8")[1][0]) is nn.Linear


# ---- layers that are linear ----


def products_of_layers_that_others_call_so(helpers: Any) -> None:
    class Conv1D(nn.Module):  # type: ignore[misc]
        __module__, __qualname__ = "transformers.pytorch_utils", "Conv1D"

        def __init__(self) -> None:
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.randn(24, 40)), nn.Parameter(torch.ones(40))

    class Lora(nn.Linear):  # type: ignore[misc]
        __module__, __qualname__ = "diffusers.models.lora", "LoRACompatibleLinear"

    turned, lora, x = Conv1D(), Lora(24, 40), torch.randn(5, 24)
    with torch.no_grad():
        for one, y in ((turned, x @ turned.weight + turned.bias), (lora, lora(x))):
            assert helpers.products.is_linear(one)
            product = helpers.products.product_of((one,), ("float32",))
            assert relative(product(x), y) < 1e-6
            assert helpers.products.product_of((one, one), ("float32",))(x).shape == (5, 80)
    lora.lora_layer = nn.Identity()
    assert not helpers.products.is_linear(lora)

    class Other(nn.Linear):  # type: ignore[misc]
        pass

    assert not helpers.products.is_linear(Other(2, 2))


# ---- running them ----


def relative(made: torch.Tensor, expected: torch.Tensor) -> float:
    off = (made.float() - expected.float()).square().mean().sqrt()
    return float(off / expected.float().square().mean().sqrt().clamp(min=1e-12))


class Helpers:
    """A fresh copy of each helper that is asked for."""

    def __getattr__(self, name: str) -> Any:
        import importlib

        return importlib.import_module(f"ttsopt_{name}")


def attempt(trial: Any) -> str:
    for name in [one for one in sys.modules if one.startswith("ttsopt_")]:
        del sys.modules[name]
    for name in [one for one in os.environ if one.startswith("TTSOPT_")]:
        del os.environ[name]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TTSOPT_KERNELS_FOLDER"] = folder
        try:
            trial(Helpers())
        except Exception:  # noqa: BLE001 - told to the test of that name
            return traceback.format_exc(limit=-3)
    return ""


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    assert math.isfinite(torch.ones(1).item())
    trials = {
        name: one
        for name, one in list(globals().items())
        if getattr(one, "__annotations__", {}).keys() == {"helpers", "return"}
        and not name[0].isupper()
    }
    print(json.dumps({name: attempt(one) for name, one in trials.items()}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
