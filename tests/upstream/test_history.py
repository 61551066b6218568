"""Every patch on every version of its files in the history of its system (docs/upstream-run.md).

TTSOPT_UPSTREAMS names a folder of clones or bare repositories, named as upstream names them.
"""

from __future__ import annotations

import pytest
from history import (
    REPOSITORIES,
    History,
    listed,
    oracle_of,
    patches_with_upstream,
    repository_of,
    run_history,
)

from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.patch import Patch

PATCHES = list(patches_with_upstream(load_catalogue()))


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.id)
def test_every_patch_has_an_oracle_and_a_repository(patch: Patch) -> None:
    assert oracle_of(patch.id) is not None
    assert patch.system in REPOSITORIES


@pytest.mark.upstream
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.id)
def test_every_version_in_history_comes_out_right(patch: Patch, histories: list[History]) -> None:
    path, oracle = repository_of(patch), oracle_of(patch.id)
    if path is None:
        pytest.skip(
            f"TTSOPT_UPSTREAMS names no folder with a repository {REPOSITORIES[patch.system]}"
        )
    assert oracle is not None
    history = run_history(path, patch.id, oracle)
    histories.append(history)
    assert history.judgements
    assert not history.failures(), listed(history.failures())
