"""The environment variables of a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ttsopt.boundary.variables import scrubbed

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def worker_environment(
    inherited: Mapping[str, str], threads: int, caches: Path, bytecode: Path, *, offline: bool
) -> dict[str, str]:
    """What `scrubbed` lets pass of `inherited`, with the settings that make a measurement repeatable.

    `caches` and `bytecode` are folders of one side. `offline`: nothing is looked up in a model hub.
    """
    variables = scrubbed(inherited)
    variables |= dict.fromkeys(THREAD_VARIABLES, str(threads))
    variables |= {
        # Waiting threads of libgomp spin: the same work took twice the CPU time.
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(bytecode),
        "TORCHINDUCTOR_CACHE_DIR": str(caches / "inductor"),
        "TRITON_CACHE_DIR": str(caches / "triton"),
        "NUMBA_CACHE_DIR": str(caches / "numba"),
    }
    # A library that prints Chinese must not fail in a C locale.
    variables.setdefault("PYTHONIOENCODING", "utf-8")
    if offline:
        variables |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return variables
