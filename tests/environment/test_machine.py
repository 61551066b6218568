"""The fingerprint of a machine."""

from __future__ import annotations

import dataclasses
import getpass
import os
import platform
import socket
import sys
from pathlib import Path

import pytest

from ttsopt.environment.machine import fingerprint_machine


def test_it_says_what_the_machine_is() -> None:
    found = fingerprint_machine()
    assert 1 <= found.usable_cores <= found.cores
    assert found.memory_bytes > 64 * 1024 * 1024
    assert found.python.endswith(platform.python_version())
    assert found.system.startswith(platform.system())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo")
@pytest.mark.parametrize(
    ("text", "cpu"),
    [
        ("processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 9\n", "AMD EPYC 9"),
        ("processor : 0\nModel           : Raspberry Pi 4\n", "Raspberry Pi 4"),
    ],
)
def test_the_processor_is_named_by_the_kernel(tmp_path: Path, text: str, cpu: str) -> None:
    (tmp_path / "cpuinfo").write_text(text)
    assert fingerprint_machine(tmp_path / "cpuinfo").cpu == cpu


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo")
def test_a_kernel_that_names_none_leaves_it_unknown(tmp_path: Path) -> None:
    assert fingerprint_machine(tmp_path / "gone").cpu == (platform.processor() or "unknown")


def test_it_says_neither_whose_nor_where() -> None:
    words = [str(row) for row in dataclasses.astuple(fingerprint_machine())]
    assert socket.gethostname() not in words
    assert getpass.getuser() not in words
    assert not any(os.getcwd() in row for row in words)  # noqa: PTH109
