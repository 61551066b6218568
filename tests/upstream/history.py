"""The run: every version of a patch's files, tried and judged; and its figures."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from import_proof import Importer, Proof
from judge import FAILURES, Judgement, Verdict, judge
from loading_ways import Tree
from oracles.reading import Expectation, Files
from trial import Trial, try_patch
from versions import Repository, Version, versions

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System

# The folder of each system's repository in TTSOPT_UPSTREAMS, as `git clone` names it.
REPOSITORIES = {
    "f5-tts": "F5-TTS",
    "step-audio": "Step-Audio-EditX",
    "cosyvoice": "CosyVoice",
    "gpt-sovits": "GPT-SoVITS",
    "mockingbird": "MockingBird",
    "index-tts": "index-tts",
}
# Our own sample has no upstream.
WITHOUT_UPSTREAM = frozenset({"sample"})


@dataclass(frozen=True)
class Oracle:
    """An independent reading of a patch's intent; `files` are globs where the construct may have lived.

    `at_hand` are files that users have beside the checkout's own and no commit has: every version is tried without
    them, and with.
    """

    expect: Callable[[Files], Expectation]
    files: tuple[str, ...] = ()
    at_hand: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """What became of one patch on the whole history of its repository, up to `head`."""

    patch: str
    rules: str
    head: str
    judgements: tuple[Judgement, ...]
    files: int

    def failures(self) -> tuple[Judgement, ...]:
        """What must not be."""
        return tuple(one for one in self.judgements if one.verdict in FAILURES)

    def figures(self, *, held_out: bool) -> dict[str, int]:
        """How often each verdict came, in one half of the versions."""
        half = [one for one in self.judgements if one.held_out == held_out]
        return dict(Counter(one.verdict.value for one in half))

    def imports(self, *, held_out: bool) -> int:
        """How many ways of importing what was edited worked before and after, in one half of the versions."""
        return sum(one.imports for one in self.judgements if one.held_out == held_out)

    def places(self, *, held_out: bool) -> int:
        """Constructs that are in the versions of one half that were found as the system."""
        half = [one for one in self.judgements if one.held_out == held_out]
        return sum(one.places for one in half if one.verdict is not Verdict.NOT_FOUND)


def repository_of(patch: Patch) -> Path | None:
    """Where the history of a patch's system lies, if it was given."""
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    path = Path(folder or "") / REPOSITORIES[patch.system]
    return path if folder and path.exists() else None


def oracle_of(patch_id: str) -> Oracle | None:
    """The oracle of a patch: `oracles/<system>__<patch>.py`, with `expect`, `FILES`, and `AT_HAND` if any."""
    name = patch_id.replace("/", "__").replace("-", "_")
    if not (Path(__file__).parent / "oracles" / f"{name}.py").exists():
        return None
    module = importlib.import_module(f"oracles.{name}")
    return Oracle(module.expect, module.FILES, getattr(module, "AT_HAND", {}))


def run_history(
    path: Path, patch_id: str, oracle: Oracle, catalogs: tuple[Path, ...] = ()
) -> History:
    """Try and judge a patch on every version of its files in the repository at `path`."""
    catalogue = load_catalogue(catalogs)
    patch = catalogue.patch(patch_id)
    (system,) = [one for one in catalogue.systems if one.id == patch.system]
    with Repository(path) as repository, Importer() as importer:
        judgements, blobs = [], set()
        required = [catalogue.patch(one) for one in patch.requires.patches]
        for version in versions(repository, patch, system, oracle.files, required):
            tree = _tree(repository, version, system)
            for there in _without_and_with(version, oracle.at_hand):
                trial = try_patch(patch, there, catalogs)
                proof = _proof(importer, tree, trial)
                expected = oracle.expect(_as_tried(there, trial))
                judgements.append(judge(there, expected, trial, proof))
            blobs |= set(version.blobs)
        return History(
            patch.id, rules_of(catalogue, patch), repository.head(), tuple(judgements), len(blobs)
        )


def _as_tried(version: Version, trial: Trial) -> Files:
    """The version's files with what the patch requires."""
    return {path: trial.before.get(path, data) for path, data in version.files.items()}


def _tree(repository: Repository, version: Version, system: System) -> Tree:
    """The whole commit of a version, as far as imports go."""
    blobs = repository.tree(version.commit)
    layouts = (one for one in system.layouts if all(file.path in blobs for file in one.files))
    layout = next(layouts, system.layouts[0])
    return Tree(
        frozenset(blobs), lambda path: repository.blob(blobs[path]), tuple(layout.import_paths)
    )


def _proof(importer: Importer, tree: Tree, trial: Trial) -> Proof:
    applied = trial.found and trial.status == "applied"
    return importer.prove(tree, trial.before, trial.after) if applied else Proof()


def _without_and_with(version: Version, at_hand: Mapping[str, bytes]) -> Iterator[Version]:
    yield version
    if at_hand:
        yield replace(version, files={**version.files, **at_hand})


def rules_of(catalogue: Catalogue, patch: Patch) -> str:
    """What tells one state of a patch's rules from another."""
    return hashlib.sha256((catalogue.folder_of(patch.id) / "patch.toml").read_bytes()).hexdigest()


def patches_with_upstream(catalogue: Catalogue) -> Iterator[Patch]:
    """Patches whose system has a history of its own."""
    return (patch for patch in catalogue.patches if patch.system not in WITHOUT_UPSTREAM)


def listed(failures: Sequence[Judgement]) -> str:
    """Failures to read: the commit, what it is, why."""
    rows = [f"{one.commit[:10]} {one.date}: {one.verdict.value}: {one.detail}" for one in failures]
    return "\n".join(rows)
