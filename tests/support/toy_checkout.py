"""A made-up system in two layouts, and its files laid out in a folder."""

from __future__ import annotations

from pathlib import Path

from ttsopt.domain.system import FileSignature, Layout, Shape, System

INFER = FileSignature("src/toy/infer.py", ("def infer",))
MODEL = FileSignature("src/toy/model/dit.py", ("class DiT",))
FLAT = tuple(FileSignature(file.path.removeprefix("src/"), file.defines) for file in (INFER, MODEL))
SYSTEM = System(
    "toy",
    "Toy",
    "",
    layouts=(Layout("src/toy", (INFER, MODEL), ("src",)), Layout("toy", FLAT, copy=("toy",))),
    package="Toy.TTS",
    shapes=(
        Shape("2 or newer", ("src/toy/infer.py", "toy/infer.py"), "def infer_fast"),
        Shape("1", ("toy/infer.py",), "def infer"),
    ),
)
OTHER = System(
    "other", "Other", "", (Layout("flat", (FileSignature("infer.py", ("class Other",)),)),)
)


def put(root: Path, prefix: str = "src/", infer: str = "def infer():\n    pass\n") -> Path:
    for path, text in (
        ("toy/infer.py", infer),
        ("toy/model/dit.py", "class DiT(Base):\n    pass\n"),
    ):
        file = root / prefix / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return root
