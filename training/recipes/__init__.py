"""One recipe per method, by name; training.loop takes whichever the settings ask for."""

from collections.abc import Mapping

from training.recipes.ctsdg import CTSDGRecipe
from training.recipes.edgeconnect import EdgeConnectRecipe
from training.recipes.inclg import INCLGRecipe
from training.recipes.lafin import LaFInRecipe
from training.recipes.recipe import Recipe

RECIPES: Mapping[str, type[Recipe]] = {
    "inclg": INCLGRecipe,
    "edgeconnect": EdgeConnectRecipe,
    "lafin": LaFInRecipe,
    "ctsdg": CTSDGRecipe,
}

__all__ = ["RECIPES", "Recipe"]
