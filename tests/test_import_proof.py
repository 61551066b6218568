"""The proof that what a patch edits is still imported, on small trees: what breaks must come out as broken."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from import_proof import Importer, Proof
from loading_ways import Tree, ways_to_load

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="each import is a forked process")
SPEAK = b"def speak():\n    return 1\n"
HELPER = b"def kept(function):\n    return function\n"
SIBLING = b"from toy.parts import part\n"
SCRIPT = b'if __name__ == "__main__":\n    speak()\n'
PATH = "toy/core.py"


@pytest.fixture(scope="module")
def importer() -> Iterator[Importer]:
    with Importer() as process:
        yield process


def prove(
    importer: Importer, before: bytes, after: bytes, helper: bytes = HELPER, **others: bytes
) -> Proof:
    """The proof for `toy/core.py`, a helper beside it, and a package around it."""
    files = {"toy/__init__.py": b"", "toy/parts.py": b"part = 1\n", PATH: before}
    files |= {f"{name.replace('__', '/')}.py": data for name, data in others.items()}
    tree = Tree(frozenset(files), files.__getitem__)
    made = {"toy/ttsopt_kept.py": helper} if helper else {}
    return importer.prove(tree, files, {**files, PATH: after, **made})


def test_a_relative_import_in_a_script_is_broken_and_the_package_s_name_is_not(
    importer: Importer,
) -> None:
    """IndexTTS: PYTHONPATH=. python indextts/infer_v2_5.py."""
    before = SIBLING + SPEAK + SCRIPT
    relative = prove(importer, before, b"from .ttsopt_kept import kept\n" + before)
    (broken,) = relative.broken
    assert broken.startswith(f"{PATH}: script {PATH} with . path: ImportError: attempted relative")
    named = prove(importer, before, b"from toy.ttsopt_kept import kept\n" + before)
    assert named.broken == ()
    assert named.proven == relative.proven + 1 > 2


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"from ttsopt_kept import kept\n", "No module named 'ttsopt_kept'"),
        (b"from toy.parts.ttsopt_kept import kept\n", "'toy.parts' is not a package"),
        (b"from .ttsopt_kept import other as kept\n", "cannot import name 'other'"),
        (b"kept = ttsopt_kept = None\n", "is not what was imported"),
        (b"kept(1)\nfrom .ttsopt_kept import kept\n", "name 'kept' is not defined"),
        (b"from .ttsopt_kept import kept = 1\n", "SyntaxError"),
    ],
)
def test_an_import_that_leads_elsewhere_or_nowhere_is_broken(
    importer: Importer, line: bytes, complaint: str
) -> None:
    proof = prove(importer, SIBLING + SPEAK, line + SIBLING + SPEAK)
    assert proof.broken
    assert all(complaint in one for one in proof.broken)


def test_a_helper_that_is_not_python_is_broken(importer: Importer) -> None:
    after = b"from .ttsopt_kept import kept\n" + SIBLING + SPEAK
    assert prove(importer, SIBLING + SPEAK, after, helper=b"def kept(:\n").broken


@pytest.mark.parametrize(
    "line", [b"from .ttsopt_kept", b"from toy.ttsopt_kept", b"from ttsopt_kept"]
)
def test_a_helper_finds_those_beside_it_by_whatever_name_it_has_itself(
    importer: Importer, line: bytes
) -> None:
    bare = line == b"from ttsopt_kept"
    before = b"import sys\nsys.path.insert(0, 'toy')\n" * bare + SIBLING + SPEAK
    helper = b"""\
if __package__:
    from .ttsopt_base import base as kept
else:
    from ttsopt_base import base as kept
"""
    files = {"toy/__init__.py": b"", "toy/parts.py": b"", PATH: before}
    tree = Tree(frozenset(files), files.__getitem__)
    after = {
        **files,
        PATH: before.replace(SIBLING, line + b" import kept\n" + SIBLING),
        "toy/ttsopt_kept.py": helper,
        "toy/ttsopt_base.py": b"base = 1\n",
    }
    proof = importer.prove(tree, files, after)
    assert not proof.broken
    assert proof.proven == 2
    never = {**after, "toy/ttsopt_kept.py": helper.replace(b"from .", b"from ")}
    assert bool(importer.prove(tree, files, never).broken) != bare
    del after["toy/ttsopt_base.py"]
    assert importer.prove(tree, files, after).broken


def test_a_third_party_is_whatever_is_asked_of_it(importer: Importer) -> None:
    before = b"""\
import torch.nn as nn, numpy as np
from whatever.deep import *
from omegaconf import DictConfig


class Model(nn.Module, DictConfig):
    @torch_free
    @nn.no_grad()
    def run(self, x: np.ndarray | None = None, rate=SAMPLE_RATE):
        return x


with nn.context() as here:
    table = {key: -here[key] + 1 for key in np.arange(10)}
raise SystemExit(1)
from toy.parts import part
"""
    after = b"from toy.ttsopt_kept import kept\n" + before
    proof = prove(importer, before, after)
    assert proof.proven == 2
    assert prove(importer, before, after.replace(b"from toy.", b"from ")).broken


def test_a_module_of_the_tree_is_not_made_up(importer: Importer) -> None:
    """It does not import before either: nothing is proven, and nothing counted as broken."""
    before = b"from toy.gone import part\n" + SPEAK
    proof = prove(importer, before, b"from toy.ttsopt_kept import kept\n" + before)
    assert proof == Proof(unseen=(PATH,))


def test_a_namespace_folder_gives_way_to_an_installed_package(importer: Importer) -> None:
    before = b"from datasets import Dataset\n" + SPEAK
    after = b"from .ttsopt_kept import kept\n" + before
    proof = prove(importer, before, after, toy__datasets__prepare=b"")
    assert proof.proven
    assert not proof.unseen


def test_what_everything_is_taken_from_is_run(importer: Importer) -> None:
    before = b"from toy.parts import *\nassert part == 1\nfrom toy.parts import part\n" + SPEAK
    after = b"from toy.ttsopt_kept import kept\n" + before
    assert prove(importer, before, after).proven


def test_code_that_is_imported_changes_nothing_and_starts_nothing(importer: Importer) -> None:
    before = b"import subprocess\nopen('made', 'w')\nsubprocess.run(['touch', 'made'])\n" + SIBLING
    after = b"from toy.ttsopt_kept import kept\n" + before
    assert prove(importer, before, after).proven
    check = b"import os\nif os.path.exists('made'):\n    raise ImportError\n" + SIBLING
    assert prove(importer, check, after).proven


@pytest.mark.parametrize(
    ("other", "text", "ways"),
    [
        ("web.py", "import toy.core", {"import toy.core", "module toy.core"}),
        ("toy/web.py", "from . import (\n    core,\n)", {"import toy.core", "module toy.core"}),
        ("toy/web.py", "import core", {"import core", "import toy.core"}),
        ("README.md", "PYTHONPATH=. python toy/core.py", {"script toy/core.py", "import toy.core"}),
        ("run.sh", "python -m toy.core", {"module toy.core"}),
    ],
)
def test_ways_are_those_that_the_tree_itself_uses(other: str, text: str, ways: set[str]) -> None:
    files = {"toy/__init__.py": b"", PATH: SPEAK, other: text.encode()}
    tree = Tree(frozenset(files), files.__getitem__)
    found = {f"{way.kind} {way.name}" for way in ways_to_load(tree, PATH, SPEAK)}
    assert ways <= found
    assert ("script toy/core.py" in found) == ("script toy/core.py" in ways)
    assert ("import core" in found) == ("import core" in ways)
