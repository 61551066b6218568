"""Runs in an interpreter for Step-Audio: the paraformer with quick products against its own, as JSON.

Arguments: the folder `in_target` of ttsopt, a checkout with step-audio/one-pass-encoder and
step-audio/encoder-kernels applied, a scratch folder.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

one_pass: Any = importlib.import_module("one_pass_trials")  # beside this file
RATE, lengths = one_pass.RATE, one_pass.lengths
KINDS = ("off", "packed", "int16", "")  # "" is what is measured
SWITCH = "TTSOPT_ENCODER_KERNELS"
AUTO = "funasr_detach.auto.ttsopt_"


def rows_of(trials: Any, samples: int, seed: int) -> Any:
    return trials.encode(trials.speech(samples, seed), seed, one_pass=True)[0]


def take(trials: Any, kind: str) -> None:
    """Let products be chosen anew, of this kind."""
    os.environ["TTSOPT_KERNELS"] = kind
    for part in parts(trials.model):
        for product in part.products:
            product._kinds.clear()


def parts(model: Any) -> list[Any]:
    place = importlib.import_module(AUTO + "fused_modules")._PLACE
    return [one.__dict__[place][0] for one in model.modules() if place in vars(one)]


def trial_tokens(trials: Any, wanted: list[Any]) -> Any:
    """By kind: tokens, how many are equal, the largest error."""
    found = {}
    for kind in KINDS:
        take(trials, kind)
        made = [rows_of(trials, samples, seed) for seed, samples in enumerate(lengths())]
        rows = [trials.difference(*pair) for pair in zip(wanted, made, strict=True)]
        found[kind] = {name: sum(row[name] for row in rows) for name in ("tokens", "equal")}
        found[kind]["relative"] = max(row["relative"] for row in rows)
    return found


def trial_reloaded(trials: Any) -> Any:
    """Distance of what other weights give in the quick model from what its plain copy gives of them."""
    take(trials, "int16")
    rows_of(trials, RATE, 0)
    plain = copy.deepcopy(trials.model)
    with trials.torch.no_grad():
        for one in plain.parameters():
            one.mul_(1.2)
    trials.model.load_state_dict(plain.state_dict())
    made = rows_of(trials, RATE, 0)
    quick, trials.tokenizer.funasr_model.model = trials.model, plain
    wanted = rows_of(trials, RATE, 0)
    trials.tokenizer.funasr_model.model = quick
    return {"plain": len(parts(plain)), "relative": ((made - wanted).norm() / wanted.norm()).item()}


def trial_threads(trials: Any) -> Any:
    """The largest error where eight threads encode at once, each with a cache of its own."""
    torch, kwargs = trials.torch, trials.tokenizer.funasr_model.kwargs
    options = {name: kwargs[name] for name in ("encoder_conf", "frontend_conf")}
    options |= {"chunk_size": [0, 4, 5], "encoder_chunk_look_back": 4}
    given = [torch.randn(6 + number, 1, 4, 560) for number in range(8)]
    os.environ[one_pass.SWITCH] = "1"

    def encode(chunks: Any) -> Any:
        with torch.no_grad():
            cache = trials.model.init_cache({}, **options)
            rows = [(chunk.clone(), torch.tensor([4]), False) for chunk in chunks]
            return trials.helper.encode_chunks(trials.model, rows, cache)[0]

    take(trials, "off")
    wanted = [encode(one) for one in given]
    take(trials, "int16")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(encode, given))
    return max(trials.difference(*pair)["relative"] for pair in zip(wanted, made, strict=True))


def main(in_target: str, view: str, scratch: str) -> dict[str, Any]:
    os.environ[SWITCH] = "0"
    trials = one_pass.Trials(Path(in_target), view, scratch, 1, "tiny")
    wanted = [rows_of(trials, samples, seed) for seed, samples in enumerate(lengths())]
    found = {"off": len(parts(trials.model))}
    del os.environ[SWITCH]
    importlib.import_module(AUTO + "encoder_kernels").quicken_linears(trials.model)
    found["quick"] = len(parts(trials.model))
    found["tokens"] = trial_tokens(trials, wanted)
    found["threads"] = trial_threads(trials)
    found["reloaded"] = trial_reloaded(trials)
    found["digits"] = importlib.import_module(AUTO + "digits").are_digits_exact()
    found["said"] = importlib.import_module(AUTO + "fused_modules").__ttsopt_fallbacks__
    return found


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        results = main(*sys.argv[1:4])
    sys.stdout.write(json.dumps(results))
