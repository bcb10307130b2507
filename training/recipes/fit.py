"""Whether a method's networks can be built and learn as the settings say, asked before anything is built.

Called by training.recipes.recipe for every run, and by `search` for every batch that a trial may draw.
"""

import inspect

from inference.networks import NETWORKS
from training.settings import Phase, Settings, SettingsError

# Five convolutions of a judge leave a score of pictures from this size on.
SMALLEST = 32


def check_fit(settings: Settings, processes: int = 1) -> None:
    """Raises SettingsError, naming the key, where the network cannot be built or cannot take a phase's pictures.

    processes: among how many each batch is shared out.
    """
    _check_network(settings)
    for number, phase in enumerate(settings.phases):
        if complaint := _unfit(phase, settings, processes):
            raise SettingsError(f"phases[{number}]: {complaint}")


def _check_network(settings: Settings) -> None:
    known = inspect.signature(NETWORKS[settings.method]).parameters
    for key, value in settings.network.items():
        if key not in known:
            raise SettingsError(f"network: unknown key {key!r}; known are {', '.join(sorted(known))}")
        if known[key].annotation is bool and not isinstance(value, bool):
            raise SettingsError(f"network: {key} is true or false, not {value!r}")
    width = settings.network.get("width", 1.0)
    if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width <= 1:
        raise SettingsError(f"network: width lies above 0 and at most at 1, the published size, not at {width!r}")


def _unfit(phase: Phase, settings: Settings, processes: int) -> str:
    """Why the networks cannot learn from a phase's pictures; empty where they can."""
    parts = processes * settings.accumulate
    if phase.batch % parts:
        return f"a batch of {phase.batch} has no {parts} equal parts (processes times accumulate)"
    multiple, size = NETWORKS[settings.method].size_multiple, phase.size
    if size % multiple or size < SMALLEST:
        return f"size {size} does not fit {settings.method}; take a multiple of {multiple} from {SMALLEST} on"
    frozen = settings.frozen_norm and "thawed-norm" not in settings.faults
    if size == multiple and phase.batch == parts and not frozen:
        return f"at size {size} batch norms need two pictures at once; take a larger batch or size"
    return ""
