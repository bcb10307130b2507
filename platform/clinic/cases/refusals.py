"""The refusals of this app: one code, one message that says what to do, and the field it belongs to.

From: the intake, crop and mask verbs, which raise them before anything is stored. To: the pages, which show them at
the field.
"""


class Refusal(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Something a person can mend; `code` is for whoever helps, `field` names the form field or is empty."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field


class IntakeRefusal(Refusal):
    """The photograph or a fact of the case cannot be admitted."""


class CropRefusal(Refusal):
    """The square cannot be cut from this photograph."""


class MaskRefusal(Refusal):
    """The hole cannot be used, or the mask file cannot be read as one."""
