"""Each function looks like waste, and is none; `x` is its own input."""

from __future__ import annotations

import copy
import ctypes
import pickle
import threading
from typing import Any

import numpy as np
import torch

from planted_tts.parts import LINEAR, WIDE, WIDTH, linear

STATE: dict[Any, Any] = {}
SAID: list[float] = []
LIBRARY: Any = torch.library.Library("planted", "DEF")
LIBRARY.define("look(Tensor x) -> Tensor")


def branch(x: torch.Tensor) -> torch.Tensor:
    if bool(x.sum() > 0):
        return x.mean()
    return x.sum()


SCRIPTED: Any = torch.jit.script(branch)
RECURRENT: Any = torch.nn.GRU(WIDTH, WIDTH)


def look(x: Any) -> Any:
    SAID.append(float(x.sum()))
    return x.clone()


LIBRARY.impl("look", look, "CPU")


def kept(name: str, shape: Any) -> Any:
    """A tensor that outlives calls; one for each mode, for inference tensors cannot be changed outside of it."""
    key = (name, torch.is_inference_mode_enabled())
    if key not in STATE:
        STATE[key] = torch.zeros(shape)
    return STATE[key]


def in_place(x: Any) -> Any:
    y = x + 1
    y.mul_(2).relu_()
    return y.sum()


def written_through_views(x: Any) -> Any:
    y = torch.zeros(8, WIDTH)
    y[0] = x[0]
    y.t()[1] += 2
    y.view(-1)[-3:].copy_(x[0, :3])
    return y.sum()


def an_out_argument(x: Any) -> Any:
    y = torch.empty(0)
    torch.mm(x, x.t(), out=y)
    return y.sum()


def a_cache_filled_step_by_step(x: Any) -> Any:
    cache, total = torch.zeros(len(x), WIDTH), x[0, 0]
    for step, row in enumerate(x):
        cache[step] = linear(row)
        total = total + cache[: step + 1].sum()
    return total


def a_cache_for_the_next_call(x: Any) -> Any:
    cache = kept("cache", (4, WIDTH))
    cache[2:3].copy_(LINEAR(x[:1]))
    return x.sum()


def a_result_for_the_next_call(x: Any) -> Any:
    STATE["last", torch.is_inference_mode_enabled()] = LINEAR(x)
    return x.sum()


def a_draw_that_later_draws_depend_on(x: Any) -> Any:
    torch.rand(7)
    return torch.rand(1)[0] + x.sum()


def dropout_of_a_model_in_training(x: Any) -> Any:
    return torch.nn.functional.dropout(x, 0.5, training=True).sum()


def a_shape_that_depends_on_values(x: Any) -> Any:
    return torch.full((1,), float((LINEAR(x) > 0).nonzero().shape[0]))


def a_mask_whose_count_is_what_matters(x: Any) -> Any:
    y = LINEAR(x)
    return torch.full((1,), float(len(y[y > 0.1])))


def an_item(x: Any) -> Any:
    return x[0, LINEAR(x).argmax().item() % WIDTH]


def an_index(x: Any) -> Any:
    return torch.full((1,), float([1.0, 2.0][LINEAR(x).argmax() % 2]))


def a_condition(x: Any) -> Any:
    return x.sum() if LINEAR(x).sum() > 0 else x.mean()


def a_comparison(x: Any) -> Any:
    return x.sum() * torch.equal(LINEAR(x), x)


def a_list(x: Any) -> Any:
    return torch.full((1,), LINEAR(x)[0].tolist()[3])


def a_loop_over_a_tensor(x: Any) -> Any:
    return torch.full((1,), sum(float(one) for one in LINEAR(x[0])))


def an_array(x: Any) -> Any:
    return torch.full((1,), float(np.asarray(LINEAR(x)).sum()))


def an_array_that_shares_memory(x: Any) -> Any:
    y = LINEAR(x) + 0
    array = y.numpy()
    y.add_(1)
    return torch.full((1,), float(array.sum()))


def an_array_that_numpy_changes(x: Any) -> Any:
    array = np.array(x[0].tolist(), dtype=np.float32)
    tensor = torch.from_numpy(array)
    first = LINEAR(tensor).sum()
    array += 1
    return first + LINEAR(tensor).sum()


def a_tensor_changed_through_its_array(x: Any) -> Any:
    y = x * 1.5
    array = y.numpy()
    first = LINEAR(y).sum()
    array[:] = 3
    return first + LINEAR(y).sum()


def another_library_through_dlpack(x: Any) -> Any:
    other = torch.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(LINEAR(x) + 0))
    return other.sum()


def numpy_through_dlpack(x: Any) -> Any:
    return torch.full((1,), float(np.from_dlpack(LINEAR(x) + 0).sum()))


def an_address(x: Any) -> Any:
    y = LINEAR(x) + 0
    values = (ctypes.c_float * 4).from_address(y.data_ptr())
    return torch.full((1,), sum(values))


def a_printed_tensor(x: Any) -> Any:
    return torch.full((1,), float(len(repr(LINEAR(x)))))


def a_pickle(x: Any) -> Any:
    return torch.full((1,), float(pickle.dumps(LINEAR(x) + 0)[200]))


def a_deep_copy(x: Any) -> Any:
    return copy.deepcopy(LINEAR(x) + 0).sum()


def moved_to_the_host(x: Any) -> Any:
    return torch.full((1,), float(LINEAR(x).cpu().numpy()[0, 0]))


def a_custom_operation_with_side_effects(x: Any) -> Any:
    torch.ops.planted.look(LINEAR(x))
    return x.sum()


def the_result_of_a_thread(x: Any) -> Any:
    found: list[Any] = []

    def work() -> None:
        with torch.no_grad():
            found.append(LINEAR(x + 0).sum())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0] + x.sum()


def a_generator(x: Any) -> Any:
    def chunks() -> Any:
        for row in x:
            yield linear(row)

    return torch.stack(list(chunks())).sum()


def other_arguments(x: Any) -> Any:
    return (x.softmax(-1) * x.softmax(-2)).sum()


def the_same_layer_on_changed_values(x: Any) -> Any:
    y = x * 2
    first = LINEAR(y).sum()
    y.add_(1)
    return first + LINEAR(y).sum()


def a_copy_that_is_changed(x: Any) -> Any:
    y = x.clone()
    y[0] = 0
    return y.sum() + x.sum()


def a_copy_of_what_changes(x: Any) -> Any:
    y = x * 3
    before = y.clone()
    y.add_(1)
    return (before * y).sum()


def buffers_that_are_filled(x: Any) -> Any:
    total = x[0, 0]
    for row in x:
        buffer = torch.zeros(3, WIDTH)
        buffer[1] = row
        total = total + buffer.sum()
    return total


def read_in_two_halves(x: Any) -> Any:
    y = WIDE(x)
    return y[:, ::2].exp().sum() + y[:, 1::2].cos().sum()


def largest_values_alone(x: Any) -> Any:
    return LINEAR(x).topk(4).values.sum()


def a_recurrent_layer(x: Any) -> Any:
    output, last = RECURRENT(x)
    return output.sum() + last.sum()


def scripted_control_flow(x: Any) -> Any:
    return SCRIPTED(LINEAR(x))
