"""A patch that finds nothing in its place says where else the construct is, and how it differs there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.planning import make_plan

TREE = "import torch\n\n\nclass Toy:\n    def speak(self, text):\n        return text\n"
CLEAR = """
[[files]]
paths = ["toy/core.py"]
anchor = "class Toy"
[[files.edits]]
in = "Toy.speak"
delete = "torch.cuda.empty_cache()"
"""
LOAD = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.load"
replace = "load_weights(path, device)"
with = "load_packed(path, device)"
"""
SET_STEPS = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
set_const = "flow_steps"
old = ["32"]
new = "7"
"""
DEFAULT_STEPS = SET_STEPS.replace("set_const", 'in = "Toy.speak"\nset_default')
ASSIGNED_STEPS = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.speak"
replace = "flow_steps = 32"
with = "flow_steps = 7"
"""
DECORATED = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "embed_speaker"
decorate = "cache"
"""
ARGUMENT = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.speak"
set_arg = "flow_steps"
call = "self.flow($$$A)"
old = ["32"]
new = "7"
"""
WRITE = "Write it as `ttsopt show toy/one` has it, and plan again."
CHANGE = "If it is the same construct, change it by hand, or with a diff of your own: --patch-file."


class Tree:
    """A checkout of the toy system and one patch, planned."""

    def __init__(self, toys) -> None:  # type: ignore[no-untyped-def]
        self.toys = toys

    def plan(self, patch: str, files: Mapping[str, str | bytes]) -> PlannedPatch:
        self.toys.patch("one", patch)
        for path, text in {"toy/core.py": TREE, "toy/extra.py": "", **files}.items():
            file: Path = self.toys.checkout / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        (row,) = [
            row
            for row in make_plan(self.toys.request("one")).plan.patches
            if row.patch.id == "toy/one"
        ]
        return row


@pytest.fixture
def tree(toys) -> Tree:  # type: ignore[no-untyped-def]
    return Tree(toys)


def speak(*lines: str, imports: str = "import torch") -> str:
    body = "".join(f"        {line}\n" for line in lines)
    return f"{imports}\n\n\nclass Toy:\n    def speak(self, text):\n{body}        return text\n"


def seen(row: PlannedPatch) -> list[tuple[str, int, str, str]]:
    assert row.status is Status.ABSENT
    return [(one.file, one.line, one.difference, one.hint) for one in row.seen_elsewhere]


ALIASES = [
    ("from torch import cuda", "cuda.empty_cache()", "`cuda` there is `torch.cuda`"),
    ("from torch import cuda as c", "c.empty_cache()", "`c` there is `torch.cuda`"),
    (
        "from torch.cuda import empty_cache",
        "empty_cache()",
        "`empty_cache` there is `torch.cuda.empty_cache`",
    ),
    ("import torch as t", "t.cuda.empty_cache()", "`t` there is `torch`"),
    ("import torch.cuda as tc", "tc.empty_cache()", "`tc` there is `torch.cuda`"),
    ("import torch\nfree = torch.cuda", "free.empty_cache()", "`free` there is `torch.cuda`"),
]


@pytest.mark.parametrize(("imports", "call", "difference"), ALIASES)
def test_under_an_alias(tree: Tree, imports: str, call: str, difference: str) -> None:
    row = tree.plan(CLEAR, {"toy/core.py": speak(call, imports=imports)})
    line = 5 + imports.count("\n") + 1
    assert seen(row) == [("toy/core.py", line, difference, WRITE)]
    assert row.reason == "it is not where the patch looks for it, but seen elsewhere"
    assert row.seen_elsewhere[0].text == call


def test_a_name_that_is_no_alias_of_it_is_not_seen(tree: Tree) -> None:
    text = speak("empty_cache()", imports="from numba.cuda import empty_cache")
    row = tree.plan(CLEAR, {"toy/core.py": text})
    assert seen(row) == []
    assert row.reason == "this version has no such construct"


def test_in_another_function_of_the_file(tree: Tree) -> None:
    text = TREE + "\n    def free(self):\n        torch.cuda.empty_cache()\n"
    assert seen(tree.plan(CLEAR, {"toy/core.py": text})) == [
        ("toy/core.py", 9, "in `Toy.free`, where the patch looks in `Toy.speak`", CHANGE)
    ]


def test_with_more_arguments(tree: Tree) -> None:
    text = (
        "class Toy:\n    def load(self, path):\n        load_weights(path, device, strict=False)\n"
    )
    assert seen(tree.plan(LOAD, {"toy/core.py": text})) == [
        ("toy/core.py", 3, "`strict=False`, which the patch does not expect", WRITE)
    ]


@pytest.mark.parametrize(
    ("patch", "code", "difference"),
    [
        (
            SET_STEPS,
            "class Toy:\n    def speak(self, flow_steps=32): ...\n",
            "a parameter's default, where the patch expects an assignment",
        ),
        (
            ASSIGNED_STEPS,
            "class Toy:\n    def speak(self, *, flow_steps=32): ...\n",
            "a parameter's default, where the patch expects an assignment",
        ),
        (
            DEFAULT_STEPS,
            "class Toy:\n    def speak(self): flow_steps = 32\n",
            "an assignment, where the patch expects a parameter's default",
        ),
        (
            DEFAULT_STEPS,
            "class Toy:\n    def speak(self): run(flow_steps=32)\n",
            "an argument of a call, where the patch expects a parameter's default",
        ),
        (
            ARGUMENT,
            "class Toy:\n    def speak(self, flow_steps=32): ...\n",
            "a parameter's default, where the patch expects an argument of a call",
        ),
    ],
)
def test_a_setting_in_another_form(tree: Tree, patch: str, code: str, difference: str) -> None:
    assert seen(tree.plan(patch, {"toy/core.py": code})) == [("toy/core.py", 2, difference, WRITE)]


def test_a_setting_of_another_value_is_not_the_construct(tree: Tree) -> None:
    code = "class Toy:\n    def speak(self, flow_steps=16): ...\n"
    assert seen(tree.plan(SET_STEPS, {"toy/core.py": code})) == []


def test_moved_to_another_file(tree: Tree) -> None:
    moved = speak("torch.cuda.empty_cache()")
    row = tree.plan(CLEAR, {"toy/deep/engine.py": moved})
    assert seen(row) == [("toy/deep/engine.py", 6, "not in toy/core.py", CHANGE)]


def test_a_definition_that_was_moved(tree: Tree) -> None:
    row = tree.plan(DECORATED, {"toy/voice.py": "class V:\n    def embed_speaker(self): ...\n"})
    difference = "not in toy/core.py; in `V`, where the patch looks in `embed_speaker`"
    assert seen(row) == [("toy/voice.py", 2, difference, CHANGE)]


def test_the_file_that_a_patch_names_is_not_there(tree: Tree) -> None:
    patch = CLEAR.replace("toy/core.py", "toy/gone.py")
    row = tree.plan(patch, {"toy/new.py": speak("torch.cuda.empty_cache()")})
    assert seen(row) == [("toy/new.py", 6, "in a file that the patch does not name", CHANGE)]


@pytest.mark.parametrize("folder", ["third_party/x", "tests", "old", "venv"])
def test_what_is_not_the_systems_own_is_not_read(tree: Tree, folder: str) -> None:
    files: dict[str, str | bytes] = {f"{folder}/a.py": speak("torch.cuda.empty_cache()")}
    row = tree.plan(CLEAR, {**files, "venv/pyvenv.cfg": ""})
    assert seen(row) == []
    assert row.reason == "this version has no such construct"


def test_what_is_all_over_the_system_is_not_told(tree: Tree) -> None:
    clears = speak(*["torch.cuda.empty_cache()"] * 3).replace("speak", "free")
    assert seen(tree.plan(CLEAR, {"toy/a.py": clears, "toy/b.py": clears})) == []
    assert len(seen(tree.plan(CLEAR, {"toy/b.py": ""}))) == 3
    moved = speak("torch.cuda.empty_cache()")
    row = tree.plan(CLEAR, {"toy/b.py": clears, "toy/c.py": moved})
    assert [one.file for one in row.seen_elsewhere] == ["toy/c.py"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"torch.cuda.empty_cache()\n" + b"#" * 2**20, "toy/odd.py could not be read"),
        (b"torch.cuda.empty_cache(\n", "toy/odd.py could not be read"),
        (b"this is no Python, and has no such words\n", ""),
    ],
)
def test_what_could_not_be_read_is_not_called_absent(tree: Tree, content: bytes, why: str) -> None:
    row = tree.plan(CLEAR, {"toy/odd.py": content})
    expected = "no such construct in the files that were read: "
    reason = expected + why if why else "this version has no such construct"
    assert (seen(row), row.reason) == ([], reason)


def test_more_files_than_are_read_are_told(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ttsopt.operations.plan.elsewhere.MOST_FILES", 4)
    row = tree.plan(CLEAR, {f"toy/part_{number}.py": "" for number in range(5)})
    assert row.reason == "no such construct in the files that were read: there are more than 4"


def test_a_link_that_leads_out_of_the_checkout_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text(speak("torch.cuda.empty_cache()"), encoding="utf-8")
    (tree.toys.checkout / "toy" / "linked.py").symlink_to(outside / "a.py")
    (tree.toys.checkout / "toy" / "linked").symlink_to(outside)
    assert seen(tree.plan(CLEAR, {})) == []


def test_a_patched_file_is_searched_as_it_was(tree: Tree) -> None:
    tree.toys.patch(
        "other", LOAD.replace("load_packed(", "torch.cuda.empty_cache(").replace("Toy.", "")
    )
    core = {"toy/core.py": "class Toy: ...\n\n\ndef load(path):\n    load_weights(path, device)\n"}
    assert seen(tree.plan(CLEAR, core)) == []
    tree.toys.apply("other")
    row = tree.toys.row(tree.toys.apply("one"), "one")
    assert "empty_cache" in (tree.toys.checkout / "toy/core.py").read_text()
    assert seen(row) == []


def test_optional_edits_are_looked_for_where_a_patch_has_no_others(tree: Tree) -> None:
    optional = CLEAR + "optional = true\n"
    text = speak("cuda.empty_cache()", imports="from torch import cuda")
    assert len(seen(tree.plan(optional, {"toy/core.py": text}))) == 1
    both = optional + '[[files.edits]]\ndelete = "self.something_else()"\n'
    assert seen(tree.plan(both, {"toy/core.py": text})) == []


def test_what_applies_looks_nowhere_else(tree: Tree) -> None:
    call = speak("torch.cuda.empty_cache()")
    row = tree.plan(CLEAR, {"toy/core.py": call, "toy/other.py": call})
    assert (row.status, row.seen_elsewhere) == (Status.APPLIED, ())
