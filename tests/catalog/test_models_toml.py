"""`models.toml`: what it may say, and what the shipped ones say."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_models import MODELS, put

from ttsopt.catalog.models import read_models
from ttsopt.operations.authoring.check_catalogue import check_catalogue

PATCHES = Path(__file__).parents[2] / "patches"
WRONG = {
    'folders = ["weights"]': ('folders = ["/weights"]', "not a path below a folder"),
    'path = "all.bin"': ('path = "../all.bin"', "not a path below a folder"),
    'by_hand = "a friend has it"\n': ("", "neither an id of a hub nor by_hand"),
    'value = "1"\n': ("", "variable and value go together"),
    'path = "vocoder/v.bin"': ('path = "encoder.bin"', "two files have one path"),
    'alone = true\nfiles = [{ path = "e': (
        'alone = true\nwhy_not = "x"\nfiles = [{ path = "e',
        "why_not",
    ),
    "megabytes = 1 }]": ("megabyte = 1 }]", "did you mean megabytes?"),
}


@pytest.mark.parametrize(("there", "wrong"), WRONG.items())
def test_what_is_wrong_is_told(tmp_path: Path, there: str, wrong: tuple[str, str]) -> None:
    assert there in MODELS
    _, problems = read_models(put(tmp_path / "models.toml", MODELS.replace(there, wrong[0])))
    assert wrong[1] in " ".join(map(str, problems))


def test_list_check_reads_them(tmp_path: Path) -> None:
    from toy_models import toy_catalogue

    own = toy_catalogue(tmp_path)
    put(own / "toy-tts/models.toml", MODELS.replace('value = "1"\n', ""))
    assert "variable and value" in " ".join(map(str, check_catalogue((own,)).problems))


@pytest.mark.parametrize(
    "file", sorted(PATCHES.glob("*/models.toml")), ids=lambda path: path.parent.name
)
def test_every_shipped_one_is_right(file: Path) -> None:
    models, problems = read_models(file)
    assert not problems
    assert models.models
