"""Environments and wheels that tests make themselves; nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ACOUSTIC = "sample_tts/acoustic.py"
STEPS = "from sample_tts.acoustic import NFE_STEP; print(NFE_STEP)"
TOY = {"toy.py": b"class Toy:\n    def speak(self):\n        return 1\n"}
SAMPLE = Path(__file__).parents[2] / "patches" / "sample" / "checkout" / "sample_tts"


def sample_package() -> dict[str, bytes]:
    """The sample synthesiser, as the files of an installed package."""
    files = (path for path in sorted(SAMPLE.rglob("*")) if path.is_file())
    kept = (path for path in files if "__pycache__" not in path.parts)
    return {f"sample_tts/{path.relative_to(SAMPLE).as_posix()}": path.read_bytes() for path in kept}


def make_wheel(folder: Path, name: str, version: str, files: Mapping[str, bytes]) -> Path:
    """A pure wheel of these files."""
    escaped = name.replace("-", "_")
    info = f"{escaped}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    wheel = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    all_files = {
        **files,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": wheel.encode(),
    }
    rows = [f"{path},{_hash(data)},{len(data)}" for path, data in all_files.items()]
    record = "\n".join([*rows, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{escaped}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in {**all_files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(path, data)
    return made


def make_environment(folder: Path) -> Path:
    """The python of a new virtual environment, without pip in it: `pip` runs from outside."""
    venv.EnvBuilder(symlinks=sys.platform != "win32").create(folder)
    inside = Path("Scripts/python.exe") if sys.platform == "win32" else Path("bin/python")
    return folder / inside


def site_packages(python: Path) -> Path:
    """Where an environment's pure packages go."""
    return Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))


def pip(python: Path, *arguments: object) -> str:
    """What pip says that works on another interpreter; fails where pip does."""
    options = ("--disable-pip-version-check", "--no-input", "--python", python)
    return run(Path(sys.executable), "-m", "pip", *options, *arguments)


def pip_install(python: Path, wheel: Path, *options: str) -> None:
    pip(python, "install", "--quiet", "--no-index", "--no-deps", *options, wheel)


def run(program: Path, *arguments: object) -> str:
    """Standard output of a program that is to succeed."""
    command = [str(program), *map(str, arguments)]
    end = subprocess.run(command, capture_output=True, text=True, check=False)
    assert end.returncode == 0, end.stdout + end.stderr
    return end.stdout.strip()


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the options that name a package in it."""

    python: Path
    site: Path

    def of(self, name: str) -> tuple[object, ...]:
        return ("--installed", name, "--python", self.python)

    @property
    def sample(self) -> tuple[object, ...]:
        return self.of("sample-tts")

    def steps(self) -> int:
        return int(run(self.python, "-c", STEPS))


def sample_wheel(folder: Path, version: str = "1.2.0", acoustic: bytes = b"") -> Path:
    files = sample_package()
    return make_wheel(
        folder, "sample-tts", version, {**files, ACOUSTIC: acoustic + files[ACOUSTIC]}
    )


def own_files(env: Environment) -> set[str]:
    """What lies in site-packages, bytecode and empty folders too."""
    return {path.relative_to(env.site).as_posix() for path in env.site.rglob("*")}


def _hash(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
