"""What the helper that packs linear layers must do, tried where torch is: `PYTHON THIS_FILE HELPER`.

Every function below runs with a fresh copy of the helper that packs without measuring (`TTSOPT_PACKED_LINEARS=1`),
unless it says otherwise, and with one thread. Prints {name: "" or what went wrong} as JSON.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import io
import json
import os
import pickle
import sys
import threading
import traceback
import warnings
from typing import Any

import torch
from torch import nn

SWITCH = "TTSOPT_PACKED_LINEARS"
WIDE, HIGH = 256, 512  # of a layer that is packed from 32 rows on


def layer(width: int = WIDE, height: int = HIGH, *, bias: bool = True) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(width, height, bias=bias).eval()


def rows(count: int = 64, width: int = WIDE) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(count))


def plain(one: Any, x: torch.Tensor) -> torch.Tensor:
    return nn.functional.linear(x, one.weight, one.bias)


def near(made: torch.Tensor, wanted: torch.Tensor) -> bool:
    """To float32 rounding of the largest value, in the same shape."""
    if made.shape != wanted.shape or made.dtype != wanted.dtype:
        return False
    return bool((made - wanted).abs().max() <= 3e-6 * wanted.abs().max())


def calls_of(known: Any) -> list[int]:
    """Counts packed products from here on."""
    counted: list[int] = []
    multiply = known._multiply

    def counting(x: Any, packed: Any, bias: Any) -> Any:
        counted.append(x.numel() // x.shape[-1])
        return multiply(x, packed, bias)

    known._multiply = counting
    return counted


def warmed(known: Any, one: nn.Module) -> list[int]:
    """Packed, and called once without gradients; counts packed products from there on."""
    with contextlib.redirect_stderr(io.StringIO()):
        known.pack_linears(one)
    with torch.no_grad():
        one(rows())
    return calls_of(known)


# ---- numbers ----


def results_are_the_same_over_shapes_and_rows(helper: Any) -> None:
    for width, height in [
        (1, 1),
        (3, 5),
        (80, 512),
        (100, 1024),
        (512, 2048),
        (1280, 3840),
        (896, 1),
    ]:
        for bias in (True, False):
            one = layer(width, height, bias=bias)
            helper.pack_linears(one)
            with torch.no_grad():
                for count in (1, 2, 3, 5, 9, 16, 17, 100, 257):
                    x = rows(count, width)
                    assert near(one(x), plain(one, x)), (width, height, bias, count)


def results_are_the_same_for_inputs_of_any_layout(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    inputs = [
        rows(WIDE, 40).t(),
        torch.randn(4, WIDE, 9).transpose(1, 2),
        torch.randn(40, 2 * WIDE)[:, ::2],
        torch.randn(30, WIDE).expand(2, 30, WIDE),
        torch.randn(1, 2, 3, 6, WIDE),
        torch.randn(50, WIDE)[3:40],
    ]
    with torch.no_grad():
        for x in inputs:
            assert near(one(x), plain(one, x)), x.shape
    assert len(calls) == len(inputs)


def results_are_the_same_with_more_threads(helper: Any) -> None:
    one = layer()
    warmed(helper, one)
    try:
        for threads in (2, 3, 1):
            torch.set_num_threads(threads)
            with torch.no_grad():
                assert near(one(rows(300)), plain(one, rows(300)))
    finally:
        torch.set_num_threads(1)


def results_are_the_same_from_many_threads(helper: Any) -> None:
    one = layer()
    helper.pack_linears(one)
    right: list[bool] = []

    def speak() -> None:
        with torch.no_grad():
            right.extend(near(one(rows()), wanted) for _ in range(50))

    with torch.no_grad():
        wanted = plain(one, rows())
    threads = [threading.Thread(target=speak) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 200


def a_call_repeats_to_the_bit(helper: Any) -> None:
    one = layer()
    warmed(helper, one)
    with torch.inference_mode():
        first = one(rows())
    with torch.no_grad():
        assert torch.equal(first, one(rows()))


def the_random_generator_is_left_alone(helper: Any) -> None:
    os.environ.pop(SWITCH)
    one = layer()
    torch.manual_seed(7)
    wanted = torch.rand(3)
    torch.manual_seed(7)
    helper.pack_linears(one)
    assert torch.equal(torch.rand(3), wanted)


def transformers_conv1d_is_packed(helper: Any) -> None:
    try:
        from transformers.pytorch_utils import Conv1D  # type: ignore[import-not-found]
    except ImportError:
        return
    one = Conv1D(HIGH, WIDE)
    calls = warmed(helper, one)
    with torch.no_grad():
        x = torch.randn(2, 20, WIDE)
        assert near(one(x), torch.addmm(one.bias, x.view(-1, WIDE), one.weight).view(2, 20, HIGH))
        assert calls == [40]
        one.weight.mul_(2.0)
        one(x)
        assert near(one(x), torch.addmm(one.bias, x.view(-1, WIDE), one.weight).view(2, 20, HIGH))
    assert type(copy.deepcopy(one)) is Conv1D


# ---- when it is packed ----


def few_rows_go_the_usual_way(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    with torch.no_grad():
        assert torch.equal(one(rows(31)), plain(one, rows(31)))
        assert torch.equal(one(rows(1)[0]), plain(one, rows(1)[0]))
        assert torch.equal(one(torch.zeros(0, WIDE)), torch.zeros(0, HIGH))
        assert not calls
        one(rows(32))
    assert calls == [32]


def gradients_go_the_usual_way(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    one(rows()).sum().backward()
    assert one.weight.grad is not None
    for parameter in one.parameters():
        parameter.requires_grad_(requires_grad=False)
    x = rows().requires_grad_()
    one(x).sum().backward()
    assert x.grad is not None
    assert not calls
    one(rows())  # nothing asks for a gradient here
    assert calls == [64]


def autocast_goes_the_usual_way(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert one(rows()).dtype is torch.bfloat16
    assert not calls


def other_types_go_the_usual_way(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    with torch.no_grad():
        one.double()
        assert one(rows().double()).dtype is torch.float64
        one.bfloat16()
        assert one(rows().bfloat16()).dtype is torch.bfloat16
        assert not calls
        one.float()
        one(rows())
        assert near(one(rows()), plain(one, rows()))
    assert calls


def a_wrong_input_fails_as_it_did(helper: Any) -> None:
    one = layer()
    warmed(helper, one)
    for wrong in (rows(64, WIDE + 1), rows().double(), rows().to("meta")):
        before = after = None
        with torch.no_grad():
            try:
                plain(one, wrong)
            except (RuntimeError, NotImplementedError) as error:
                before = str(error)
            try:
                one(wrong)
            except (RuntimeError, NotImplementedError) as error:
                after = str(error)
        assert before == after


def another_device_goes_the_usual_way(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    one.to("meta")
    with torch.no_grad():
        assert one(rows().to("meta")).device.type == "meta"
    assert not calls
    assert one._ttsopt_packed.packed is None


# ---- changed weights ----


def weights_that_are_loaded_anew_count(helper: Any) -> None:
    one, other = layer(), layer()
    calls = warmed(helper, one)
    with torch.no_grad():
        other.weight.mul_(-3.0)
        one.load_state_dict(other.state_dict())
        for _ in range(3):
            assert near(one(rows()), plain(other, rows()))
    assert len(calls) == 2  # the first call only saw that it had changed


def in_place(one: Any) -> None:
    with torch.no_grad():
        one.weight.add_(1.0)


def through_data(one: Any) -> None:
    one.weight.data.copy_(one.weight.data * -1)


def another_data(one: Any) -> None:
    one.weight.data = one.weight.data * 2


def another_parameter(one: Any) -> None:
    one.weight = nn.Parameter(torch.ones_like(one.weight))


def in_inference_mode(one: Any) -> None:
    with torch.inference_mode():
        one.weight.mul_(5.0)


def assigned(one: Any) -> None:
    one.load_state_dict({"weight": one.weight + 1, "bias": one.bias.clone()}, assign=True)


def every_way_of_changing_weights_is_seen(helper: Any) -> None:
    for change in WAYS:
        one = layer()
        warmed(helper, one)
        change(one)
        with torch.no_grad():
            for _ in range(3):
                assert near(one(rows()), plain(one, rows())), change.__name__


def weights_that_change_at_every_call_are_not_packed(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    with torch.no_grad():
        for _ in range(5):
            one.weight.mul_(1.01)
            assert torch.equal(one(rows()), plain(one, rows()))
    assert not calls


def a_bias_that_changes_counts_at_once(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    with torch.no_grad():
        one.bias.add_(1.0)
        assert near(one(rows()), plain(one, rows()))
    assert calls == [64]


def weights_made_in_inference_mode_are_packed(helper: Any) -> None:
    with torch.inference_mode():
        one = layer()
        calls = warmed(helper, one)
        assert near(one(rows()), plain(one, rows()))
        one.weight.mul_(2.0)
        assert near(one(rows()), plain(one, rows()))
    assert calls == [64]


def moving_gives_the_memory_back(helper: Any) -> None:
    one = layer()
    warmed(helper, one)
    assert one._ttsopt_packed.packed is not None
    one.half()
    assert one._ttsopt_packed.packed is None


# ---- the outside ----


def the_state_is_as_it_was(helper: Any) -> None:
    one, other = layer(), layer()
    calls = warmed(helper, one)
    assert list(one.state_dict()) == list(other.state_dict())
    for (name, mine), (known, theirs) in zip(
        one.named_parameters(), other.named_parameters(), strict=True
    ):
        assert name == known
        assert torch.equal(mine, theirs)
    assert repr(one) == repr(other)
    assert isinstance(one, nn.Linear)
    assert not calls


def copies_and_files_are_plain(helper: Any) -> None:
    model = nn.Sequential(layer(), nn.GELU())
    warmed(helper, model)
    saved = io.BytesIO()
    torch.save(model, saved)
    saved.seek(0)
    twins = [
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),  # noqa: S301
        torch.load(saved, weights_only=False),
    ]
    assert b"ttsopt" not in pickle.dumps(model)
    for twin in twins:
        assert type(twin[0]) is nn.Linear
        assert "_ttsopt_packed" not in vars(twin[0])
        assert torch.equal(twin[0].weight, model[0].weight)
        assert twin[0].weight.data_ptr() != model[0].weight.data_ptr()
        assert not twin[0].training
    assert type(copy.copy(model[0])) is nn.Linear


def hooks_run(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    seen: list[str] = []
    one.register_forward_pre_hook(lambda *_: seen.append("before"))
    one.register_forward_hook(lambda *_: seen.append("after"))
    with torch.no_grad():
        one(rows())
    assert seen == ["before", "after"]
    assert calls == [64]


def tied_weights_stay_tied(helper: Any) -> None:
    class Tied(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(HIGH, WIDE)
            self.head = nn.Linear(WIDE, HIGH, bias=False)
            self.head.weight = self.words.weight

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made: torch.Tensor = self.head(x)
            return made

    one = Tied().eval()
    warmed(helper, one)
    assert one.head.weight is one.words.weight
    with torch.no_grad():
        one.words.weight.mul_(2.0)
        for _ in range(3):
            assert near(one(rows()), rows() @ one.words.weight.t())


def other_classes_are_left_alone(helper: Any) -> None:
    class Lora(nn.Linear):  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) + 1.0

    normed = torch.nn.utils.parametrizations.weight_norm(layer())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = torch.nn.utils.weight_norm(layer())
    called = layer()
    called.forward = lambda x: x
    attention = nn.MultiheadAttention(WIDE, 4)
    kinds = [Lora(WIDE, HIGH), normed, old, called, attention.out_proj, nn.Conv1d(WIDE, HIGH, 1)]
    before = [type(one) for one in kinds]
    helper.pack_linears(*kinds, attention, layer().half(), layer().to("meta"), None, "session")
    assert [type(one) for one in kinds] == before


def diffusers_layer_is_one_while_it_has_no_lora(helper: Any) -> None:
    class Lora(nn.Linear):  # type: ignore[misc]
        __module__, __qualname__ = "diffusers.models.lora", "LoRACompatibleLinear"
        lora_layer: Any

        def forward(self, x: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
            y = super().forward(x)
            return y if self.lora_layer is None else y + scale

    one, added = Lora(WIDE, HIGH), Lora(WIDE, HIGH)
    one.lora_layer, added.lora_layer = None, nn.Identity()
    helper.pack_linears(one, added)
    assert helper._PLACE in vars(one)
    assert helper._PLACE not in vars(added)
    with torch.no_grad():
        assert near(one(rows(), 2.0), plain(one, rows()))
        one.lora_layer = nn.Identity()
        assert near(one(rows(), 2.0), plain(one, rows()) + 2.0)


def a_layer_that_gets_a_weight_norm_later_follows_it(helper: Any) -> None:
    one = layer()
    warmed(helper, one)
    torch.nn.utils.parametrizations.weight_norm(one)
    with torch.no_grad():
        one.parametrizations.weight.original0.mul_(2.0)
        assert near(one(rows()), plain(one, rows()))
        torch.nn.utils.parametrize.remove_parametrizations(one, "weight")
        for _ in range(3):
            assert near(one(rows()), plain(one, rows()))


def scripting_and_tracing_see_a_plain_layer(helper: Any) -> None:
    model = nn.Sequential(layer(), nn.ReLU())
    calls = warmed(helper, model)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = plain(model[0], rows()).relu()
        scripted = torch.jit.script(model)
        traced = torch.jit.trace(model, rows())
        calls.clear()
        assert torch.equal(scripted(rows()), wanted)
        assert torch.equal(traced(rows()), wanted)
        assert "linear" in str(traced.inlined_graph)
    assert not calls
    helper.pack_linears(scripted)


def compiling_sees_a_plain_layer(helper: Any) -> None:
    model = nn.Sequential(layer(), nn.ReLU())
    calls = warmed(helper, model)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.compile(model, backend="eager", fullgraph=True)
        assert torch.equal(compiled(rows()), plain(model[0], rows()).relu())
        calls.clear()
        exported = torch.export.export(model, (rows(),)).module()
        assert torch.equal(exported(rows()), plain(model[0], rows()).relu())
    assert not calls


def modes_that_watch_operations_see_the_usual_ones(helper: Any) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    one = layer()
    calls = warmed(helper, one)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        one(rows())
    assert counter.get_total_flops() == 2 * 64 * WIDE * HIGH
    assert not calls


def unpacking_leaves_nothing(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    helper.unpack_linears(one)
    assert type(one) is nn.Linear
    assert vars(one).keys() == vars(layer()).keys()
    with torch.no_grad():
        assert torch.equal(one(rows()), plain(one, rows()))
    assert not calls


def packing_twice_is_packing_once(helper: Any) -> None:
    one = layer()
    calls = warmed(helper, one)
    kind = type(one)
    helper.pack_linears(one, one)
    assert type(one) is kind
    with torch.no_grad():
        one(rows())
    assert calls == [64]


# ---- what it says, and the switch ----


def it_says_what_it_did(helper: Any) -> None:
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert helper.pack_linears(model := nn.Sequential(layer(), layer())) is model
        helper.pack_linears(nn.GELU())
        assert helper.pack_linears() is None
    (line,) = said.getvalue().splitlines()
    assert line.startswith("ttsopt: packed-linears: 2 of 2 linear layers")
    assert "1.0 MB" in line


def it_can_be_turned_off(helper: Any) -> None:
    for word in ("0", "off", " No ", "false"):
        os.environ[SWITCH] = word
        said, one = io.StringIO(), layer()
        with contextlib.redirect_stderr(said):
            helper.pack_linears(one)
        assert type(one) is nn.Linear
        assert not said.getvalue()


def only_shapes_that_win_are_packed(helper: Any) -> None:
    os.environ.pop(SWITCH)
    helper._wins = lambda pairs, rows: pairs[0][0].shape == (HIGH, WIDE) and rows >= 64
    model = nn.Sequential(layer(), nn.Linear(HIGH, HIGH), layer())
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        helper.pack_linears(model)
    assert [type(one) is nn.Linear for one in model] == [False, True, False]
    assert "2 of 3" in said.getvalue()
    assert model[0]._ttsopt_packed.least == 64


def where_nothing_wins_nothing_is_changed(helper: Any) -> None:
    os.environ.pop(SWITCH)
    helper.WINS = 1e9
    one = layer()
    helper.pack_linears(one)
    assert type(one) is nn.Linear
    assert not helper.__ttsopt_fallbacks__


def a_product_that_is_wrong_is_not_taken(helper: Any) -> None:
    os.environ.pop(SWITCH)
    helper.WINS = 0.0
    multiply = helper._multiply
    helper._multiply = lambda *arguments: multiply(*arguments) * 1.01
    one = layer()
    helper.pack_linears(one)
    assert type(one) is nn.Linear


def without_onednn_it_falls_back_and_says_so_once(helper: Any) -> None:
    available = torch.backends.mkldnn.is_available
    torch.backends.mkldnn.is_available = lambda: False
    said, one = io.StringIO(), layer()
    try:
        with contextlib.redirect_stderr(said):
            helper.pack_linears(one)
            helper.pack_linears(one)
    finally:
        torch.backends.mkldnn.is_available = available
    assert type(one) is nn.Linear
    assert len(said.getvalue().splitlines()) == 1
    assert helper.__ttsopt_fallbacks__ == [said.getvalue().partition(": ")[2].rstrip("\n")]


def with_a_torch_that_lacks_the_product_it_falls_back(helper: Any) -> None:
    def missing(matrix: Any) -> Any:
        raise AttributeError("no such operator")

    helper._packed = missing
    one = layer()
    helper.pack_linears(one)
    assert type(one) is nn.Linear
    (said,) = helper.__ttsopt_fallbacks__
    assert "no such operator" in said


WAYS = (in_place, through_data, another_data, another_parameter, in_inference_mode, assigned)


def main(path: str) -> None:
    found = {}
    for name, trial in list(globals().items()):
        if getattr(trial, "__annotations__", {}).get("helper"):
            found[name] = attempt(trial, path)
    print(json.dumps(found))  # noqa: T201


def attempt(trial: Any, path: str) -> str:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    os.environ[SWITCH] = "1"
    try:
        trial(load(path))
    except Exception:  # noqa: BLE001 - told to the test of that name
        return traceback.format_exc(limit=-3)
    return ""


def load(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("ttsopt_packed_linears", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ttsopt_packed_linears"] = module  # as an import would: torch.compile looks there
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(sys.argv[1])
