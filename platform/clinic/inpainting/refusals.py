"""The refusal of this app: one code and one message that says what to do; pages and commands show it as it is."""

from clinic.cases.refusals import Refusal


class InpaintingRefusal(Refusal):
    """Something cannot be sent, tried again or installed."""
