"""Classes of devices, as results and `--device` name them."""

from __future__ import annotations

import pytest

from ttsopt.domain.device_class import parse_device, vendor_of

AMX, AVX2 = parse_device("cpu:intel:amx"), parse_device("cpu:amd:avx2")


@pytest.mark.parametrize(
    "text",
    ["any", "cpu", "cpu:amd", "cpu:intel:amx", "cpu:any:avx512-bf16", "cuda", "cuda:9.0"],
)
def test_a_class_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_device(text)) == text


@pytest.mark.parametrize(
    "text", ["", "gpu", "cuda:9", "cuda:9.0:1", "cpu:via", "cpu:amd:mmx", "any:1"]
)
def test_what_is_no_class_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected any, cpu"):
        parse_device(text)


@pytest.mark.parametrize(
    ("device", "one", "holds"),
    [
        ("cpu:intel:amx", "cpu:intel:amx", True),
        ("cpu:intel:amx", "cpu:intel:avx512", False),
        ("cpu:intel:amx", "cpu:intel:unknown", False),
        ("cpu:intel", "cpu:intel:unknown", True),
        ("cpu:unknown:unknown", "cpu:unknown:unknown", False),
        ("cuda:9.0", "cuda:8.0", False),
        ("cuda", "cuda:8.0", True),
        ("any", "cuda:8.0", True),
        ("cpu", "cuda:8.0", False),
    ],
)
def test_a_result_is_of_a_class_by_all_of_its_parts(device: str, one: str, holds: bool) -> None:
    assert parse_device(device).holds(parse_device(one)) is holds


@pytest.mark.parametrize(
    ("device", "wanted", "reaches"),
    [
        ("cpu:intel:amx", "cpu:any:avx512-bf16", True),
        ("cpu:amd:avx512", "cpu:any:avx512-bf16", False),
        ("cpu:arm:sve", "cpu:any:avx2", False),
        ("cpu:arm:sve", "cpu:any:neon", True),
        ("cpu:intel:amx", "cpu:amd", False),
        ("cpu:unknown:unknown", "cpu:amd", False),
        ("cpu:unknown:unknown", "cpu", True),
        ("cuda:10.0", "cuda:8.0", True),
        ("cuda:7.5", "cuda:8.0", False),
        ("cuda", "cuda:8.0", True),
        ("cuda:9.0", "cpu", False),
        ("any", "cuda:8.0", True),
    ],
)
def test_a_device_reaches_what_its_level_is_beyond(device: str, wanted: str, reaches: bool) -> None:
    assert parse_device(device).reaches(parse_device(wanted)) is reaches


def test_a_processor_names_its_vendor() -> None:
    names = (
        "AMD EPYC 9B14",
        "Intel(R) Xeon(R) Processor",
        "Apple M3",
        "Neoverse-N1",
        "a processor",
    )
    assert [vendor_of(name) for name in names] == ["amd", "intel", "apple", "arm", "unknown"]
