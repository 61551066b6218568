"""Facts about a checkout's files: empty where they hold, a sentence where not, never an exception."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsopt.discovery.facts import unmet
from ttsopt.domain.patch import Fact, Scalar

ARRAY = "{'descr': '<f4', 'fortran_order': False, 'shape': (1024, 512), }"


def fact(*paths: str, **fields: object) -> Fact:
    return Fact(paths=paths, why="it is needed", **fields)  # type: ignore[arg-type]


def npy(header: str, version: int = 1, length: int | None = None) -> bytes:
    text = header.encode("utf-8" if version == 3 else "latin-1")
    size = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


def test_a_file_or_folder_is_there(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    assert unmet(tmp_path, fact("none.bin", "models")) == ""
    assert unmet(tmp_path, fact("none.bin")) == "`none.bin` is not there"
    assert unmet(tmp_path, fact("a", "b")) == "none of `a`, `b` is there"


def test_no_such_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    assert unmet(tmp_path, fact("a", present=False)) == ""
    assert unmet(tmp_path, fact("a", "b", present=False)) == "`b` is there"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_array_has_a_shape(tmp_path: Path, version: int) -> None:
    (tmp_path / "x.npy").write_bytes(npy(ARRAY, version))
    assert unmet(tmp_path, fact("x.npy", shape=(1024, 512))) == ""
    said = unmet(tmp_path, fact("x.npy", shape=(512, 1024)))
    assert said == "`x.npy` has the shape (1024, 512), not (512, 1024)"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no .npy file"),
        (b"PK\x03\x04 and so on", "is no .npy file"),
        (npy(ARRAY)[:40], "ends within its header"),
        (npy(ARRAY, 2, length=2**31), "too long"),
        (npy(ARRAY, 9), "version 9"),
        (npy("__import__('os').abort()"), "no Python literal"),
        (npy("(" * 9000), "no Python literal"),
        (npy("{'shape': (True, 'x')}"), "without a shape"),
        (npy("[]"), "without a shape"),
    ],
)
def test_a_broken_array_is_a_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "x.npy").write_bytes(data)
    assert said in unmet(tmp_path, fact("x.npy", shape=(1,)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.yaml", "a: 1\n---\nb: !new:x {l: [1, {语: %s}]}\n"),
        ("x.yml", "base: &b {l: [0, {语: %s}]}\nb: {<<: *b}\n"),
        ("x.toml", "\ufeff[b]\nl = [0, {'语' = %s}]\n"),
        ("x.json", '{"b": {"l": [0, {"语": %s}]}}'),
    ],
)
@pytest.mark.parametrize(
    ("text_value", "value"), [("true", True), ("24000", 24000), ("0.5", 0.5), ('"v2"', "v2")]
)
def test_a_key_has_a_value(
    tmp_path: Path, name: str, text: str, text_value: str, value: Scalar
) -> None:
    (tmp_path / name).write_text(text % text_value, encoding="utf-8")
    key = "b.l.1.'语'"
    assert unmet(tmp_path, fact(name, key=key, equals=value)) == ""
    assert unmet(tmp_path, fact(name, key=key)) == ""
    assert "not 'other'" in unmet(tmp_path, fact(name, key=key, equals="other"))
    assert unmet(tmp_path, fact(name, key="b.n")) == f"`{name}` has no key `b.n`"


def test_true_is_not_one(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    assert unmet(tmp_path, fact("x.json", key="a", equals=True)) == "`x.json` has a = 1, not true"
    assert unmet(tmp_path, fact("x.json", key="a", equals=1.0)) == ""


@pytest.mark.parametrize("name", ["x.yaml", "x.toml", "x.json", "x.ini", "x.npy"])
@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"a: &a [*a]", b"a: !!bool x", b'"\\ud800"']
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert unmet(tmp_path, fact(name, key="a", equals="x")).startswith(f"`{name}` ")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([".yaml", ".toml", ".json", ".npy"]))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes, end: str) -> None:
    root = tmp_path_factory.mktemp("bytes")
    head = b"\x93NUMPY\x01\x00\x30\x00" if end == ".npy" else b"a: "
    (root / f"x{end}").write_bytes(head + data)
    asked = fact(f"x{end}", shape=(3, 7)) if end == ".npy" else fact(f"x{end}", key="b.c", equals=7)
    assert isinstance(unmet(root, asked), str)


def test_nothing_is_constructed_from_tags(tmp_path: Path) -> None:
    made = tmp_path / "made"
    (tmp_path / "x.yaml").write_text(f"a: !!python/object/apply:os.mkdir ['{made}']\nb: 1\n")
    assert unmet(tmp_path, fact("x.yaml", key="b", equals=1)) == ""
    assert "a mapping or a list" in unmet(tmp_path, fact("x.yaml", key="a", equals=1))
    assert not made.exists()


def test_reads_nothing_outside_of_the_checkout(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    root.mkdir()
    (tmp_path / "x.json").write_text('{"a": 1}')
    (root / "link.json").symlink_to(tmp_path / "x.json")
    asked = {"key": "a", "equals": 1}
    assert "out of the checkout" in unmet(root, fact("link.json", **asked))
    assert unmet(root, fact("../x.json", **asked)) == "`../x.json` is not there"
    assert unmet(root, fact(str(tmp_path / "x.json"), **asked)) == ""


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "large.json").touch()
    os.truncate(tmp_path / "large.json", 2**31)
    for name in ("x.yaml", "pipe.json", "loop.json", "large.json", "a\0b.json"):
        assert name in unmet(tmp_path, fact(name, key="a"))
