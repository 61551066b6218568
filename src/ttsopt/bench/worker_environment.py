"""The environment variables of a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
SECRET_WORDS = ("TOKEN", "KEY", "SECRET", "PASSWORD", "CREDENTIAL")
NO_SECRETS = frozenset({"TOKENIZERS_PARALLELISM"})
# Of the interpreter that ttsopt runs in, they break another one or change what is measured.
OF_THIS_PYTHON = frozenset(
    {"PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "PYTHONDONTWRITEBYTECODE"}
)


def worker_environment(
    inherited: Mapping[str, str], threads: int, caches: Path, bytecode: Path, *, offline: bool
) -> dict[str, str]:
    """`inherited` without secrets, with the settings that make a measurement repeatable.

    `caches` and `bytecode` are folders of one side. `offline`: nothing is looked up in a model hub.
    """
    variables = {name: value for name, value in inherited.items() if _may_pass(name)}
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


def _may_pass(name: str) -> bool:
    if name in OF_THIS_PYTHON:
        return False
    return name in NO_SECRETS or not any(word in name.upper() for word in SECRET_WORDS)
