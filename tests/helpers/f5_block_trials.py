"""F5-TTS's blocks in fewer operations, and left out, beside upstream's own.

Arguments: the folder of the helpers, a checkout of F5-TTS. Run in its interpreter.
"""

from __future__ import annotations

import copy
import os
import pickle
import sys
import types
from importlib import import_module
from typing import Any

sys.path[:0] = sys.argv[1:3]
# F5-TTS's modules alone: its package imports what speaking needs.
for name, folder in (("f5_tts", ""), ("f5_tts.model", "/model")):
    package: Any = types.ModuleType(name)
    package.__path__ = [f"{sys.argv[2]}/src/f5_tts{folder}"]
    sys.modules[name] = package
sys.modules["torchaudio"] = types.ModuleType("torchaudio")  # a build for CPUs has no extension
torch: Any = import_module("torch")
modes: Any = import_module("torch.utils._python_dispatch")
fake: Any = import_module("fake_graphs")
common: Any = import_module("graph_trials")
graphs: Any = import_module("ttsopt_f5_graphs")
launches: Any = import_module("ttsopt_fewer_launches")
cache: Any = import_module("ttsopt_block_cache")
DEPTH, LENGTHS = 6, (2, 3, 17, 64, 130)
KINDS: dict[str, dict[str, Any]] = {
    "as published": {},
    "norms of queries and keys": {"qk_norm": "rms_norm"},
    "one head rotated": {"pe_attn_head": 1},
    "a long skip": {"long_skip_connection": True},
}


class Model(torch.nn.Module):  # type: ignore[misc]
    """The holder of the transformer."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer


def dit(**more: Any) -> Any:
    """A small DiT of random weights, as a model holds it."""
    made: Any = import_module("f5_tts.model.backbones.dit").DiT
    torch.manual_seed(0)
    sizes = {"dim": 64, "depth": DEPTH, "heads": 2, "dim_head": 32, "ff_mult": 2, "mel_dim": 20}
    transformer = made(**sizes, text_num_embeds=30, text_dim=16, conv_layers=1, **more)
    for one in transformer.parameters():
        if not bool(one.any()):
            torch.nn.init.normal_(one, std=0.05)
    return Model(transformer).eval()


def pair(dtype: Any = torch.float32, **more: Any) -> tuple[Any, Any]:
    """Two of the same weights, the second in fewer operations, on any device."""
    plain, quick = dit(**more), dit(**more)
    torch.set_default_dtype(dtype)
    for one in (plain, quick):
        one.transformer.to(dtype)
    return plain, launches.launch_less(quick, lambda _tensor: True)


def evaluate(model: Any, length: int, step: int = 1, x: Any = None, **way: Any) -> Any:
    """An evaluation of random inputs of that length at step / 32."""
    generator = torch.Generator().manual_seed(length)
    given = [torch.randn(1, length, 20, generator=generator) for _ in range(2)]
    given[0] = torch.randn(1, length, 20) if x is None else x
    text = torch.randint(0, 30, (1, 7), generator=generator)
    way = {"cfg_infer": True, "cache": False, **way}
    return model.transformer(*given, text, torch.tensor(step / 32), **way)


def solved(model: Any, length: int = 40, steps: int = 32, seed: int = 1) -> Any:
    """The end of Euler's way from noise, guided as upstream does it."""
    x = torch.randn(1, length, 20, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for step in range(steps):
            shown, hidden = evaluate(model, length, step, x).chunk(2)
            x = x + (shown + 2 * (shown - hidden)) / steps
    return x


class Count(modes.TorchDispatchMode):  # type: ignore[misc]
    """Operations that are no views, each of which is a launch on a GPU."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        is_view = isinstance(made, torch.Tensor) and any(
            isinstance(one, torch.Tensor) and fake.place(one) == fake.place(made) for one in args
        )
        is_view = is_view or isinstance(made, (tuple, list))
        self.number += not is_view or func._schema.is_mutable
        return made


def operations(model: Any, length: int = 64) -> int:
    with torch.no_grad():
        evaluate(model, length)
        with Count() as count:
            evaluate(model, length)
    return int(count.number)


def a_third_of_the_operations() -> None:
    plain, quick = pair()
    empty = copy.deepcopy(plain)
    empty.transformer.transformer_blocks = torch.nn.ModuleList()
    around = operations(empty)
    shipped, fewer = (operations(one) - around for one in (plain, quick))
    assert fewer < 0.42 * shipped, (fewer, shipped)


def with_graphs_of_the_other_patch() -> None:
    plain, quick = pair()
    device = fake.FakeDevice()
    graphs.graph_blocks(quick, device)
    with torch.no_grad():
        for length in (17, 40, 17):
            for step in range(4):
                x = torch.randn(1, length, 20)
                made, wanted = (evaluate(one, length, step, x) for one in (quick, plain))
                assert float((made - wanted).abs().max()) < 1e-5, (length, step)
    assert device.captures == 2
    assert device.replays == 10


def several_texts_gradients_and_the_switch_are_upstreams() -> None:
    plain, quick = pair()
    x, cond = torch.randn(3, 20, 20), torch.randn(3, 20, 20)
    mask = torch.arange(20)[None] < torch.tensor([20, 12, 5])[:, None]
    text, time = torch.randint(0, 30, (3, 7)), torch.tensor(0.2)
    with torch.no_grad():
        made, wanted = (one.transformer(x, cond, text, time, mask=mask) for one in (quick, plain))
        assert torch.equal(made, wanted)
        os.environ["TTSOPT_FEWER_LAUNCHES"] = "0"
        x = torch.randn(1, 30, 20)
        assert torch.equal(evaluate(quick, 30, 1, x), evaluate(plain, 30, 1, x))
        del os.environ["TTSOPT_FEWER_LAUNCHES"]
    assert evaluate(quick, 30).requires_grad
    real = launches.launch_less(dit())  # on a GPU: no CPU's tensor is
    with torch.no_grad():
        assert torch.equal(evaluate(real, 30, 1, x), evaluate(plain, 30, 1, x))


def blocks_that_compute_otherwise_are_upstreams() -> None:
    plain, quick = pair()
    for model in (plain, quick):
        model.transformer.transformer_blocks[0].ff_norm.register_forward_hook(
            lambda _module, _given, made: made * 3
        )
        attention = model.transformer.transformer_blocks[0].attn
        attention.register_forward_hook(lambda _module, _given, made: made * 3)
    with torch.no_grad():
        x = torch.randn(1, 30, 20)
        for _ in range(2):
            assert torch.equal(evaluate(quick, 30, 1, x), evaluate(plain, 30, 1, x))
    told = sys.modules["ttsopt_graphs"].__ttsopt_fallbacks__
    assert "came out otherwise" in told[0]
    launches.launch_less(torch.nn.Linear(2, 2))
    assert "no block of the kind" in told[1]


def new_weights_are_noticed() -> None:
    plain, quick = pair()
    with torch.no_grad():
        evaluate(quick, 20)
        for model in (plain, quick):
            for one in model.transformer.transformer_blocks.parameters():
                one.mul_(1.1)
        x = torch.randn(1, 20, 20)
        made, wanted = (evaluate(one, 20, 1, x) for one in (quick, plain))
        assert float((made - wanted).abs().max()) < 1e-5
    twin = pickle.loads(pickle.dumps(quick.transformer))  # noqa: S301 - our own
    assert type(twin.transformer_blocks[0]) is type(plain.transformer.transformer_blocks[0])
    assert quick.transformer.state_dict().keys() == plain.transformer.state_dict().keys()


class Region(torch.nn.Module):  # type: ignore[misc]
    """A block as a graph would capture it, its joint weights as buffers."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        self.block, quick = block, vars(block)["_ttsopt_launches"]
        for name, one in zip("wbm", quick.joined, strict=True):
            self.register_buffer(name, one)
        quick._weights = lambda _block: (self.w, self.b, self.m)

    def forward(self, x: Any, t: Any, freqs: Any) -> Any:
        """Run the block."""
        return vars(self.block)["_ttsopt_launches"](self.block, x, t, freqs)


def nothing_in_a_block_waits_for_a_number() -> None:
    _, quick = pair()
    freqs, _ = quick.transformer.rotary_embed.forward_from_seq_len(40)
    with torch.no_grad():
        evaluate(quick, 40), evaluate(quick, 40)  # compares itself, and joins its weights
    given = torch.randn(2, 40, 64), torch.randn(2, 64), freqs
    assert not common.exported_reads(Region(quick.transformer.transformer_blocks[0]), given)


def without_a_threshold_no_bit_changes() -> None:
    plain, quick = dit(), cache.cache_blocks(dit(), 0.0)
    assert torch.equal(solved(quick), solved(plain))
    assert quick.transformer.transformer_blocks.ttsopt_left_out == 0


def the_larger_the_threshold_the_fewer_and_the_further() -> None:
    wanted, far, left = solved(dit()), [], []
    for threshold in (0.02, 0.1, 10.0):
        quick = cache.cache_blocks(dit(), threshold)
        far.append(float((solved(quick) - wanted).abs().max()))
        left.append(quick.transformer.transformer_blocks.ttsopt_left_out)
    assert far == sorted(far), far
    assert left == sorted(left), left
    # Of 32 steps the first two and every fourth behind them are made in full.
    assert left[-1] == 23, left
    sys.stderr.write(f"left out {left} of 32, off by {far} of {float(wanted.abs().max()):.2g}\n")


def a_sentence_begins_anew() -> None:
    quick, fresh = (cache.cache_blocks(dit(), 10.0) for _ in range(2))
    solved(quick, seed=1)
    assert torch.equal(solved(quick, seed=2), solved(fresh, seed=2))


def the_halves_of_guidance_are_kept_apart() -> None:
    ways = {"shown": {}, "hidden": {"drop_audio_cond": True, "drop_text": True}}
    both = cache.cache_blocks(dit(), 10.0)
    alone = {name: cache.cache_blocks(dit(), 10.0) for name in ways}
    with torch.no_grad():
        for step in range(8):
            x = torch.randn(1, 30, 20)
            for name, way in ways.items():
                made, wanted = (
                    evaluate(one, 30, step, x, cfg_infer=False, **way)
                    for one in (both, alone[name])
                )
                assert torch.equal(made, wanted), (step, name)
    counts = [one.transformer.transformer_blocks.ttsopt_left_out for one in alone.values()]
    assert both.transformer.transformer_blocks.ttsopt_left_out == sum(counts) > 0


def the_list_is_as_before() -> None:
    plain, quick = dit(), cache.cache_blocks(dit(), 10.0)
    blocks = quick.transformer.transformer_blocks
    assert len(list(blocks)) == DEPTH  # with gradients
    os.environ["TTSOPT_BLOCK_CACHE"] = "0"
    assert torch.equal(solved(quick), solved(plain))
    del os.environ["TTSOPT_BLOCK_CACHE"]
    for twin in (copy.deepcopy(quick.transformer), pickle.loads(pickle.dumps(quick.transformer))):  # noqa: S301
        assert type(twin.transformer_blocks) is torch.nn.ModuleList
    assert quick.transformer.state_dict().keys() == plain.transformer.state_dict().keys()
    kind = type(blocks)
    assert type(cache.cache_blocks(quick, 1.0).transformer.transformer_blocks) is kind  # not twice
    assert cache.cache_blocks(None, 1.0) is None


def parity() -> list[dict[str, Any]]:
    """Evaluations in fewer operations beside upstream's, in all kinds of blocks and two types."""
    rows = []
    for dtype in (torch.float32, torch.float64):
        for case, more in KINDS.items():
            plain, quick = pair(dtype, **more)
            with torch.no_grad():
                evaluate(quick, 5)  # compares itself
                made, wanted = [], []
                for length in LENGTHS:
                    for step in range(3):
                        x = torch.randn(1, length, 20)
                        made.append(evaluate(quick, length, step, x).flatten())
                        wanted.append(evaluate(plain, length, step, x).flatten())
            frames = f"frames {min(LENGTHS)} to {max(LENGTHS)}, {case}"
            rows.append(common.row("F5-TTS, blocks in fewer operations", frames, made, wanted))
    torch.set_default_dtype(torch.float32)
    return rows


TRIALS = [
    a_third_of_the_operations,
    with_graphs_of_the_other_patch,
    several_texts_gradients_and_the_switch_are_upstreams,
    blocks_that_compute_otherwise_are_upstreams,
    new_weights_are_noticed,
    nothing_in_a_block_waits_for_a_number,
    without_a_threshold_no_bit_changes,
    the_larger_the_threshold_the_fewer_and_the_further,
    a_sentence_begins_anew,
    the_halves_of_guidance_are_kept_apart,
    the_list_is_as_before,
]

if __name__ == "__main__":
    common.report(TRIALS, parity)
