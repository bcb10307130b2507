"""The one training loop and what it needs: a run's state, its steps, its folder, its processes. It knows no method.

From settings and faces to a finished run, for the commands of training.commands.
"""

from training.loop.run import Run
from training.loop.steps import train

__all__ = ["Run", "train"]
