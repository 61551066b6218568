"""The documentation site: its pages are all there, up to date, and reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import example_page
import pytest
import yaml
from html_pages import Page
from json_page import PAGE, keys_of, page, shape
from system_guides import GUIDES, guides, read_words

from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.pages import page as page_of_a_hint

TOP = Path(__file__).parents[1]
DOCS = TOP / "docs"
SITE: dict[str, Any] = yaml.safe_load((TOP / "mkdocs.yml").read_text(encoding="utf-8"))
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\\)\]\(([^)#\s]+)")
FROM_THE_TOP = {"security.md", "contributing.md", "changelog.md"}  # benchmarks/site_hooks.py


def pages_of(nav: Any) -> Iterator[str]:
    if isinstance(nav, str) and "://" not in nav:
        yield nav
    for row in nav if isinstance(nav, list) else nav.values() if isinstance(nav, dict) else ():
        yield from pages_of(row)


def test_every_page_of_the_site_is_there_and_every_page_is_in_the_site() -> None:
    named = set(pages_of(SITE["nav"]))
    there = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")}
    assert named - FROM_THE_TOP <= there
    beside = {name for name in there if name.startswith(("decisions/", "results/"))}
    assert there - beside <= named


def test_there_is_a_guide_for_every_system() -> None:
    guided = {name for name in pages_of(SITE["nav"]) if name.startswith("guides/")}
    assert guided == {f"guides/{system.id}.md" for system in load_catalogue().systems}


@pytest.mark.parametrize("name", sorted(guides(load_catalogue(), read_words())))
def test_a_guide_is_up_to_date(name: str) -> None:
    made = guides(load_catalogue(), read_words())[name]
    assert (GUIDES / name).read_text(encoding="utf-8") == made, "run `make pages`"


def test_a_guide_names_every_patch_and_what_to_restart() -> None:
    catalogue = load_catalogue()
    for system in catalogue.systems:
        text = (GUIDES / f"{system.id}.md").read_text(encoding="utf-8")
        for patch in catalogue.patches_of(system):
            assert f"catalogue.md#{patch.id.replace('/', '')})" in text
        assert ("## What to restart" in text) == (system.id != "sample")


def test_the_site_is_strict_and_a_visit_asks_nobody_else() -> None:
    assert SITE["strict"] is True
    assert "repo_url" not in SITE, "the theme would ask api.github.com"
    assert SITE["theme"]["font"] is False
    assert set(SITE["validation"]) >= {"absolute_links", "unrecognized_links", "anchors"}


def test_every_relative_link_of_the_pages_leads_to_a_file() -> None:
    for file in DOCS.rglob("*.md"):
        text = CODE.sub("", file.read_text(encoding="utf-8"))
        targets = (target for target in LINK.findall(text) if "://" not in target)
        assert not [target for target in targets if not (file.parent / target).exists()], file.name


def test_a_page_that_a_hint_names_can_be_opened() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (TOP / "src").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r"\bpage\([\"']([\w-]+\.md)", text)}
    assert named
    packaged = (TOP / "pyproject.toml").read_text(encoding="utf-8")
    for name in named:
        assert Path(page_of_a_hint(name)).is_file()
        assert f'"docs/{name}" = "ttsopt/pages/{name}"' in packaged


def test_the_keys_of_json_are_told_with_their_types() -> None:
    data = {"rows": [{"a": 1, "b": None}, {"a": 1.5, "b": "x"}], "parameters": {"n": True}}
    assert shape(data) == {
        "rows": "list",
        "rows[]": "object",
        "rows[].a": "number",
        "rows[].b": "null or string",
        "parameters": "object",
        "parameters.<name>": "true or false",
    }
    assert keys_of(page({"x": data}))["x"] == sorted(shape(data))


def test_the_page_of_json_has_every_command_that_answers_at_once() -> None:
    there = set(keys_of(PAGE.read_text(encoding="utf-8")))
    answering = {"discover", "list", "show", "plan", "apply", "status", "rollback", "bench", "tune"}
    assert answering <= there


def test_the_example_of_a_report_is_as_it_would_be_made_now() -> None:
    """But for its drawings, which every version of matplotlib makes a little otherwise."""
    pytest.importorskip("matplotlib")
    saved, new = (
        re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
        for text in (example_page.MADE.read_text(encoding="utf-8"), example_page.made())
    )
    assert saved == new, "run `make example-page`"


def test_the_example_names_no_path_and_loads_nothing() -> None:
    found = Page(example_page.MADE.read_text(encoding="utf-8"))
    assert found.problems == []
    assert found.tags.count("svg") == 4
    assert [one for one in found.addresses if not one.startswith("#")] == []
    assert not re.search(r"/(work|root|tmp|home|Users)/", found.said)
