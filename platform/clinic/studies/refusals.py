"""Everything that studies refuse, each with words that say what to do.

Raised by the verbs of this package before anything is stored; views show the words at the field, on the sheet or on top
of the page.
"""

from dataclasses import dataclass

from clinic.studies.models import Reading


class Refusal(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Something a person can mend; the message says how."""


class FieldRefusal(Refusal):
    """A protocol or a draft that cannot be stored; `field` names the entry to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ProtocolRefusal(FieldRefusal):
    """An entry of the protocol that cannot be."""


class DraftRefusal(FieldRefusal):
    """A draft that cannot be stored, or is none any more."""


@dataclass(frozen=True)
class Hindrance:
    """One thing that stands in the way of opening: `where` names the part of the draft to mend."""

    where: str
    message: str


class OpeningRefusal(Refusal):
    """A study that may not open; `hindrances` says everything there is to mend."""

    def __init__(self, hindrances: list[Hindrance]) -> None:
        super().__init__(" ".join(hindrance.message for hindrance in hindrances))
        self.hindrances = hindrances


class SheetRefusal(Refusal):
    """A sheet that breaks a rule; `code` is for the page, the message for the reader."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StaleSheet(SheetRefusal):
    """The sheet was changed in another window; `reading` is what it is now."""

    def __init__(self, reading: Reading) -> None:
        words = "This sheet was changed in another window. The newer version is shown; nothing of it was lost."
        super().__init__("SHEET-STALE", words)
        self.reading = reading


class LifecycleRefusal(Refusal):
    """A step that this study cannot take now, or that this person may not take."""


class PilotRefusal(FieldRefusal):
    """A pilot that cannot answer what is asked; `field` names the entry to mend."""


class ReleaseRefusal(FieldRefusal):
    """A file that does not leave; `field` names the choice to mend."""


class InvitationRefusal(FieldRefusal):
    """A link that cannot be made or taken back; `field` names the entry to mend."""


class InvitationGone(Refusal):
    """A link that was used, taken back, is over, or never was."""


class StillBlinded(Refusal):
    """The study is not unblinded; nothing per method may be known."""


class PictureGone(Refusal):
    """The picture's case was erased, or it was never there."""
