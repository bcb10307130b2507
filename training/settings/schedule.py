"""When and how a run learns: phases with their rates, the contest of generator and judge, where VGG weights lie.

Part of training.settings, which reads them from TOML; obeyed by training.loop and the recipes.
"""

import bisect
import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Phase:
    """A stretch of steps at one picture size, with its own rates and changes to the recipe's loss weights.

    The rate falls to `rate_end` along a cosine (without one it stays), and from each of `milestones`, in steps of this
    phase, on it is multiplied by `factor` once more, as the judge's is.
    """

    steps: int
    size: int = 256
    batch: int = 4
    rate: float = 1e-3
    rate_end: float | None = None
    discriminator_rate: float = 1e-4
    milestones: tuple[int, ...] = ()
    factor: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)

    def rates(self, step: int) -> tuple[float, float]:
        """The generators' and the judges' learning rates at a step of this phase."""
        end = self.rate if self.rate_end is None else self.rate_end
        rate = end + (self.rate - end) * (1 + math.cos(math.pi * (step / self.steps))) / 2
        fallen = self.factor ** bisect.bisect_right(self.milestones, step)
        return rate * fallen, self.discriminator_rate * fallen


@dataclass(frozen=True)
class Contest:
    """How generator and judge learn from each other.

    loss: least_squares or cross_entropy, on scores in [0, 1]. shown: the judge sees the `filled` picture or the raw
    `output`. order: judge_first and generator_first step one before the other looks; together steps both at once.
    """

    loss: str = "least_squares"
    shown: str = "filled"
    order: str = "judge_first"


@dataclass(frozen=True)
class Vgg:
    """Where the perceptual and style terms' VGG weights lie: a file, `download`, or nowhere (empty).

    instead: what stands in for both terms where they lie nowhere: Laplacian `bands`, or `nothing`.
    """

    weights: str = ""
    instead: str = "bands"
