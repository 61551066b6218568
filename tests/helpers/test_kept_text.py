"""The helper that keeps normalised short texts: same answers, fewer calls, bounded, and it can be turned off."""

from __future__ import annotations

import copy
import gc
import importlib.util
import pickle
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HELPER = Path(__file__).parents[2] / "patches" / "_helpers" / "ttsopt_kept_text.py"
NAME = "ttsopt_kept_text"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(NAME, HELPER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module  # as an import would: pickle finds its classes by name
    spec.loader.exec_module(module)
    return module


Method = Callable[..., Any]
kept_text: Callable[[int, int], Callable[[Method], Method]] = load().kept_text


class Frontend:
    """A text front end that counts its work."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.suffix = "."

    @kept_text(20, 3)
    def normalize(self, text: Any, split: object = True, upper: bool = False) -> Any:
        self.calls.append(text)
        if not isinstance(text, str):
            return [text]
        if text == "wrong":
            raise ValueError(text)
        made = (text.upper() if upper else text).strip() + self.suffix
        return made if split is False else made.split("|")


@pytest.fixture
def frontend() -> Frontend:
    return Frontend()


def test_a_text_is_normalised_once(frontend: Frontend) -> None:
    first = frontend.normalize("a|b")
    assert frontend.normalize("a|b") == first == ["a", "b."]
    assert frontend.calls == ["a|b"]


def test_what_was_kept_is_counted_and_what_is_not_to_be_kept_is_not(frontend: Frontend) -> None:
    count: Callable[[], dict[str, int]] = sys.modules[NAME].cache_counts
    before = count()
    for text in ("a", "a", "b", "a", "c" * 20, "c" * 20):
        frontend.normalize(text)
    assert {what: number - before[what] for what, number in count().items()} == {
        "hits": 2,
        "misses": 2,
    }


def test_a_caller_may_change_the_list_that_it_got(frontend: Frontend) -> None:
    frontend.normalize("a|b").append("c")
    frontend.normalize("a|b").clear()
    assert frontend.normalize("a|b") == ["a", "b."]
    assert len(frontend.calls) == 1


def test_every_argument_counts(frontend: Frontend) -> None:
    assert frontend.normalize("a|b", False) == "a|b."
    assert frontend.normalize("a|b", split=False) == "a|b."
    assert frontend.normalize("a|b", True) == ["a", "b."]
    assert frontend.normalize("a|b", upper=True) == ["A", "B."]
    assert frontend.normalize(text="a|b", split=False) == "a|b."
    assert frontend.normalize(split=False, text="a|b") == "a|b."
    assert len(frontend.calls) == 5


def test_false_is_not_zero(frontend: Frontend) -> None:
    assert frontend.normalize("a|b", False) == "a|b."
    assert frontend.normalize("a|b", 0) == ["a", "b."]


def test_a_text_of_the_limit_or_longer_is_not_kept(frontend: Frontend) -> None:
    for text in ["a" * 19, "b" * 20]:
        assert frontend.normalize(text) == [text + "."] == frontend.normalize(text)
    assert frontend.calls == ["a" * 19, "b" * 20, "b" * 20]


def test_a_generator_goes_through_unread(frontend: Frontend) -> None:
    def words() -> Iterator[str]:
        yield "one"

    text = words()
    assert frontend.normalize(text) == [text]
    assert list(text) == ["one"]


def test_a_text_of_a_class_of_its_own_is_not_kept(frontend: Frontend) -> None:
    class Marked(str):
        __slots__ = ()

    frontend.normalize(Marked("a"))
    frontend.normalize(Marked("a"))
    assert len(frontend.calls) == 2


def test_an_argument_that_cannot_be_hashed_goes_through(frontend: Frontend) -> None:
    assert frontend.normalize("a", ["x"]) == ["a."] == frontend.normalize("a", ["x"])
    assert len(frontend.calls) == 2


def test_wrong_arguments_fail_as_they_did(frontend: Frontend) -> None:
    with pytest.raises(TypeError):
        frontend.normalize()
    with pytest.raises(TypeError):
        frontend.normalize("a", nonsense=1)


def test_a_failure_is_not_kept(frontend: Frontend) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="wrong"):
            frontend.normalize("wrong")
    assert frontend.calls == ["wrong", "wrong"]


def test_the_oldest_of_too_many_goes(frontend: Frontend) -> None:
    for text in ["a", "b", "c", "a", "d", "a", "b"]:
        assert frontend.normalize(text) == [text + "."]
    assert frontend.calls == ["a", "b", "c", "d", "b"]


def test_an_attribute_set_anew_makes_texts_anew(frontend: Frontend) -> None:
    assert frontend.normalize("a") == ["a."]
    frontend.suffix = "!"
    assert frontend.normalize("a") == ["a!"]
    frontend.language = "zh"  # type: ignore[attr-defined]
    frontend.normalize("a")
    assert len(frontend.calls) == 3


def test_a_result_made_while_the_object_changes_is_not_kept() -> None:
    class Restless(Frontend):
        @kept_text(20, 3)
        def normalize(self, text: Any, split: object = True, upper: bool = False) -> Any:
            made = text + self.suffix
            self.suffix = "!"
            return made

    restless = Restless()
    assert restless.normalize("a") == "a."
    assert restless.normalize("a") == "a!"


def test_what_is_no_text_is_not_kept() -> None:
    class Odd(Frontend):
        @kept_text(20, 3)
        def normalize(self, text: Any, split: object = True, upper: bool = False) -> Any:
            self.calls.append(text)
            return {text: 1}

    odd = Odd()
    odd.normalize("a")["b"] = 2
    assert odd.normalize("a") == {"a": 1}


def test_objects_keep_for_themselves(frontend: Frontend) -> None:
    other = Frontend()
    other.suffix = "?"
    assert frontend.normalize("a") == ["a."]
    assert other.normalize("a") == ["a?"]


@pytest.mark.parametrize("value", ["0", "off", "No", " false "])
def test_it_can_be_turned_off(
    frontend: Frontend, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    frontend.normalize("a")
    monkeypatch.setenv("TTSOPT_KEPT_TEXT", value)
    frontend.normalize("a")
    assert len(frontend.calls) == 2
    monkeypatch.setenv("TTSOPT_KEPT_TEXT", "1")
    frontend.normalize("a")
    assert len(frontend.calls) == 2


def test_nothing_keeps_an_object_alive() -> None:
    frontend = Frontend()
    frontend.normalize("a")
    watched = weakref.ref(frontend)
    del frontend
    gc.collect()
    assert watched() is None


def test_a_copy_begins_with_nothing(frontend: Frontend) -> None:
    frontend.normalize("a")
    for twin in [copy.deepcopy(frontend), pickle.loads(pickle.dumps(frontend))]:  # noqa: S301
        twin.calls.clear()
        assert twin.normalize("a") == ["a."]
        assert twin.calls == ["a"]


def test_the_method_keeps_its_name(frontend: Frontend) -> None:
    assert Frontend.normalize.__name__ == "normalize"


def test_many_threads_get_right_answers(frontend: Frontend) -> None:
    wrong: list[object] = []

    def speak(offset: int) -> None:
        for turn in range(300):
            text = str((turn + offset) % 5)
            if frontend.normalize(text) != [text + "."]:
                wrong.append(text)
            setattr(frontend, f"extra{turn % 7}", turn)

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
