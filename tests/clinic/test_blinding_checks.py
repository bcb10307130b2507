"""Each check of the blinding audit catches the leak planted for it; with that check left out, the leak is not found."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from clinic.studies import leaks
from clinic.studies.evidence import Evidence, gather

pytestmark = pytest.mark.django_db

LETTERS = {"inclg": "i", "edgeconnect": "e", "lafin": "l", "ctsdg": "c"}


def changed(evidence, method, change):
    """The evidence with the pictures of one method changed, or all pictures for ""."""
    pictures = [change(one) if method in ("", one.arm) else one for one in evidence.pictures]
    return replace(evidence, pictures=tuple(pictures))


def pictures(evidence, method, **facts):
    """The evidence with facts of these pictures changed."""
    return changed(evidence, method, lambda one: replace(one, **facts))


def headers(evidence, method, *more):
    """The evidence with more headers on these pictures."""
    return changed(evidence, method, lambda one: replace(one, headers=(*one.headers, *more)))


def kept(evidence, method):
    """The evidence with these pictures open to being kept by a browser."""

    def allowed(one):
        told = ((name, "private" if name == "Cache-Control" else value) for name, value in one.headers)
        return replace(one, headers=tuple(told))

    return changed(evidence, method, allowed)


def first_sheet(evidence, **facts):
    """The evidence with facts of its first scored sheet changed."""
    first = next(one for one in evidence.sheets if one.kind == "scored")
    return replace(evidence, sheets=tuple(replace(one, **facts) if one is first else one for one in evidence.sheets))


def token(evidence, said):
    """The evidence with one token of its first scored sheet replaced."""
    first = next(one for one in evidence.sheets if one.kind == "scored")
    return first_sheet(evidence, tokens=(said, *first.tokens[1:]))


def tokens_by_method(evidence):
    """The evidence with tokens that begin by method: each has the right shape, all together tell everything."""
    sheets = [
        replace(one, tokens=tuple(LETTERS[arm] + said[1:] for arm, said in zip(one.arms, one.tokens, strict=True)))
        for one in evidence.sheets
    ]
    return replace(evidence, sheets=tuple(sheets))


def one_order_for_all(evidence):
    """The evidence with one more reader, who goes through the cases of the first in the same order."""
    reader = evidence.sheets[0].reader
    own = [replace(one, reader="R9") for one in evidence.sheets if one.reader == reader]
    other = [replace(one, tokens=tuple(said[::-1] for said in one.tokens)) for one in own]
    return replace(evidence, sheets=(*evidence.sheets, *other))


def repeats_in_old_letters(evidence):
    """The evidence with each hidden repeat showing its methods at the letters of the first reading."""
    first = {(one.reader, one.case): one.arms for one in evidence.sheets if not one.repeat}
    sheets = [replace(one, arms=first[one.reader, one.case]) if one.repeat else one for one in evidence.sheets]
    return replace(evidence, sheets=tuple(sheets))


def page(evidence, text):
    """The evidence with one more page."""
    return replace(evidence, pages=(*evidence.pages, text))


@dataclass(frozen=True)
class Leak:
    """A leak planted on purpose: the check that is there for it, how it is planted, and which other checks see it."""

    check: str
    plant: Callable[[Evidence], Evidence]
    seen_by: frozenset[str] = frozenset()


def also(*checks):
    return frozenset(checks)


LEAKS = {
    "a favoured letter": Leak("positions", lambda e: replace(e, counts={"R1": {"inclg": [5, 1, 1, 1]}})),
    "a missing slot": Leak("whole", lambda e: first_sheet(e, positions=("A", "B", "C"))),
    "one result twice": Leak("whole", lambda e: first_sheet(e, arms=("inclg", "inclg", "lafin", "ctsdg"))),
    "a missing picture": Leak("present", lambda e: replace(e, pictures=e.pictures[1:])),
    "a shorter file": Leak("length", lambda e: pictures(e, "lafin", length=150_000)),
    "another size": Leak("size", lambda e: pictures(e, "lafin", size=(255, 256))),
    "another colour mode": Leak("size", lambda e: pictures(e, "lafin", mode="P")),
    "EXIF in some files": Leak("chunks", lambda e: pictures(e, "ctsdg", chunks=("IHDR", "eXIf", "IDAT", "IEND"))),
    "a colour profile in all": Leak("chunks", lambda e: pictures(e, "", chunks=("IHDR", "iCCP", "IDAT", "IEND"))),
    "bytes after the end": Leak("chunks", lambda e: pictures(e, "inclg", chunks=("IHDR", "IDAT", "IEND", "rest"))),
    "a header of its own": Leak("headers", lambda e: headers(e, "inclg", ("X-Model", "1"))),
    "an ETag on one method": Leak("cache", lambda e: headers(e, "lafin", ("ETag", "x")), also("headers")),
    "an ETag on all": Leak("cache", lambda e: headers(e, "", ("ETag", "x"))),
    "a date on all": Leak("cache", lambda e: headers(e, "", ("Last-Modified", "x"))),
    "one method that may be kept": Leak("cache", lambda e: kept(e, "lafin"), also("headers")),
    "pictures that may be kept": Leak("cache", lambda e: kept(e, "")),
    "a shifted rim": Leak("outside", lambda e: pictures(e, "edgeconnect", outside=12)),
    "a surround of its own": Leak("rim", lambda e: pictures(e, "edgeconnect", outside_digest="other")),
    "a short token": Leak("tokens", lambda e: token(e, "short")),
    "a long token": Leak("tokens", lambda e: token(e, "x" * 44)),
    "a method name for a token": Leak("tokens", lambda e: token(e, "inclg")),
    "a method name in a token": Leak("tokens", lambda e: token(e, "x" * 19 + "LaFin" + "x" * 19)),
    "a page without an address": Leak("tokens", lambda e: replace(e, pages_unmade=1)),
    "tokens used twice": Leak("reuse", lambda e: first_sheet(e, tokens=e.sheets[-1].tokens)),
    "a token of another study": Leak("reuse", lambda e: replace(e, tokens_elsewhere=1)),
    "a method name in the page": Leak("pages", lambda e: page(e, '<img alt="Result of LaFIn">')),
    "a case code in the page": Leak("ids", lambda e: page(e, f"<!-- {e.secrets[0]} -->")),
    "letters out of order": Leak("order", lambda e: page(e, "".join(f'<i data-position="{x}">' for x in "BACD"))),
    "a method name in the title": Leak("texts", lambda e: replace(e, texts=("INCLG and others",))),
    "one order for two readers": Leak("readers", one_order_for_all),
    "an early repeat": Leak("repeats", lambda e: replace(e, repeat_distance=99)),
    "a repeat in its old letters": Leak("repeats", repeats_in_old_letters),
    "a photograph that was not agreed": Leak("photographs", lambda e: first_sheet(e, photograph="x" * 43)),
    "a slow method": Leak("timing", lambda e: pictures(e, "inclg", seconds=9.0)),
    "tokens that begin by method": Leak("guess", tokens_by_method),
    "a broken seal": Leak("seal", lambda e: replace(e, sealed_digest="0" * 64)),
}  # fmt: skip


@pytest.fixture
def evidence(open_study):
    return gather(open_study(cases=8, repeat_share=0.25, repeat_distance=3))


def found(evidence):
    """The checks that fail."""
    return frozenset(check.key for check in leaks.checks(evidence) if not check.passed)


def test_each_leak_is_seen_by_the_check_it_names_and_by_no_other_than_the_table_says(evidence):
    assert found(evidence) == frozenset()
    seen = {name: found(leak.plant(evidence)) for name, leak in LEAKS.items()}
    assert seen == {name: leak.seen_by | {leak.check} for name, leak in LEAKS.items()}


def test_with_its_check_left_out_a_leak_is_not_found(evidence, monkeypatch):
    by_key = {check(evidence).key: check for check in leaks.CHECKS}
    whole, missed = leaks.CHECKS, {}
    for name, leak in LEAKS.items():
        monkeypatch.setattr(leaks, "CHECKS", tuple(one for one in whole if one is not by_key[leak.check]))
        missed[name] = found(leak.plant(evidence))
    assert missed == {name: leak.seen_by for name, leak in LEAKS.items()}


def test_every_check_is_the_only_one_to_see_some_leak(evidence):
    alone = {leak.check for leak in LEAKS.values() if not leak.seen_by}
    assert alone == {check.key for check in leaks.checks(evidence)}
    assert len(LEAKS) >= 30
