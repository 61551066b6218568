"""What patches need of the interpreter and the GPU, and what is said where it is not there."""

from __future__ import annotations

from typing import Any

import pytest

from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Patch, Requirements
from ttsopt.domain.system import KnownBad
from ttsopt.operations.runtime_needs import bad_packages, package_names, unmet_needs


def needing(**requirements: Any) -> Patch:
    return Patch("toy/fast", 1, "s", "w", Effect.CLOSE, (), requires=Requirements(**requirements))


@pytest.mark.parametrize(
    ("wanted", "there", "said"),
    [
        ("deepspeed>=0.14", {"deepspeed": "0.16.1"}, ()),
        ("deepspeed", {"deepspeed": "0.1"}, ()),
        ("torch>=2.5", {"torch": "2.5.0a0+872d972e41.nv24.08"}, ("toy/fast needs torch>=2.5; ",)),
        ("torch>=2.5", {"torch": "2.6.0+cu126"}, ()),
        ("deepspeed>=0.14", {}, ("toy/fast needs deepspeed>=0.14, which is not installed",)),
    ],
)
def test_packages_are_told_by_name_and_version(
    wanted: str, there: dict[str, str], said: tuple[str, ...]
) -> None:
    found = unmet_needs([needing(packages=(wanted,))], there, ())
    assert len(found) == len(said)
    assert all(one.startswith(words) for one, words in zip(found, said, strict=True))


@pytest.mark.parametrize(
    ("gpus", "said"),
    [
        ([], "none was seen here"),
        ([{"compute_capability": "7.5"}], "the best here has 7.5"),
        ([{"compute_capability": "7.5"}, {"compute_capability": "10.0"}], ""),
        ([{"compute_capability": "8.0"}], ""),
    ],
)
def test_a_compute_capability_is_one_of_any_gpu_here(
    gpus: list[dict[str, object]], said: str
) -> None:
    found = unmet_needs([needing(compute_capability="8.0")], {}, gpus)
    assert [said in one for one in found] == [True] * bool(said)


def test_packages_to_look_for_are_those_that_any_patch_asks_for() -> None:
    patches = [
        needing(packages=("torch>=2.5", "deepspeed")),
        needing(),
        needing(packages=("torch",)),
    ]
    assert package_names(patches) == ("deepspeed", "torch")
    assert package_names([needing()]) == ()


@pytest.mark.parametrize(
    ("there", "is_said"),
    [
        ({"transformers": "4.57.1"}, True),
        ({"transformers": "4.51.3"}, False),
        ({"transformers": "4.40.0"}, False),
        ({}, False),
    ],
)
def test_a_package_that_is_known_to_be_bad_is_told(there: dict[str, str], is_said: bool) -> None:
    bad = [KnownBad("transformers>4.51.3", "its mask is read otherwise")]
    said = bad_packages(bad, there)
    assert said == (
        ("transformers 4.57.1 is installed: its mask is read otherwise",) if is_said else ()
    )
    assert package_names([], bad) == ("transformers",)
