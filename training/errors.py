"""The one way a training command refuses: a sentence that says what to do.

Raised by commands, printed by `training.cli` as one line on stderr with exit code 2.
"""


class CommandError(Exception):
    """A request that cannot be met; its text is the one line the user reads."""
