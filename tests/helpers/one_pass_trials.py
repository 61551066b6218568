"""Runs in an interpreter for Step-Audio: the one pass against the loop of the same checkout, as JSON.

Arguments: the folder `in_target` of ttsopt, a checkout with step-audio/one-pass-encoder applied, a scratch folder,
threads, the size (tiny, real), and what to try: functions of this file, with commas between.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import importlib.util
import io
import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

RATE = 16000
STRIDE = 3840  # samples in a chunk of 4 rows
SWITCH = "TTSOPT_ONE_PASS"


def by_location(name: str, path: Path) -> ModuleType:
    """A module from a file."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Trials:
    """The checkout's tokenizer with random weights, and its encoder both ways."""

    def __init__(self, in_target: Path, view: str, scratch: str, threads: int, size: str) -> None:
        worker = by_location("worker", in_target / "worker.py")
        file = in_target.parents[2] / "patches/step-audio/workload.py"
        workload = worker.workloads.import_workload({"workload": str(file)})
        sys.path.insert(0, view)
        job = {"view": view, "scratch": scratch, "size": size, "weights": "random"}
        workload.prepare({**job, "utterances": []})
        workload.packages.install_stubs()
        import torch

        torch.set_num_threads(threads)
        self.torch = torch
        self.tokenizer = workload._build(workload._folder(job))
        self.model = self.tokenizer.funasr_model.model.eval()
        paraformer = "funasr_detach.models.paraformer_streaming."
        self.helper: Any = sys.modules.get(paraformer + "ttsopt_one_pass")
        self.calls = 0

    def speech(self, samples: int, seed: int) -> Any:
        """(1, samples): noise whose loudness changes."""
        generator = self.torch.Generator().manual_seed(seed)
        noise = self.torch.randn(samples, generator=generator)
        swell = self.torch.sin(self.torch.arange(samples) / 1500.0)
        return (0.1 * noise * swell.abs())[None]

    def encode(self, audio: Any, seed: int, one_pass: bool, **changes: Any) -> tuple[Any, Any]:
        """What infer_encoder gives of a recording or a part of one (rows, width), and the session's cache."""
        os.environ[SWITCH] = str(int(one_pass))
        self.torch.manual_seed(seed)
        options = {"chunk_size": [0, 4, 5], "encoder_chunk_look_back": 4}
        options |= {"decoder_chunk_look_back": 1, "is_final": True, "cache": {}, "device": "cpu"}
        found, cache = self.tokenizer.funasr_model.infer_encoder(
            input=[audio[0]], **options | changes
        )
        out = found[0]["enc_out"]
        return (out[0] if len(out) else out), cache

    def tokens(self, rows: Any) -> list[int]:
        """Codes of the tokenizer's own codebook."""
        found: list[int] = self.tokenizer.dump_label([rows[None]], self.tokenizer.kms)[0]
        return found

    def compare(self, samples: int, seed: int, **changes: Any) -> dict[str, Any]:
        """Both ways on one recording."""
        audio = self.speech(samples, seed)
        started = time.process_time()
        loop, _ = self.encode(audio, seed, one_pass=False, **changes)
        middle = time.process_time()
        once, _ = self.encode(audio, seed, one_pass=True, **changes)
        row = {"samples": samples, "rows": [len(loop), len(once)]}
        row["seconds"] = [middle - started, time.process_time() - middle]
        return {**row, **self.difference(loop, once)}

    def difference(self, loop: Any, once: Any) -> dict[str, Any]:
        """Of two outputs of the encoder: relative, and in tokens."""
        if not len(loop) or not len(once):
            return {"relative": 0.0, "tokens": 0, "equal": 0}
        one, two = self.tokens(loop), self.tokens(once)
        equal = sum(a == b for a, b in zip(one, two, strict=True))
        relative = ((loop - once).norm() / loop.norm()).item()
        return {"relative": relative, "tokens": len(one), "equal": equal}


def lengths() -> list[int]:
    """Samples of 0.3 s to 31 s, on the boundaries of chunks and beside them."""
    beside = [0, 1, 160, 399, 400, 479, 480, 560, 800, 1119, 1120, 2000, 3839]
    near = [n * STRIDE + more for n in (2, 5) for more in beside]
    far = [int(seconds * RATE) for seconds in (0.3, 0.5, 1, 1.7, 3.3, 6.3, 12.8, 20, 30.7, 31)]
    return sorted(near + far)


def trial_lengths(trials: Trials) -> Any:
    """Every length, and a seed for each."""
    return [trials.compare(samples, seed) for seed, samples in enumerate(lengths())]


def trial_speed(trials: Trials) -> Any:
    """A few lengths, after one to warm up."""
    trials.compare(RATE, 0)
    return [trials.compare(int(seconds * RATE), 1) for seconds in (0.3, 1, 3, 6.3, 15, 31)]


def trial_dither(trials: Trials) -> Any:
    """With dither and without, several seeds; and whether the seed matters to the loop."""
    frontend, rows = trials.tokenizer.funasr_model.kwargs["frontend"], []
    for dither in (1.0, 0.0):
        frontend.dither = dither
        rows += [{"dither": dither, **trials.compare(RATE * 2, seed)} for seed in range(5)]
    frontend.dither = 1.0
    one, other = (trials.encode(trials.speech(RATE, 0), seed, one_pass=True)[0] for seed in (0, 1))
    return {"rows": rows, "seed_matters": not trials.torch.equal(one, other)}


def trial_look_back(trials: Trials) -> Any:
    """What the smallest mistake would look like: one window less of the past."""
    audio = trials.speech(RATE * 3, 0)
    loop, _ = trials.encode(audio, 0, one_pass=False)
    less, _ = trials.encode(audio, 0, one_pass=True, encoder_chunk_look_back=3)
    same = trials.compare(RATE * 3, 0, encoder_chunk_look_back=3)
    return [trials.difference(loop, less), same]


def trial_chunk_sizes(trials: Trials) -> Any:
    """Other chunks than the tokenizer's."""
    return [trials.compare(RATE * 4, 0, chunk_size=size) for size in ([0, 10, 5], [0, 8, 4])]


def trial_double(trials: Trials) -> Any:
    """The encoder in float64: what is left of a difference is no rounding of float32."""
    torch, kwargs = trials.torch, trials.tokenizer.funasr_model.kwargs
    kept = {name: kwargs[name] for name in ("encoder_conf", "frontend_conf")}
    options = {**kept, "chunk_size": [0, 4, 5], "encoder_chunk_look_back": 4}
    chunks = [torch.randn(1, rows, 560).double() for rows in [4] * 140 + [3]]
    trials.model.encoder.double()
    outs = []
    with torch.no_grad():
        for one_pass in (False, True):
            os.environ[SWITCH] = str(int(one_pass))
            cache = trials.model.init_cache({}, **options)
            given = [(chunk.clone(), torch.tensor([chunk.shape[1]]), False) for chunk in chunks]
            outs.append(trials.helper.encode_chunks(trials.model, given, cache)[0])
    trials.model.encoder.float()
    return ((outs[0] - outs[1]).norm() / outs[0].norm()).item()


def trial_sessions(trials: Trials) -> Any:
    """A recording in parts of several chunks, always one way, always the other, and by turns."""
    parts = [
        STRIDE * 3 + 700,
        1500,
        STRIDE * 20,
        STRIDE,
        STRIDE * 2 - 1,
        STRIDE * 5 + 3300,
        STRIDE * 4 + 900,
    ]
    ways = {"loop": [False] * 7, "once": [True] * 7, "by turns": [True, False] * 3 + [True]}
    runs = {name: session(trials, parts, ways[name]) for name in ways}
    rows = []
    for name in ("once", "by turns"):
        for (loop, kept), (once, new) in zip(runs["loop"], runs[name], strict=True):
            rows.append(
                {"way": name, "rows": [len(loop), len(once)], **trials.difference(loop, once)}
            )
            rows[-1]["cache"] = max(apart(kept, new), default=0.0)
    return rows


def session(trials: Trials, parts: list[int], ways: list[bool]) -> list[tuple[Any, Any]]:
    """Output and flat cache after each part of one recording."""
    cache: dict[str, Any] = {}
    audio, done = trials.speech(sum(parts), 5), []
    for number, samples in enumerate(parts):
        first, final = sum(parts[:number]), number == len(parts) - 1
        options = {"cache": cache, "is_final": final}
        out, cache = trials.encode(
            audio[:, first : first + samples], number, ways[number], **options
        )
        done.append((out, flat(cache)))
    return done


def flat(cache: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Everything in a session's cache, by path, copied."""
    found = {}
    for key, value in cache.items():
        path = f"{name}/{key}"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found.update(flat({str(at): one for at, one in enumerate(value)}, path))
        elif isinstance(value, dict):
            found.update(flat(value, path))
        else:
            found[path] = value.clone() if hasattr(value, "clone") else value
    return found


def apart(one: dict[str, Any], two: dict[str, Any]) -> list[float]:
    """How far two flat caches are apart, entry by entry; infinitely where they are of other kinds."""
    found = [] if one.keys() == two.keys() else [float("inf")]
    for key in one.keys() & two.keys():
        left, right = one[key], two[key]
        if not hasattr(left, "shape"):
            same = type(left) is type(right) and str(left) == str(right)
            found.append(0.0 if same else float("inf"))
        elif left.shape != right.shape or left.dtype != right.dtype:
            found.append(float("inf"))
        elif left.numel():
            found.append(((left - right).abs().max() / (left.abs().max() + 1e-9)).item())
    return found


def trial_bits(trials: Trials) -> Any:
    """Hashes of what the loop gives, for a checkout without the patch to compare with."""
    found = {}
    for samples in (4800, RATE, RATE * 5 + 77):
        rows, _ = trials.encode(trials.speech(samples, 1), 1, one_pass=False)
        found[str(samples)] = hashlib.sha256(rows.numpy().tobytes()).hexdigest()
    return found


def trial_one_chunk(trials: Trials) -> Any:
    """Whether a single chunk gives the loop's very bits."""
    audio, ways = trials.speech(STRIDE, 0), (False, True)
    loop, once = (trials.encode(audio, 0, one_pass=way)[0] for way in ways)
    return trials.torch.equal(loop, once)


def trial_device(trials: Trials) -> Any:
    """Devices of all tensors that come of features on `meta`, which stands in for a GPU: mixing raises."""
    torch, kwargs = trials.torch, trials.tokenizer.funasr_model.kwargs
    model = copy.deepcopy(trials.model).to("meta")
    kept = {name: kwargs[name] for name in ("encoder_conf", "frontend_conf")}
    cache = model.init_cache({}, chunk_size=[0, 4, 5], encoder_chunk_look_back=4, **kept)
    os.environ[SWITCH] = "1"
    found = set()
    for rows in ([4, 4, 4], [4, 4, 2]):
        chunks = [torch.zeros(1, new, 560, device="meta") for new in rows]
        given = [(chunk, torch.tensor([chunk.shape[1]]), False) for chunk in chunks]
        out = trials.helper.encode_chunks(model, given, cache)
        state = flat({"feats": cache["encoder"]["feats"], "opt": cache["encoder"]["opt"]})
        found |= {str(one.device) for one in (out, *state.values())}
    return sorted(found)


def trial_falls_back(trials: Trials) -> Any:
    """Ways to be unexpected: what is said, how often, and whether the loop's bits come out."""
    torch, model = trials.torch, trials.model
    encoder = model.encoder

    class ParaformerOfTheirOwn(type(model)):  # type: ignore[misc]
        """A subclass may encode otherwise."""

    def swapped(owner: Any, name: str, value: Any) -> Any:
        before = getattr(owner, name)
        setattr(owner, name, value)
        return lambda: setattr(owner, name, before)

    layer = encoder.encoders[2]
    ways: dict[str, Any] = {
        "subclass": lambda: swapped(model, "__class__", ParaformerOfTheirOwn),
        "normalised": lambda: swapped(
            model, "normalize", lambda speech, lengths: (speech, lengths)
        ),
        "concatenates": lambda: swapped(layer, "concat_after", True),
        "no past": lambda: lambda: None,
        "all of the past": lambda: lambda: None,
        "carried before": lambda: lambda: None,
    }
    options: dict[str, dict[str, Any]] = {
        "no past": {"encoder_chunk_look_back": 0},
        "all of the past": {"encoder_chunk_look_back": -1},
        "carried before": {"chunk_size": [2, 4, 5]},
    }
    rows = {}
    audio = trials.speech(RATE, 0)
    for name, make in ways.items():
        restore, said = make(), len(trials.helper.__ttsopt_fallbacks__)
        changes = options.get(name, {})
        loop, twice, once = (
            trials.encode(audio, 0, one_pass=way, **changes)[0] for way in (False, True, True)
        )
        restore()
        new = trials.helper.__ttsopt_fallbacks__[said:]
        rows[name] = {"said": new, "same": torch.equal(loop, once) and torch.equal(loop, twice)}
    trials.helper.__ttsopt_fallbacks__.clear()
    return rows


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        made = Trials(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
        results = {name: globals()["trial_" + name](made) for name in sys.argv[6].split(",")}
        said = made.helper.__ttsopt_fallbacks__ if made.helper else []
    sys.stdout.write(json.dumps({**results, "fallbacks": said}))
