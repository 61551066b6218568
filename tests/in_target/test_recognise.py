"""The recogniser's program through its door; tests/bench/test_transcripts.py has the whole way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

REQUEST: dict[str, Any] = {"protocol": 1, "model": "paraformer-zh", "threads": 1, "sounds": []}


def test_without_funasr_it_says_so(tree: Tree) -> None:
    tree.write("site/funasr.py", "import no_such_module\n")
    tree.environment = {"PYTHONPATH": str(tree.folder / "site")}
    ran = tree.ask(REQUEST, script="recognise.py")
    assert (ran.returncode, ran.result["ok"]) == (1, False)
    assert ran.result["missing_module"] == "no_such_module"


def test_a_model_without_weights_is_refused(tree: Tree) -> None:
    model = "class AutoModel:\n    def __init__(self, **options):\n        self.kwargs = options\n"
    tree.write("site/funasr.py", model)
    tree.environment = {"PYTHONPATH": str(tree.folder / "site")}
    ran = tree.ask(REQUEST, script="recognise.py")
    assert ran.result["error"] == "NoModelError"
    assert "paraformer-zh" in ran.result["message"]


def test_a_request_of_another_protocol_is_refused(tree: Tree) -> None:
    ran = tree.ask({**REQUEST, "protocol": 9}, script="recognise.py")
    assert "protocol 9" in ran.result["message"]
