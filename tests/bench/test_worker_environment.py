"""The variables of a worker process."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.bench.run.worker_environment import worker_environment


def variables(inherited: dict[str, str], *, offline: bool = True) -> dict[str, str]:
    return worker_environment(inherited, 2, Path("/c"), Path("/b"), offline=offline)


@pytest.mark.parametrize(
    "name",
    ["HF_TOKEN", "OPENAI_API_KEY", "aws_secret", "PGPASSWORD", "GOOGLE_APPLICATION_CREDENTIALS"],
)
def test_secrets_do_not_reach_the_target(name: str) -> None:
    assert name not in variables({name: "s3cret"})


@pytest.mark.parametrize("name", ["PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONSTARTUP"])
def test_settings_of_our_own_interpreter_do_not_either(name: str) -> None:
    assert name not in variables({name: "1"})


@pytest.mark.parametrize(
    "name", ["LD_LIBRARY_PATH", "PYTHONPATH", "TOKENIZERS_PARALLELISM", "CUDA_HOME"]
)
def test_what_the_target_needs_is_kept(name: str) -> None:
    assert variables({name: "value"})[name] == "value"


def test_threads_waiting_hashing_and_bytecode_are_set() -> None:
    found = variables({"OMP_NUM_THREADS": "64", "OMP_WAIT_POLICY": "ACTIVE"})
    assert {found[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")} == {"2"}
    assert (found["OMP_WAIT_POLICY"], found["PYTHONHASHSEED"]) == ("PASSIVE", "0")
    assert found["PYTHONPYCACHEPREFIX"] == str(Path("/b"))
    assert found["TRITON_CACHE_DIR"] == str(Path("/c/triton"))


def test_model_hubs_are_cut_off_only_where_asked() -> None:
    assert variables({})["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in variables({}, offline=False)
