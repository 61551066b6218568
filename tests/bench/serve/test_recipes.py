"""The servers of the systems that come with ttsopt: recipes without a mistake, and run for real."""

from __future__ import annotations

import pytest

from ttsopt.bench.serve.request import template_problems
from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.serving import ServeRecipe

RECIPES = {row.id: row.serve for row in load_catalogue().systems if row.serve}


def test_these_systems_have_one() -> None:
    assert {"cosyvoice", "f5-tts", "gpt-sovits"} <= set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_no_mistake(name: str) -> None:
    recipe: ServeRecipe = RECIPES[name]
    for template in filter(None, (recipe.request, recipe.stream)):
        assert not list(template_problems(template))
    assert "{port}" in " ".join(recipe.arguments)
    assert recipe.install
