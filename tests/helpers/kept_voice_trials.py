"""Runs in an interpreter with torch: the helper that keeps features of recordings, as JSON on the last line.

Arguments: the folder of the helpers, and what to try: a function of this file.
"""

from __future__ import annotations

import copy
import gc
import json
import os
import sys
import tempfile
import weakref
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Method = Callable[..., Any]
torch: Any = import_module("torch")


class FrontEnd:
    """Extracts, and counts its work."""

    def __init__(self) -> None:
        self.work: list[str] = []
        self.gain = 1.0


def _front_end(most: int = 3) -> Any:
    kept_voice: Callable[[int], Callable[[Method], Method]]
    kept_voice = import_module("ttsopt_kept_voice").kept_voice

    class Keeping(FrontEnd):
        """As patched."""

        @kept_voice(most)
        def feat(self, recording: Any) -> Any:
            """Features as upstream lays them, transposed; and their number."""
            self.work.append("feat")
            if recording == "missing":
                raise FileNotFoundError(recording)
            samples = recording if isinstance(recording, torch.Tensor) else _read(recording)
            mel = (samples[:, :40].reshape(8, 5) * self.gain).transpose(0, 1)
            return mel, torch.tensor([5])

        @kept_voice(most)
        def speaker(self, recording: Any) -> Any:
            """One tensor."""
            self.work.append("speaker")
            return (recording if isinstance(recording, torch.Tensor) else _read(recording)).mean(1)

        @kept_voice(most)
        def odd(self, recording: Any) -> Any:
            """No tensor."""
            self.work.append("odd")
            return {"recording": recording}

    return Keeping


def _read(path: Any) -> Any:
    data = path.read() if hasattr(path, "read") else Path(path).read_bytes()
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).float()[None]


def kept_voice() -> dict[str, Any]:
    """How often work is done: for files, tensors, streams, changes, copies; and what comes out."""
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        rows |= _files(Path(folder) / "voice.wav")
    rows |= _tensors()
    rows |= _changes()
    return rows | _counts()


def _counts() -> dict[str, Any]:
    front, counts = _front_end()(), import_module("ttsopt_kept_voice").cache_counts
    before, recording = counts(), torch.arange(40.0)[None]
    for _ in range(3):
        front.speaker(recording)
    front.odd(object())
    return {"counted": {name: number - before[name] for name, number in counts().items()}}


def _files(voice: Path) -> dict[str, Any]:
    front = _front_end()()
    voice.write_bytes(bytes(range(64)))
    first, length = front.feat(str(voice))
    length[:] = 99
    first.zero_()
    again, length = front.feat(voice)
    expected = _read(voice)[:, :40].reshape(8, 5).transpose(0, 1)
    rows: dict[str, Any] = {"file": len(front.work), "length": length.tolist()}
    rows["same"] = torch.equal(again, expected) and again.stride() == expected.stride()
    rows["other method"] = [len(front.speaker(str(voice))), front.work.count("speaker")]
    known = voice.stat()
    voice.write_bytes(bytes(range(1, 65)))
    os.utime(voice, ns=(known.st_atime_ns, known.st_mtime_ns))
    other, _ = front.feat(str(voice))
    rows["written over, same time and size"] = [front.work.count("feat"), other[0, 0].item()]
    with voice.open("rb") as stream:
        front.feat(stream)
    with voice.open("rb") as stream:
        front.feat(stream)
    rows["streams"] = front.work.count("feat")
    for _ in range(2):
        try:
            front.feat("missing")
        except FileNotFoundError:
            front.work.append("failed")
    rows["failures"] = [front.work.count("failed"), front.work.count("feat")]
    return rows


def _tensors() -> dict[str, Any]:
    front = _front_end()()
    samples = torch.arange(64.0)[None]
    one = front.speaker(samples)
    rows: dict[str, Any] = {"tensor": torch.equal(front.speaker(samples.clone()), one)}
    front.speaker(samples.double())
    front.speaker(samples.reshape(2, 32))
    rows["dtype and shape"] = front.work.count("speaker")
    front.speaker(samples.clone().requires_grad_())
    front.speaker(samples.clone().requires_grad_())
    rows["with gradients"] = front.work.count("speaker")
    with torch.inference_mode():
        front.speaker(samples * 2)
    late = front.speaker(samples * 2)
    rows["kept in inference mode"] = [front.work.count("speaker"), late.is_inference()]
    front.odd(samples)
    front.odd(samples)
    rows["no tensor"] = front.work.count("odd")
    front = _front_end()()
    for number in (0, 1, 2, 0, 3, 0, 1):
        front.speaker(samples + number)
    rows["three at most"] = len(front.work)
    return rows


def _changes() -> dict[str, Any]:
    front, samples = _front_end()(), torch.arange(64.0)[None]
    front.speaker(samples)
    front.gain = 2.0
    front.speaker(samples)
    twin = copy.deepcopy(front)
    twin.work.clear()
    twin.speaker(samples)
    rows: dict[str, Any] = {"attribute set": len(front.work), "copy": len(twin.work)}
    os.environ["TTSOPT_KEPT_VOICE"] = "0"
    front.speaker(samples)
    del os.environ["TTSOPT_KEPT_VOICE"]
    rows["off"] = len(front.work)
    watched = weakref.ref(front)
    del front
    gc.collect()
    rows["let go"] = watched() is None
    return rows


class Moves(import_module("torch.utils._python_dispatch").TorchDispatchMode):  # type: ignore[misc]
    """Records copies by the devices that they go from and to; `meta` plays a GPU, whose values are all 7."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, call: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run every operation; what leaves the `meta` device gets values."""
        kwargs = kwargs or {}
        if call.overloadpacket not in {torch.ops.aten.clone, torch.ops.aten._to_copy}:
            return call(*args, **kwargs)
        source = args[0]
        target = torch.device(kwargs.get("device") or source.device)
        self.seen.append(f"{source.device.type} to {target.type}")
        if source.device.type == "meta" and target.type == "cpu":
            return torch.empty_strided(source.shape, source.stride(), dtype=source.dtype).fill_(7)
        return call(*args, **kwargs)


def on_a_device() -> dict[str, Any]:
    """Copies that are made to keep results of a device, and to hand them out."""
    kept_voice: Callable[[int], Callable[[Method], Method]]
    kept_voice = import_module("ttsopt_kept_voice").kept_voice

    class OnDevice(_front_end()):  # type: ignore[misc]
        """Computes on the host and copies to the device, as upstream."""

        @kept_voice(3)
        def placed(self, recording: Any) -> Any:
            """Features, transposed, and their number."""
            mel = recording[:, :40].reshape(8, 5).transpose(0, 1).to("meta")
            return mel, torch.full((1,), 7).to("meta")

    front, samples = OnDevice(), torch.arange(64.0)[None]
    with Moves() as moves:
        first = front.placed(samples)
        making, moves.seen = moves.seen, []
        again = front.placed(samples)
        hit, moves.seen = moves.seen, []
    same = [(one.stride(), one.dtype) for one in first] == [(o.stride(), o.dtype) for o in again]
    devices = sorted({one.device.type for one in again})
    return {"made": making, "hit": hit, "same": same, "devices": devices}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(sys.argv[1])))
    print(json.dumps(globals()[sys.argv[2]]()))  # noqa: T201
