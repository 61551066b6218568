"""What of a folder an installed package stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed_packages import sample_package

from ttsopt.errors import RefusedError
from ttsopt.operations.installed import concerns
from ttsopt.operations.locate import Target, discover, locate

INFO = "sample_tts-1.2.0.dist-info/RECORD"
CACHED = "__pycache__/single.cpython-311.pyc"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two copies of the sample beside each other, and what belongs to neither."""
    for above in ("", "vendored/"):
        for path, data in sample_package().items():
            (tmp_path / above / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / above / path).write_bytes(data)
    (tmp_path / "beside.py").write_bytes(b"")
    return tmp_path


def test_the_system_that_is_made_of_the_files_is_the_one(site: Path) -> None:
    with pytest.raises(RefusedError, match="2 places"):
        locate(Target(site))
    for above, root in (("", "."), ("vendored/", "vendored")):
        only = frozenset(f"{above}{path}" for path in sample_package())
        (found,) = locate(Target(site, only=only)).systems
        assert found.root == root
        assert [one.root for one in discover(site, only=only)] == [root]


def test_a_view_takes_what_belongs_to_the_package_alone(site: Path) -> None:
    only = frozenset({*sample_package(), INFO, CACHED})
    (found,) = locate(Target(site, only=only)).systems
    assert found.layout.copy == ("sample_tts", "sample_tts-1.2.0.dist-info")


def test_a_part_of_a_system_is_none(site: Path) -> None:
    only = frozenset(sample_package()) - {"sample_tts/vocoder.py"}
    assert discover(site, only=only) == ()
    with pytest.raises(RefusedError, match="the package's part of"):
        locate(Target(site, only=only))


@pytest.mark.parametrize(
    ("paths", "meant"),
    [
        (["toy/core.py"], True),
        (["toy/gone_since.py"], True),
        (["other/core.py", "toy/core.py"], True),
        (["other/core.py"], False),
        (["toy/deeper/core.py"], False),
        (["single.py"], True),
        (["beside.py"], False),
        ([], False),
    ],
)
def test_a_patch_concerns_a_package_by_its_files(paths: list[str], meant: bool) -> None:
    only = frozenset({"toy/core.py", "toy/more.py", "single.py"})
    assert concerns(only, paths) is meant
    assert concerns(None, paths)
