"""Each function wastes something in its own way; `x` is its own input."""

from __future__ import annotations

import re
import tempfile
import threading
from pathlib import Path
from typing import Any

import torch

from planted_tts.parts import DIRECTION, LINEAR, WIDE, WIDTH, linear

KEPT: Any = {}
FILTERS: Any = [torch.nn.Conv1d(1, 1, 5, bias=False) for _ in range(2)]
FILTERS[1].load_state_dict(FILTERS[0].state_dict())
SCRIPTED: Any = torch.jit.script(
    torch.nn.Sequential(torch.nn.Linear(WIDTH, WIDTH), torch.nn.ReLU())
)


def never_used_layer(x: Any) -> Any:
    linear(x)
    return x.sum()


def never_used_chain(x: Any) -> Any:
    hidden = LINEAR(x)
    torch.relu(hidden).exp()
    return x.mean()


def never_used_write_after_the_last_read(x: Any) -> Any:
    y = x + 1
    found = y.sum()
    y.mul_(2)
    return found


def never_used_since_written_over(x: Any) -> Any:
    y = LINEAR(x)
    y.copy_(x)
    return y.sum()


def never_used_in_a_thread(x: Any) -> Any:
    def work() -> None:
        with torch.no_grad():
            LINEAR(x.clone() + 3)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return x.sum()


def never_used_of_torchscript(x: Any) -> Any:
    SCRIPTED(x)
    return x.sum()


def never_used_repetition(x: Any) -> Any:
    x.repeat_interleave(2, 0)
    return x.sum()


def unread_columns(x: Any) -> Any:
    return WIDE(x)[:, :WIDTH].sum()


def unread_rows_of_a_slice(x: Any) -> Any:
    return WIDE(x).view(-1, WIDTH)[3:9].exp().sum()


def unread_though_a_graph_keeps_it(x: Any) -> Any:
    with torch.inference_mode(False), torch.enable_grad():
        KEPT["loss"] = LINEAR(WIDE(x.clone())[:, :WIDTH]).sum()
        return KEPT["loss"].detach()


def again_in_one_line(x: Any) -> Any:
    return (linear(x) + linear(x)).sum()


def again_in_a_loop(x: Any) -> Any:
    total = x.sum()
    for step in range(3):
        total = total + step * torch.softmax(LINEAR(x), -1).sum()
    return total


def again_with_an_equal_filter(x: Any) -> Any:
    return sum(layer(x[:, None]).sum() for layer in FILTERS)


def again_from_numbers_that_are_equal(x: Any) -> Any:
    first = torch.tensor(x[0].tolist())
    second = torch.tensor(x[0].tolist())
    return (first.cos() + second.cos()).sum()


def again_constant_weight_norm(x: Any) -> Any:
    for _ in range(3):
        x = x @ (DIRECTION / DIRECTION.norm(dim=0))
    return x.sum()


def random_unused(x: Any) -> Any:
    torch.randn(1000)
    return x.sum() + torch.randn(1)[0]


def copies_what_nobody_changes(x: Any) -> Any:
    return x.clone().sum()


def waits_in_a_loop(x: Any) -> Any:
    return torch.tensor([row.sum().item() for row in x]).sum()


def gradients_of_nobody(x: Any) -> Any:
    with torch.inference_mode(False), torch.enable_grad():
        return LINEAR(x.clone()).detach().sum()


def sessions_made_anew(x: Any) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession("speaker.onnx")
    (twice,) = session.run(None, {"x": x.numpy()})
    return torch.from_numpy(twice).sum()


def opaque_again(x: Any) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession("speaker.onnx")
    (one,), (two,) = (session.run(None, {"x": x.numpy()}) for _ in range(2))
    return torch.from_numpy(one + two).sum()


def patterns_compiled_anew(x: Any) -> Any:
    re.purge()
    return x.sum() * bool(re.match(r"[0-9]+", "12"))


def files_read_twice(x: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "voice.list")
        file.write_text("a")
        file.read_text()
        return x.sum() * len(file.read_text())
