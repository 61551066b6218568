"""Choose how a CPU computes what has several right ways: measured once, kept on disk, shared by helpers.

What wins differs from processor to processor: with AMX a product in bfloat16 runs at 4 to 6 times the rate of
one in float32, with AVX-512 alone at a third of it. So nothing goes by the name of a type. `quickest(what,
candidates)` times the candidates in turn, with cold caches, and gives the name of the quickest; the first
candidate stays unless another takes less than 1 / WINS of its time.

Decisions are kept by processor, torch version, instruction set and threads in `ttsopt/kernels` of the user's cache
folder: at most a megabyte, replaced in one step, ignored where it cannot be read. Where it cannot be written,
every process measures for itself.

TTSOPT_KERNELS, words with commas: `off` takes the first candidate of all, `again` measures anew, `print` says
every choice with its times on stderr, and the name of a candidate takes it wherever it is one.
TTSOPT_KERNELS_FOLDER names another folder to keep them in. Laid out by ttsopt; needs Python 3.8 and torch 1.13.
"""

import contextlib
import hashlib
import json
import os
import platform
import sys
import tempfile
import threading
import time
from pathlib import Path

import torch

SWITCH = "TTSOPT_KERNELS"
FOLDER = "TTSOPT_KERNELS_FOLDER"
WINS = 1.07
REPEATS = 7
FEWEST = 3  # of what takes long
ENOUGH_SECONDS = 0.5  # for one candidate
HOPELESS = 20  # times what the first took at its first call
HOPELESS_SECONDS = 0.5
COLD_BYTES = 1 << 27  # more than the caches of a core and its share of the last level hold
MOST_BYTES = 1 << 20

_lock = threading.Lock()
_choices = {}  # (path of the file, what) to the name
_files = {}  # path to the choices in it
_processors = []


# ---- choosing ----


def quickest(what, candidates):
    """Return the name of the quickest of `candidates`, a list of (name, make); `make()` gives the call to time.

    `what` are the words and numbers that tell this choice from others: operation and shapes. A candidate that
    raises as it is made or first called is left out; the first one must not.
    """
    words = {word.strip().lower() for word in os.environ.get(SWITCH, "").split(",")}
    names = [name for name, _ in candidates]
    if "off" in words or len(names) == 1:
        return names[0]
    for name, make in candidates:
        if name in words and _call(make, must=False) is not None:
            return name
    path, key = _path(), "|".join(str(part) for part in what)
    with _lock:
        known = _choices.get((path, key)) or ("again" not in words and _kept(path).get(key))
        if known not in names:
            known = _measured(key, candidates, "print" in words)
            _keep(path, key, known)
        _choices[path, key] = known
    return known


def _measured(what, candidates, aloud):
    seconds = _times(_calls(candidates))
    first = candidates[0][0]
    best = min(seconds, key=lambda name: seconds[name])
    taken = best if seconds[best] * WINS < seconds[first] else first
    if aloud:
        times = ", ".join("%s %.3g ms" % (name, 1e3 * took) for name, took in seconds.items())
        sys.stderr.write("ttsopt: kernels: %s: %s (%s)\n" % (what, taken, times))
    return taken


def _calls(candidates):
    """Return the calls by name, without those that cannot win: plain loops take a thousand times as long."""
    made, most = {}, float("inf")
    for name, make in candidates:
        began = time.perf_counter()
        call = _call(make, must=not made)
        took = time.perf_counter() - began
        if call is not None and took <= most:
            made[name] = call
            most = min(most, max(HOPELESS_SECONDS, HOPELESS * took))
    return made


def _call(make, must):
    try:
        call = make()
        call()
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError):
        if must:
            raise
        return None
    return call


def _times(calls):
    """Return the least seconds of each call, with its weights and inputs out of the caches before."""
    # On one thread by its own time, which other processes do not count in.
    clock = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter
    least = {name: float("inf") for name in calls}
    cold, spent = torch.zeros(COLD_BYTES // 4), 0.0
    for repeat in range(REPEATS):
        if repeat >= FEWEST and spent > ENOUGH_SECONDS * len(calls):
            break
        for name, call in calls.items():
            cold.add_(1.0)
            began = clock()
            call()
            took = clock() - began
            least[name], spent = min(least[name], took), spent + took
    return least


# ---- what is kept on disk ----


def _path():
    """The file of decisions for this processor, torch, instruction set and number of threads."""
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", os.environ.get("DNNL_MAX_CPU_ISA", ""))
    asked = getattr(getattr(torch.backends, "cpu", None), "get_cpu_capability", str)
    parts = (_processor(), torch.__version__, limit, asked(), str(torch.get_num_threads()))
    name = hashlib.sha256("|".join(parts).encode("utf-8", "replace")).hexdigest()[:20]
    return cache_folder(FOLDER, "kernels") / (name + ".json")


def cache_folder(variable, name):
    """Return the folder that an environment variable names, else `ttsopt/name` in the user's cache folder."""
    named = os.environ.get(variable)
    if named:
        return Path(named)
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ttsopt" / name


def _processor():
    if not _processors:
        _processors.append(_model_name() or platform.processor() or platform.machine())
    return _processors[0]


def _model_name():
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open(errors="replace") as lines:
        for line in lines:
            if line.lower().startswith(("model name", "cpu part")):
                return line.split(":", 1)[1].strip()
    return ""


def _kept(path):
    if path not in _files:
        _files[path] = _read(path)
    return _files[path]


def _read(path):
    """The decisions in a file; none where there is none, or it is not one of ours."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return {}
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    choices = kept.get("choices") if isinstance(kept, dict) else None
    if not isinstance(choices, dict):
        return {}
    return {key: value for key, value in choices.items() if isinstance(value, str)}


def _keep(path, what, taken):
    """Add a decision to the file, as another process may have left it since."""
    choices = dict(_read(path), **{what: taken})
    _files[path] = choices
    text = json.dumps({"schema": 1, "processor": _processor(), "choices": choices}, indent=1)
    if len(text) <= MOST_BYTES:
        with contextlib.suppress(OSError):  # then it is kept for this process alone
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)


def _replace(path, text):
    handle, temporary = tempfile.mkstemp(dir=str(path.parent), suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink()
        raise
