"""The environment variables of a worker process, and the folders that are its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
# Folders in the process's own. Short: sockets of multiprocessing lie in the folder for temporary files, and their
# paths have room for 104 bytes.
HOME, TEMPORARY, BYTECODE, COMPILED, KERNELS = "home", "t", "bytecode", "compiled", "kernels"
_OWN = {
    "HOME": HOME,
    "USERPROFILE": HOME,
    "APPDATA": f"{HOME}/AppData/Roaming",
    "LOCALAPPDATA": f"{HOME}/AppData/Local",
    "TMPDIR": TEMPORARY,
    "TMP": TEMPORARY,
    "TEMP": TEMPORARY,
    "XDG_CACHE_HOME": f"{HOME}/.cache",
    "XDG_CONFIG_HOME": f"{HOME}/.config",
    "XDG_DATA_HOME": f"{HOME}/.local/share",
    "XDG_STATE_HOME": f"{HOME}/.local/state",
    "MPLCONFIGDIR": f"{HOME}/.config/matplotlib",
    "HF_HOME": f"{HOME}/.cache/huggingface",
    "HF_MODULES_CACHE": f"{HOME}/.cache/huggingface/modules",
    "HF_DATASETS_CACHE": f"{HOME}/.cache/huggingface/datasets",
    "PYTHONPYCACHEPREFIX": BYTECODE,
    "TORCHINDUCTOR_CACHE_DIR": f"{COMPILED}/inductor",
    "TRITON_CACHE_DIR": f"{COMPILED}/triton",
    "TORCH_EXTENSIONS_DIR": f"{COMPILED}/extensions",
    "CUDA_CACHE_PATH": f"{COMPILED}/cuda",
    "NUMBA_CACHE_DIR": f"{COMPILED}/numba",
    "TTSOPT_KERNELS_FOLDER": KERNELS,
}
# Where weights, data and packages of the user lie: the variable, the folder below the home folder, and the
# variable of a folder that it lies in by default, with its name there.
_USERS = (
    ("HF_HUB_CACHE", ".cache/huggingface/hub", "HF_HOME", "hub"),
    ("TORCH_HOME", ".cache/torch", "XDG_CACHE_HOME", "torch"),
    ("MODELSCOPE_CACHE", ".cache/modelscope", "XDG_CACHE_HOME", "modelscope"),
    ("NLTK_DATA", "nltk_data", "", ""),
    ("PYTHONUSERBASE", ".local", "", ""),
)


# Those of them that hold no packages: thousands of small files, which pip may change meanwhile.
CACHES = ("HF_HUB_CACHE", "TORCH_HOME", "MODELSCOPE_CACHE", "NLTK_DATA")


def worker_environment(
    inherited: Mapping[str, str], threads: int, own: Path, *, offline: bool
) -> dict[str, str]:
    """Return what `program_environment` does, with all that the process keeps in `own`, a folder of its own.

    Weights and data of the user are named by their paths. `offline`: nothing is looked up in a model hub.
    """
    variables = program_environment(inherited, threads)
    variables.pop("LIBROSA_CACHE_DIR", None)  # set, it has results kept
    folders = dict(user_folders(variables))
    variables |= {name: str(own / folder) for name, folder in _OWN.items()} | folders
    if offline:
        variables |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return variables


def program_environment(inherited: Mapping[str, str], threads: int) -> dict[str, str]:
    """Return what `scrubbed` lets pass of `inherited`, with the settings that make a run repeatable."""
    variables = scrubbed(inherited)
    variables |= dict.fromkeys(THREAD_VARIABLES, str(threads))
    variables |= {
        # Waiting threads of libgomp spin: the same work took twice the CPU time.
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
    }
    # A library that prints Chinese must not fail in a C locale.
    variables.setdefault("PYTHONIOENCODING", "utf-8")
    return variables


def make_folders(own: Path) -> None:
    """Make the folders that the variables name.

    Raises:
        OSError: There is no room, or no right to.
    """
    for folder in _OWN.values():
        (own / folder).mkdir(parents=True, exist_ok=True)


def user_folders(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield variables with the user's folders of weights, data and packages: where libraries look by default."""
    home = variables.get("HOME") or variables.get("USERPROFILE") or str(Path.home())
    for name, by_default, variable, below in _USERS:
        base = variables.get(variable)
        folder = Path(base, below) if base else Path(home, by_default)
        yield name, variables.get(name) or str(folder)
