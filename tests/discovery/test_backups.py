"""Backup copies: told by the names that people give them, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.discovery.backups import in_backup
from ttsopt.discovery.find import find_systems
from ttsopt.domain.system import FileSignature, Layout, System

SYSTEM = System(
    "toy", "Toy", "", (Layout("toy", (FileSignature("toy/infer.py", ("def infer",)),)),)
)


@pytest.mark.parametrize(
    "path",
    [
        "F5-TTS_backup",
        "f5_backup_2024-05-01",
        "f5-backup2",
        "backup",
        "Backups/2024/F5-TTS",
        "backup_cosy/cosyvoice",
        "backup-20240501",
        "F5TTSBackup",
        "backend/Cosy.bak",
        "Cosy.bak.1",
        "Cosy-old",
        "cosy (old)",
        "old_cosy",
        "OLD/cosy",
        "GPT-SoVITS_orig",
        "GPT-SoVITS.orig",
        "GPT-SoVITS~",
        "CosyVoice备份",
        "备份/CosyVoice",
        "CosyVoice 備份 2",
    ],
)
def test_a_backup_copy(path: str) -> None:
    assert in_backup(path)


@pytest.mark.parametrize(
    "path",
    [
        ".",
        "..",
        "../..",
        "F5-TTS",
        "third_party/F5-TTS",
        "backend/Cosy",
        "only_tts",
        "dist/app",
        "build/lib",
        "cold_start",
        "threshold",
        "Harold",
        "gold-tts",
        "original",
        "origin",
        "bakery",
        "kabak",
        "tts-old-man-voice",
        "copy of tts",
        "tts - 副本",
        "tts-2",
        "v2024-05-01",
    ],
)
def test_no_backup_copy(path: str) -> None:
    assert not in_backup(path)


def test_a_backup_is_found_and_marked(tmp_path: Path) -> None:
    for root in (".", "toy_backup", "third_party/x", "old/third_party/x"):
        (tmp_path / root / "toy").mkdir(parents=True, exist_ok=True)
        (tmp_path / root / "toy/infer.py").write_text("def infer(): ...\n")
    found = [(one.root, one.backup) for one in find_systems(tmp_path, [SYSTEM])]
    assert found == [
        (".", False),
        ("old/third_party/x", True),
        ("third_party/x", False),
        ("toy_backup", True),
    ]


def test_a_backup_that_the_user_names_is_the_checkout(tmp_path: Path) -> None:
    top = tmp_path / "F5_backup"
    (top / "toy").mkdir(parents=True)
    (top / "toy/infer.py").write_text("def infer(): ...\n")
    for folder, root in ((top, "."), (top / "toy", "..")):
        assert [(one.root, one.backup) for one in find_systems(folder, [SYSTEM])] == [(root, False)]
