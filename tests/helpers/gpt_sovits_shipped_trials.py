"""When GPT-SoVITS decodes as shipped although its t2s transformer has graphs, for `gpt_sovits_graph_trials.py`."""

from __future__ import annotations

import copy
import os
import types
from importlib import import_module
from typing import Any

torch: Any = import_module("torch")
graphs: Any = import_module("ttsopt_graphs")
helper: Any = import_module("ttsopt_gpt_sovits_graphs")
loops: Any = import_module("gpt_sovits_graph_loops")
models, naive, batch, steps, off = (
    getattr(loops, name) for name in ("models", "naive", "batch", "steps", "off")
)
HEADS = loops.SHAPE["head"]


def without_memory_it_decodes_as_shipped() -> None:
    plain, quick, device = models()
    device.free = 1000
    assert off(steps(quick), steps(plain)) == 0
    assert device.captures == 0
    device.free = 1 << 40
    steps(quick)
    assert device.captures == 1


def without_memory_for_a_larger_slot_it_goes_on() -> None:
    plain, quick, device = models()
    steps(quick, 2, 150)
    device.free = 1000
    assert off(steps(quick, 130, 150), steps(plain, 130, 150)) < 1e-5
    assert [one.rows for one in quick.t2s_transformer.steps.slots] == [256]


def a_capture_that_fails_is_said_once() -> None:
    plain, quick, device = models()
    device.fails = "operation not permitted when stream is capturing"
    assert naive(quick) == naive(plain)
    assert batch(quick) == batch(plain)
    assert len(graphs.__ttsopt_fallbacks__) == 1
    assert device.captures == 0


def another_block_decodes_as_shipped() -> None:
    plain, quick, device = models()
    for model in (plain, quick):
        block = model.t2s_transformer.blocks[1]
        block.decode_next_token = _louder(block.decode_next_token)
    assert naive(quick) == naive(plain)
    assert device.captures == 0
    assert "came out otherwise" in graphs.__ttsopt_fallbacks__[0]


def _louder(decode: Any) -> Any:
    def decode_next_token(x: Any, *rest: Any) -> Any:
        made, *caches = decode(x, *rest)
        return (made * 1.1, *caches)

    return decode_next_token


def a_cpu_gradients_and_the_switch_leave_it_alone() -> None:
    plain, quick, device = models()
    os.environ["TTSOPT_CUDA_GRAPHS"] = "0"
    assert off(steps(quick), steps(plain)) == 0
    del os.environ["TTSOPT_CUDA_GRAPHS"]
    mask = torch.zeros(1, HEADS, 4, 4, dtype=torch.bool)
    assert type(quick.t2s_transformer.process_prompt(torch.randn(1, 4, 128), mask, None)[1]) is list
    real = copy.deepcopy(plain)
    helper.graph_tokens(
        types.SimpleNamespace(model=real)
    )  # the device of torch: no CPU's tensor is for it
    assert off(steps(real), steps(plain)) == 0
    assert not real.t2s_transformer.steps.slots
    assert device.captures == 0


def with_kept_keys_of_the_other_patch() -> None:
    # Which is for CPUs: each leaves the other's lists alone, whichever was laid out first.
    kept: Any = import_module("ttsopt_static_kv")
    os.environ["TTSOPT_KERNELS"] = "off"
    plain, both, device = models()
    for first, second in (("graphs", "kept"), ("kept", "graphs")):
        both = copy.deepcopy(plain)
        for one in (first, second):
            loaded = types.SimpleNamespace(model=both)
            kept.keep_cache(loaded) if one == "kept" else helper.graph_tokens(loaded)
        assert naive(both) == naive(plain)
        assert batch(both) == batch(plain)
    helper.graph_tokens(types.SimpleNamespace(model=both), device)
    assert naive(both) == naive(plain)
    assert not graphs.__ttsopt_fallbacks__


TRIALS = [
    without_memory_it_decodes_as_shipped,
    without_memory_for_a_larger_slot_it_goes_on,
    a_capture_that_fails_is_said_once,
    another_block_decodes_as_shipped,
    a_cpu_gradients_and_the_switch_leave_it_alone,
    with_kept_keys_of_the_other_patch,
]
