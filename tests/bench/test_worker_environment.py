"""The variables of a worker process."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.bench.run.worker_environment import worker_environment


def variables(inherited: dict[str, str], *, offline: bool = True) -> dict[str, str]:
    return worker_environment(inherited, 2, Path("/own"), offline=offline)


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
    assert found["PYTHONPYCACHEPREFIX"] == str(Path("/own/bytecode"))
    assert found["TRITON_CACHE_DIR"] == str(Path("/own/compiled/triton"))


def test_model_hubs_are_cut_off_only_where_asked() -> None:
    assert variables({})["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in variables({}, offline=False)


@pytest.mark.parametrize(
    "name",
    ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HF_HOME", "TTSOPT_KERNELS_FOLDER"],
)
def test_what_is_kept_is_kept_in_a_folder_of_its_own(name: str) -> None:
    assert Path(variables({name: "/users"})[name]).is_relative_to("/own")


def test_weights_of_the_user_are_named_by_their_paths() -> None:
    found = variables({"HOME": "/home/ann", "HF_HUB_CACHE": "/models", "XDG_CACHE_HOME": "/fast"})
    assert found["HF_HUB_CACHE"] == "/models"
    assert found["TORCH_HOME"] == str(Path("/fast/torch"))
    assert found["NLTK_DATA"] == str(Path("/home/ann/nltk_data"))
    assert variables({"HF_HOME": "/hf"})["HF_HUB_CACHE"] == str(Path("/hf/hub"))


def test_a_cache_of_results_is_not_switched_on() -> None:
    assert "LIBROSA_CACHE_DIR" not in variables({"LIBROSA_CACHE_DIR": "/kept"})
