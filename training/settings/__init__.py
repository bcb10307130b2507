"""Every setting of a training run: what a recipe's TOML file may say, and which word in it is wrong.

From a file and the command line to the loop, the recipes and the checkpoint's card.
"""

from training.settings.reading import Settings, read_settings, settings_from
from training.settings.schedule import Contest, Phase, Vgg
from training.settings.shares import DataShare, HoleShares
from training.settings.tables import SettingsError

__all__ = [
    "Contest",
    "DataShare",
    "HoleShares",
    "Phase",
    "Settings",
    "SettingsError",
    "Vgg",
    "read_settings",
    "settings_from",
]
