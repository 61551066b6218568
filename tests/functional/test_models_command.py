"""`ttsopt models`: what is needed, what is there, and a download from a server of this machine."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_driver import Cli
from hub_server import HubServer, hub_server
from toy_models import put, toy_catalogue, toy_checkout

ENCODER, VOCODER = b"encoder" * 40000, b"vocoder" * 9000
CLIENTS = {"huggingface": "huggingface_hub", "modelscope": "modelscope"}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    toy_catalogue(tmp_path)
    return toy_checkout(tmp_path)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    files = {
        ("owner/toy.2", "parts/encoder.bin"): ENCODER,
        ("owner/toy.2", "engine.bin"): b"engine",
        ("owner/vocoder", "v.bin"): VOCODER,
    }
    with hub_server(files) as server:
        yield server


def run(toy: Path, server: HubServer | None, *more: str, code: int = 0) -> dict[str, Any]:
    """The JSON of `ttsopt models` in a process of its own: clients read the server's name at import."""
    home = toy.parent / "home"
    home.mkdir(exist_ok=True)
    url = server.url if server else "http://127.0.0.1:9"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))
    }
    names = {"HF_ENDPOINT": url, "MODELSCOPE_ENDPOINT": url, "HOME": str(home)}
    command = ["models", str(toy), "--catalog", str(toy.parent / "own"), *more, "--json"]
    end = subprocess.run(
        [sys.executable, "-m", "ttsopt", *command],
        env=kept | names | {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert end.returncode == code, end.stderr
    return dict(json.loads(end.stdout))


def needs(hub: str) -> None:
    if importlib.util.find_spec(CLIENTS[hub]) is None:
        pytest.skip(f'{CLIENTS[hub]} is not installed: pip install "ttsopt[models]"')


def test_all_is_named_with_its_size_and_where_it_comes_from(cli: Cli, toy: Path) -> None:
    put(toy / "weights/parts/encoder.bin")
    answer = cli("models", toy, "--catalog", toy.parent / "own")
    assert answer.code == 0
    assert "bench takes Toy-2, mixed: real encoder; random vocoder" in answer.out
    assert "+ encoder, about 2 MB" in answer.out
    assert "- vocoder, about 3 MB" in answer.out
    assert "from huggingface owner/vocoder" in answer.out
    assert "(for toy-tts/fast)" in answer.out
    assert "More models, each with --model NAME: Toy-1" in answer.out
    assert f"ttsopt models {toy} --download" in answer.out
    assert max(len(line) for line in answer.out.splitlines() if str(toy) not in line) <= 80


def test_another_model_is_shown_by_its_name(cli: Cli, toy: Path) -> None:
    answer = cli("models", toy, "--catalog", toy.parent / "own", "--model", "Toy-1")
    assert "by hand: a friend has it" in answer.out
    assert "encoder" not in answer.out
    wrong = cli("models", toy, "--catalog", toy.parent / "own", "--model", "Toy-9", "--json")
    assert (wrong.code, wrong.error["code"]) == (2, "unknown-model")


def test_the_data_has_paths_and_sizes(cli: Cli, toy: Path) -> None:
    file = put(toy / "weights/parts/encoder.bin")
    data = cli("models", toy, "--catalog", toy.parent / "own", "--json").data
    encoder, vocoder, engine = data["models"][0]["components"]
    assert encoder["files"][0]["at"] == str(file)
    assert (encoder["there"], vocoder["there"], engine["patches"]) == (
        True,
        False,
        ["toy-tts/fast"],
    )
    assert (encoder["folder"], vocoder["folder"]) == (str(toy / "weights"), None)
    assert data["bench"] == {
        "weights": "mixed",
        "model": "Toy-2",
        "real": ["encoder"],
        "random": ["vocoder"],
    }


@pytest.mark.parametrize("name", CLIENTS)
def test_a_download_comes_whole_where_the_connection_broke(
    toy: Path, hub: HubServer, name: str
) -> None:
    needs(name)
    hub.cut = 70000
    data = run(toy, hub, "--download", "--hub", name)["data"]
    file = toy / "weights/parts/encoder.bin"
    assert file.read_bytes() == ENCODER
    row = data["download"]["files"][0]
    assert (row["at"], row["size"], row["exact"], row["checked"]) == (
        str(file),
        len(ENCODER),
        True,
        True,
    )
    assert data["models"][0]["components"][0]["there"]


def test_from_hugging_face_all_is_there_then_and_nothing_comes_twice(
    toy: Path, hub: HubServer
) -> None:
    needs("huggingface")
    data = run(toy, hub, "--download", "--hub", "huggingface")["data"]
    assert data["bench"]["weights"] == "found"
    cached = Path(data["download"]["files"][1]["at"])
    assert cached.is_relative_to(toy.parent / "home/.cache/huggingface/hub")
    hub.asked.clear()
    again = run(toy, hub, "--download")["data"]
    assert (again["download"]["files"], again["download"]["by_hand"], hub.asked) == ([], [], [])


def test_what_a_patch_alone_needs_comes_when_it_is_asked_for(toy: Path, hub: HubServer) -> None:
    needs("huggingface")
    run(toy, hub, "--download", "--hub", "huggingface", "--for-patches")
    assert (toy / "weights/engine.bin").read_bytes() == b"engine"


def test_what_one_hub_lacks_is_said(toy: Path, hub: HubServer) -> None:
    needs("modelscope")
    data = run(toy, hub, "--download", "--hub", "modelscope")["data"]
    assert [row["component"] for row in data["download"]["by_hand"]] == ["vocoder"]
    assert data["bench"]["weights"] == "mixed"


@pytest.mark.parametrize("name", CLIENTS)
def test_a_file_with_another_checksum_is_not_kept(toy: Path, hub: HubServer, name: str) -> None:
    needs(name)
    hub.lie = True
    answer = run(toy, hub, "--download", "--hub", name, code=5)
    assert answer["errors"][0]["code"] == "bad-checksum"
    assert not (toy / "weights/parts/encoder.bin").exists()


def test_a_file_that_the_hub_does_not_have_is_named(toy: Path, hub: HubServer) -> None:
    needs("huggingface")
    del hub.files["owner/vocoder", "v.bin"]
    answer = run(toy, hub, "--download", "--hub", "huggingface", code=5)
    assert answer["errors"][0]["code"] == "hub-failed"
    assert "owner/vocoder/v.bin" in answer["errors"][0]["message"]
    assert not (toy / "weights").exists()  # nothing is fetched before all is known


def test_a_dry_run_fetches_nothing_and_needs_no_network(toy: Path, hub: HubServer) -> None:
    data = run(toy, hub, "--download", "--dry-run")["data"]
    assert (data["download"]["dry_run"], len(data["download"]["files"])) == (True, 2)
    assert not (toy / "weights").exists()
    offline = run(toy, None, "--download", "--dry-run")["data"]["download"]
    assert [(row["size"], row["exact"]) for row in offline["files"]] == [
        (2000000, False),
        (3000000, False),
    ]


def test_a_full_disk_is_found_before_the_download(
    cli: Cli, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 2**28}))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = ("models", toy, "--catalog", toy.parent / "own", "--download", "--dry-run", "--json")
    answer = cli(*asked)
    assert (answer.code, answer.error["code"]) == (5, "no-room")


def test_without_a_client_the_way_to_one_is_named(
    cli: Cli, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsopt.operations.models.is_installed", lambda _: False)
    answer = cli("models", toy, "--catalog", toy.parent / "own", "--download", "--json")
    assert (answer.code, answer.error["code"]) == (5, "no-client")
    assert 'pip install "ttsopt[models]"' in answer.error["hint"]


def test_the_clients_are_not_imported_before_they_are_used(toy: Path) -> None:
    code = (
        "import sys; sys.argv = ['ttsopt', 'models', sys.argv[1]]; from ttsopt.cli.main import run\n"
        "try: run()\nexcept SystemExit: pass\n"
        "assert not {'huggingface_hub', 'modelscope'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(toy)], check=True, capture_output=True)
