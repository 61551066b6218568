"""Environment variables that a program started by ttsopt gets: those it is known to need, and no secrets.

docs/decisions/0015-one-way-to-start-a-process.md has the reasons.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

EXTRA = "TTSOPT_PASS_ENV"
_PERSON = "HOME USER LOGNAME LANG LANGUAGE TZ TMPDIR TMP TEMP XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME"
# git trusts a repository of the user behind sudo by SUDO_UID. Windows programs do not start without SYSTEMROOT.
_SYSTEM = (
    "PATH SUDO_UID LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH "
    "NIX_LD NIX_LD_LIBRARY_PATH SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA "
    "ALLUSERSPROFILE PUBLIC OS PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432 COMMONPROGRAMFILES "
    "COMMONPROGRAMFILES(X86) COMMONPROGRAMW6432 USERPROFILE USERNAME HOMEDRIVE HOMEPATH "
    "NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE PROCESSOR_IDENTIFIER"
)
_PYTHON = (
    "VIRTUAL_ENV PYTHONPATH PYTHONUSERBASE PYTHONNOUSERSITE PYTHONUTF8 PYTHONIOENCODING PYTHONWARNINGS "
    "PYTHONHASHSEED PYTHONUNBUFFERED PYTHONFAULTHANDLER PYTHONMALLOC PYTHONOPTIMIZE PYTHONSAFEPATH PYENV_ROOT "
    "PYENV_VERSION MAMBA_EXE MAMBA_ROOT_PREFIX"
)
_COMPILERS = (
    "CC CXX CFLAGS CXXFLAGS LDFLAGS CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH MAX_JOBS SDKROOT "
    "INCLUDE LIB LIBPATH VSINSTALLDIR VCINSTALLDIR VCTOOLSINSTALLDIR WINDOWSSDKDIR DISTUTILS_USE_SDK"
)
# Caches and data of the libraries that TTS systems use; and the way to a model hub.
_LIBRARIES = (
    "HF_HOME HF_HUB_CACHE HF_HUB_OFFLINE HF_ENDPOINT HF_DATASETS_CACHE HUGGINGFACE_HUB_CACHE TRANSFORMERS_CACHE "
    "TRANSFORMERS_OFFLINE TOKENIZERS_PARALLELISM MODELSCOPE_CACHE NLTK_DATA MPLCONFIGDIR MPLBACKEND "
    "LIBROSA_CACHE_DIR PHONEMIZER_ESPEAK_LIBRARY PHONEMIZER_ESPEAK_PATH ESPEAK_DATA_PATH MECABRC FFMPEG_BINARY "
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE"
)
_NAMES = frozenset(f"{_PERSON} {_SYSTEM} {_PYTHON} {_COMPILERS} {_LIBRARIES}".split())
_PREFIXES = (
    *("LC_", "TTSOPT_", "CONDA_"),
    *("CUDA_", "CUDNN_", "CUBLAS_", "NVIDIA_", "NCCL_", "TENSORRT_", "HIP_", "HSA_", "ROCM_", "ROCR_", "MIOPEN_"),
    *("TORCH_", "TORCHINDUCTOR_", "TORCHDYNAMO_", "PYTORCH_", "TRITON_", "ORT_", "ONNX_", "DNNL_", "ONEDNN_"),
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "VECLIB_", "NUMEXPR_", "NUMBA_", "MALLOC_"),
)  # fmt: skip
_SECRET = re.compile("TOKEN|KEY|SECRET|PASSW|CREDENTIAL|AUTH|(^|_)PAT(_|$)")
_WITH_CREDENTIALS = re.compile(r"://[^/\s]*@")


def scrubbed(inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of `inherited` (by default this process's own) that a program may see.

    Known names and families pass unless the name tells of a secret or the value is a URL with credentials. What
    TTSOPT_PASS_ENV names, with commas between, passes as it is. PATH loses what `clean_path` leaves out.
    """
    given = os.environ if inherited is None else inherited
    extra = {name.strip() for name in given.get(EXTRA, "").split(",")}
    passed = {
        name: value for name, value in given.items() if name in extra or _may_pass(name, value)
    }
    if "PATH" in passed:
        passed["PATH"] = os.pathsep.join(clean_path(passed["PATH"]))
    return passed


def clean_path(value: str) -> list[str]:
    """Return the folders of a PATH without relative and empty ones and the current folder.

    A checkout that somebody works in must not decide which program `git` is.
    """
    here = _current()
    folders = (
        folder.strip('"') if sys.platform == "win32" else folder
        for folder in value.split(os.pathsep)
    )
    return [row for row in folders if Path(row).is_absolute() and os.path.realpath(row) != here]


def _current() -> str:
    try:
        return os.path.realpath(Path.cwd())
    except OSError:  # it was deleted
        return ""


def _may_pass(name: str, value: str) -> bool:
    known = name.upper()  # Windows has `Path`, and proxies are written in small letters too
    if known == "TOKENIZERS_PARALLELISM":
        return True
    is_known = known in _NAMES or known.startswith(_PREFIXES)
    return is_known and not _SECRET.search(known) and not _WITH_CREDENTIALS.search(value)
