"""Helper modules that patches lay out: made once, imported as the layout asks, gone with the last patch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.editing.python import parsing
from ttsopt.editing.python.parsing import check_python
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
HELPER = "def kept(function):\n    return function\n"
SPEAK = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.speak"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""
SHOW = SPEAK.replace("toy/core.py", "toy/extra.py").replace("Toy.speak", "show")


@pytest.fixture
def helped(toys: Toys) -> Toys:
    (toys.catalogue / "_helpers").mkdir()
    (toys.catalogue / "_helpers" / "toy_kept.py").write_text(HELPER, encoding="utf-8")
    toys.patch("kept-speech", SPEAK)
    toys.patch("kept-show", SHOW)
    return toys


def test_a_helper_comes_with_its_patch_and_goes_with_it(helped: Toys) -> None:
    before = helped.files()
    done = helped.apply("kept-speech")
    assert helped.row(done, "kept-speech").status is Status.APPLIED
    after = helped.files()
    assert after["toy/toy_kept.py"] == HELPER
    assert after["toy/core.py"].startswith("from toy.toy_kept import kept\nimport sys\n")
    assert "    @kept\n    def speak" in after["toy/core.py"]
    assert helped.row(helped.apply("kept-speech"), "kept-speech").why == "applied"
    rollback(helped.checkout)
    assert helped.files() == before
    assert not helped.state.exists()


def test_what_a_patch_makes_of_a_file_is_compiled_and_a_helper_is_not(
    helped: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue has seen that helpers compile; of a result nobody has."""
    compiled: list[bytes] = []

    def noting(raw: bytes) -> None:
        compiled.append(raw)
        check_python(raw)

    monkeypatch.setattr(parsing, "check_python", noting)
    helped.apply("kept-speech")
    after = helped.files()
    assert after["toy/toy_kept.py"] == HELPER
    assert set(compiled) == {after["toy/core.py"].encode()}


def test_in_a_package_the_import_is_relative(helped: Toys) -> None:
    (helped.checkout / "toy" / "__init__.py").write_bytes(b"")
    helped.apply("kept-speech")
    assert helped.files()["toy/core.py"].startswith("from .toy_kept import kept\n")


def test_two_patches_share_a_helper_and_the_last_takes_it_away(helped: Toys) -> None:
    before = helped.files()
    helped.apply("kept-speech")
    helped.apply("kept-show")
    rollback(helped.checkout, ["toy/kept-speech"])
    assert helped.files()["toy/toy_kept.py"] == HELPER
    assert helped.files()["toy/core.py"] == before["toy/core.py"]
    rollback(helped.checkout, ["toy/kept-show"])
    assert helped.files() == before


def test_a_file_of_the_users_own_is_never_replaced(helped: Toys) -> None:
    (helped.checkout / "toy" / "toy_kept.py").write_text("mine = 1\n", encoding="utf-8")
    before = helped.files()
    row = helped.row(helped.apply("kept-speech"), "kept-speech")
    assert (row.status, row.why) == (Status.REFUSED, "file-exists")
    assert "toy/toy_kept.py" in row.hint
    assert helped.files() == before


def test_the_same_file_by_hand_is_used_and_stays(helped: Toys) -> None:
    (helped.checkout / "toy" / "toy_kept.py").write_text(HELPER, encoding="utf-8")
    before = helped.files()
    helped.apply("kept-speech")
    assert helped.files() != before
    rollback(helped.checkout)
    assert helped.files() == before


def test_an_edited_helper_is_kept(helped: Toys) -> None:
    helped.apply("kept-speech")
    helper = helped.checkout / "toy" / "toy_kept.py"
    helper.write_text("mine = 1\n", encoding="utf-8")
    done = rollback(helped.checkout)
    assert done.refusal is not None
    assert "it was edited since" in done.refusal.message
    assert "--force" in done.refusal.hint
    assert helper.read_text(encoding="utf-8") == "mine = 1\n"
    helper.unlink()
    assert rollback(helped.checkout).refusal is None
    assert not helped.state.exists()


def test_a_helper_that_somebody_deleted_is_reported(helped: Toys) -> None:
    before = helped.files()
    helped.apply("kept-speech")
    (helped.checkout / "toy" / "toy_kept.py").unlink()
    states = {path: state.value for path, state in status(helped.checkout).files}
    assert states == {"toy/core.py": "applied", "toy/toy_kept.py": "missing"}
    rollback(helped.checkout)
    assert helped.files() == before


def test_bytecode_of_a_helper_goes_with_it(helped: Toys) -> None:
    helped.apply("kept-speech")
    cached = helped.checkout / "toy" / "__pycache__" / "toy_kept.cpython-311.pyc"
    cached.parent.mkdir()
    cached.write_bytes(b"stale")
    rollback(helped.checkout)
    assert not Path(cached).exists()


SPEAK_ALONE = "class Toy:\n    def speak(self, text):\n        return text\n"
SCRIPT = '\nif __name__ == "__main__":\n    print(Toy().speak("said"))\n'
RELATIVE = "from .toy_kept import kept\n"
WHOLE = "from toy.toy_kept import kept\n"
BARE = "from toy_kept import kept\n"
EITHER = "if __package__:\n    from .toy_kept import kept\nelse:\n    from toy_kept import kept\n"


def lay_out(toys: Toys, **files: str) -> None:
    """Write files of the checkout; `__` in a name stands for a slash, and every file is Python."""
    for name, text in files.items():
        path = toys.checkout / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def patched(toys: Toys, core: str, package: bool = False) -> str:
    """What the patch makes of `toy/core.py`."""
    lay_out(toys, toy__core=core)
    if package:
        (toys.checkout / "toy" / "__init__.py").write_bytes(b"")
    done = toys.apply("kept-speech")
    row = toys.row(done, "kept-speech")
    assert row.status is Status.APPLIED, row.reason
    text: str = toys.files()["toy/core.py"]
    return text


def python(toys: Toys, *arguments: str, path: str = "") -> str:
    """Run Python in the checkout; `path` is a folder of it that PYTHONPATH names."""
    environment = {**os.environ, "PYTHONPATH": str(toys.checkout / path) if path else ""}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=toys.checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_script_of_a_package_imports_it_by_the_package_s_name(helped: Toys) -> None:
    """As IndexTTS does, which its README runs with PYTHONPATH=. and its web page imports."""
    core = "import sys\nfrom toy.extra import show\n" + SPEAK_ALONE + SCRIPT
    assert patched(helped, core, package=True).startswith(WHOLE + "import sys\n")
    assert python(helped, "toy/core.py", path=".") == "said"
    assert python(helped, "-m", "toy.core") == "said"
    assert python(helped, "-c", "import toy.core") == ""


def test_relative_siblings_make_it_relative_without_an_init(helped: Toys) -> None:
    assert patched(helped, "from .extra import show\n" + SPEAK_ALONE).startswith(RELATIVE)
    assert python(helped, "-c", "import toy.core") == ""


def test_bare_siblings_make_it_bare_even_in_a_package(helped: Toys) -> None:
    core = "from extra import show\n" + SPEAK_ALONE
    assert patched(helped, core, package=True).startswith(BARE)
    assert python(helped, "-c", "import core", path="toy") == ""


def test_it_stands_below_what_puts_its_folder_on_the_path(helped: Toys) -> None:
    head = "import os\nimport sys\n\nsys.path.append(os.path.dirname(os.path.dirname(__file__)))\n"
    text = patched(helped, head + "from toy.extra import show\n" + SPEAK_ALONE + SCRIPT)
    assert text.startswith(head + WHOLE + "from toy.extra import show\n")
    assert python(helped, "toy/core.py") == "said"


def test_a_function_that_changes_the_path_counts_where_it_is_called(helped: Toys) -> None:
    head = "import os, sys\n\n\ndef setup():\n    sys.path.insert(0, os.getcwd())\n\n\nsetup()\n"
    text = patched(helped, head + "from toy.extra import show\n" + SPEAK_ALONE + SCRIPT)
    assert text.startswith(head + WHOLE)
    assert python(helped, "toy/core.py") == "said"


def test_another_package_of_the_same_folder_tells_the_path_too(helped: Toys) -> None:
    lay_out(helped, toy__parts__voice="def sing():\n    pass\n", helper="")
    helped.patch("kept-speech", SPEAK.replace("toy/core.py", "toy/parts/core.py"))
    lay_out(helped, toy__parts__core="from extra import show\n" + SPEAK_ALONE)
    helped.apply("kept-speech")
    text = helped.files()["toy/parts/core.py"]
    assert text.startswith("from parts.toy_kept import kept\n")
    assert python(helped, "-c", "import parts.core", path="toy") == ""


def test_a_third_party_of_the_folder_s_name_tells_nothing(helped: Toys) -> None:
    lay_out(helped, toy__torch__part="x = 1\n")
    core = "try:\n    from torch import nn\nexcept ImportError:\n    nn = None\n" + SPEAK_ALONE
    assert patched(helped, core, package=True).startswith(RELATIVE)


def test_a_package_that_is_imported_under_another_name_is_named_so(helped: Toys) -> None:
    core = "import sys\nfrom voices.extra import show\n" + SPEAK_ALONE
    assert patched(helped, core).startswith("from voices.toy_kept import kept\n")
    alias = "import sys, importlib; sys.modules['voices'] = importlib.import_module('toy')"
    assert python(helped, "-c", f"{alias}; import toy.core") == ""


def test_a_copy_below_another_package_keeps_that_one_s_name(helped: Toys) -> None:
    """The folder that was asked about is inside the package that its files name."""
    core = "from vendored.toy.extra import show\n" + SPEAK_ALONE
    assert patched(helped, core).startswith("from vendored.toy.toy_kept import kept\n")


@pytest.mark.parametrize(
    ("importer", "form"),
    [
        ("from toy.core import Toy\n", RELATIVE),
        ("from toy import core\n", RELATIVE),
        ("from .core import Toy\n", RELATIVE),
        ("from . import (\n    core,\n)\n", RELATIVE),
        ("from core import Toy\n", BARE),
        ("import os, core\n", BARE),
        ("import toy.core\nimport core\n", EITHER),
    ],
)
def test_a_file_without_imports_of_its_own_goes_by_its_importers(
    helped: Toys, importer: str, form: str
) -> None:
    lay_out(helped, toy__web=importer)
    assert patched(helped, "import sys\n" + SPEAK_ALONE).startswith(form + "import sys\n")


@pytest.mark.parametrize("package", [True, False])
def test_a_script_without_imports_of_its_own_works_in_both_ways(
    helped: Toys, package: bool
) -> None:
    assert patched(helped, SPEAK_ALONE + SCRIPT, package).startswith(EITHER)
    assert python(helped, "toy/core.py") == "said"
    assert python(helped, "-m", "toy.core") == "said"
    assert python(helped, "-c", "import toy.core") == ""
    assert python(helped, "-c", "import core", path="toy") == ""
    assert helped.row(helped.apply("kept-speech"), "kept-speech").why == "applied"
    rollback(helped.checkout)
    assert helped.files()["toy/core.py"] == SPEAK_ALONE + SCRIPT


def test_a_file_that_the_readme_runs_is_a_script(helped: Toys) -> None:
    (helped.checkout / "README.md").write_text("```\npython toy/core.py --text\n```\n")
    lay_out(helped, toy__web="import toy.core\n")
    assert patched(helped, SPEAK_ALONE).startswith(EITHER)


def test_siblings_imported_one_way_or_the_other_make_it_either(helped: Toys) -> None:
    core = "try:\n    from .extra import show\nexcept ImportError:\n    from extra import show\n"
    assert patched(helped, core + SPEAK_ALONE, package=True).startswith(EITHER)
    assert python(helped, "-c", "import toy.core") == ""
    assert python(helped, "-c", "import core", path="toy") == ""


def test_imports_of_a_function_tell_it_where_there_are_no_others(helped: Toys) -> None:
    core = SPEAK_ALONE + "        from toy.extra import show\n" + SCRIPT
    assert patched(helped, core, package=True).startswith(WHOLE)


def test_an_import_for_type_checkers_tells_nothing(helped: Toys) -> None:
    head = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from extra import show\n"
    assert patched(helped, head + SPEAK_ALONE, package=True).startswith(RELATIVE)


def test_the_other_files_of_the_folder_tell_it_where_nobody_imports_the_file(helped: Toys) -> None:
    lay_out(helped, toy__web="from extra import show\n")
    assert patched(helped, SPEAK_ALONE, package=True).startswith(BARE)


def test_a_decorator_above_the_only_place_of_its_import_is_refused(helped: Toys) -> None:
    move = "import sys\nsys.path.append('.')\nfrom toy.extra import show\n"
    lay_out(helped, toy__core=SPEAK_ALONE + move)
    row = helped.row(helped.apply("kept-speech"), "kept-speech")
    assert (row.status, row.why) == (Status.REFUSED, "mismatch")
    assert "used on line 2, and can be imported from line 6 on" in row.reason


def test_an_import_of_the_helper_that_is_there_is_taken_as_it_is(helped: Toys) -> None:
    (helped.checkout / "toy" / "toy_kept.py").write_text(HELPER, encoding="utf-8")
    text = patched(helped, "from toy.extra import show\n" + RELATIVE + SPEAK_ALONE)
    assert text.count("toy_kept") == 1
