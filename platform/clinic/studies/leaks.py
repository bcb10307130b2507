"""The blinding audit: may anything but the filled lip tell a reader which method made a picture?

From clinic.studies.evidence to a stored BlindingAudit, without whose pass no study opens. Each check says what it
looked at and what it found; every one is shown in the tests to catch a leak planted on purpose.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import asdict, dataclass

from clinic.accounts.models import User
from clinic.studies.addresses import is_sound
from clinic.studies.evidence import Evidence, PictureFacts, gather
from clinic.studies.guessing import best_guess, timing
from clinic.studies.models import POSITIONS, BlindingAudit, Study
from clinic.studies.telling import TELLING, names_a_method

WORD = re.compile(r"[\w-]+")
TILE = re.compile(r'data-position="(.)"')
LONG_LIST = 6  # shorter lists may fall alike by chance
CHUNKS = ("IHDR", "IDAT", "IEND")
# Both tests of chance are strict, so that a sound study fails them hardly ever, yet every leak worth the name is wide.
MOST_DEVIATIONS = 6.0
LEAST_P, MOST_RATIO = 0.001, 1.5


@dataclass(frozen=True)
class Check:
    """One line of the report: what was asked, what was found, and whether it passed."""

    key: str
    says: str
    found: str
    passed: bool


def audit(study: Study, by: User) -> BlindingAudit:
    """Run every check on a study whose order is drawn, and store the report. Raises VaultError."""
    evidence = gather(study)
    report = checks(evidence)
    return BlindingAudit.objects.create(
        study=study,
        ran_by=by,
        draft_number=study.draft_number,
        passed=all(check.passed for check in report),
        pictures=sum(len(sheet.tokens) for sheet in evidence.sheets),
        report={"checks": [asdict(check) for check in report]},
    )


def checks(evidence: Evidence) -> list[Check]:
    """All checks in the order of the page."""
    return [check(evidence) for check in CHECKS]


def positions_balanced(evidence: Evidence) -> Check:
    spread = max((max(row) - min(row) for table in evidence.counts.values() for row in table.values()), default=0)
    says = "Positions balanced: for each reader every method stands equally often at A to D, up to one"
    return Check("positions", says, f"largest difference {spread}", spread <= 1 and bool(evidence.counts))


def sheets_whole(evidence: Evidence) -> Check:
    size = len(POSITIONS)
    wrong = sum(
        sheet.positions != POSITIONS or len(set(sheet.arms)) != size or len(sheet.tokens) != size
        for sheet in evidence.sheets
    )
    return _zero("whole", "Every sheet has four pictures, one at each letter, none twice", wrong, len(evidence.sheets))


def pictures_present(evidence: Evidence) -> Check:
    there = {(picture.case, picture.arm) for picture in evidence.pictures}
    wanted = {(sheet.case, arm) for sheet in evidence.sheets for arm in sheet.arms}
    return _zero("present", "Every picture of every sheet can be opened", len(wanted - there), len(wanted))


def lengths_equal(evidence: Evidence) -> Check:
    wrong = _differing(evidence, lambda picture: picture.length)
    return _zero("length", "Pictures of one case have equal byte length", wrong, _cases(evidence))


def sizes_equal(evidence: Evidence) -> Check:
    wrong = _differing(evidence, lambda picture: (picture.mode, picture.size))
    return _zero("size", "Pictures of one case have equal size and colour mode", wrong, _cases(evidence))


def nothing_inside_files(evidence: Evidence) -> Check:
    wrong = sum(picture.chunks != CHUNKS for picture in evidence.pictures)
    says = "No metadata, colour profile or other extra stands in a picture file"
    return _zero("chunks", says, wrong, len(evidence.pictures))


def headers_equal(evidence: Evidence) -> Check:
    wrong = _differing(evidence, lambda picture: picture.headers)
    return _zero("headers", "Answer headers are the same for all pictures of a case", wrong, _cases(evidence))


def nothing_kept(evidence: Evidence) -> Check:
    wrong = 0
    for picture in evidence.pictures:
        names = {name.lower(): value for name, value in picture.headers}
        wrong += bool({"etag", "last-modified"} & set(names)) or names.get("cache-control") != "no-store"
    says = "No picture may be kept by a browser: no-store, neither ETag nor date"
    return _zero("cache", says, wrong, len(evidence.pictures))


def outside_untouched(evidence: Evidence) -> Check:
    wrong = sum(picture.outside for picture in evidence.pictures)
    return Check("outside", "Outside the hole every picture is the crop itself", f"{wrong} pixels differ", wrong == 0)


def outside_equal(evidence: Evidence) -> Check:
    wrong = _differing(evidence, lambda picture: picture.outside_digest)
    return _zero("rim", "All four pictures of a case share one hole and one surround", wrong, _cases(evidence))


def tokens_random(evidence: Evidence) -> Check:
    # Under a token of another shape a picture has no address, so its page cannot be made, let alone be searched.
    wrong = max(sum(not is_sound(token) for token in _tokens(evidence)), evidence.pages_unmade)
    return _zero("tokens", "Addresses of pictures are 256 random bits and say nothing", wrong, len(_tokens(evidence)))


def tokens_fresh(evidence: Evidence) -> Check:
    tokens = _tokens(evidence)
    wrong = len(tokens) - len(set(tokens)) + evidence.tokens_elsewhere
    says = "No address is used twice, across sheets, readers and studies"
    return _zero("reuse", says, wrong, len(tokens))


def pages_silent(evidence: Evidence) -> Check:
    wrong = sum(any(name in page.lower() for name in TELLING) for page in evidence.pages)
    says = "Pages, labels and hidden text carry no method name"
    return _zero("pages", says, wrong, len(evidence.pages))


def ids_absent(evidence: Evidence) -> Check:
    wrong = sum(_tells(page, evidence.secrets) for page in evidence.pages)
    says = "Pages carry no case code and no id of a case, job, result or checkpoint"
    return _zero("ids", says, wrong, len(evidence.pages))


def page_order(evidence: Evidence) -> Check:
    wrong = 0
    for page in evidence.pages:
        letters = TILE.findall(page)
        wrong += bool(letters) and tuple(letters) != POSITIONS
    return _zero("order", "Pictures stand on the page in the order A, B, C, D", wrong, len(evidence.pages))


def texts_silent(evidence: Evidence) -> Check:
    wrong = sum(names_a_method(text) for text in evidence.texts)
    return _zero("texts", "Study title and texts name no method", wrong, len(evidence.texts))


def orders_differ(evidence: Evidence) -> Check:
    lists: dict[str, list[str]] = {}
    for sheet in sorted(evidence.sheets, key=lambda sheet: sheet.sequence):
        if sheet.kind == "scored" and not sheet.repeat:
            lists.setdefault(sheet.reader, []).append(sheet.case)
    long = [tuple(cases) for cases in lists.values() if len(cases) >= LONG_LIST]
    return _zero("readers", "No two readers go through the cases in one order", len(long) - len(set(long)), len(long))


def repeats_hidden(evidence: Evidence) -> Check:
    first = {(sheet.reader, sheet.case): sheet for sheet in evidence.sheets if not sheet.repeat}
    repeats = [sheet for sheet in evidence.sheets if sheet.repeat]
    wrong = 0
    for again in repeats:
        before = first[again.reader, again.case]
        near = again.sequence - before.sequence < evidence.repeat_distance
        wrong += near or again.arms == before.arms
    says = "Hidden repeats come late enough, in other letters"
    return _zero("repeats", says, wrong, len(repeats))


def photographs_as_agreed(evidence: Evidence) -> Check:
    """A photograph comes only where it was agreed, in the very form of the results beside it."""
    forms = {one.case: (one.length, one.chunks, one.mode, one.size, one.headers) for one in evidence.pictures}
    shown = [sheet for sheet in evidence.sheets if sheet.photograph]
    wrong = 0 if evidence.photograph else len(shown)
    for one in evidence.photographs:
        wrong += (one.length, one.chunks, one.mode, one.size, one.headers) != forms.get(one.case) or one.outside > 0
    says = "The photograph before surgery comes only where it was agreed, in the form of the results"
    return _zero("photographs", says, wrong, len(shown))


def times_equal(evidence: Evidence) -> Check:
    found = timing(evidence)
    passed = found.p >= LEAST_P or found.ratio < MOST_RATIO
    return Check("timing", "Answer times do not depend on the method", f"p = {found.p:.2f}", passed)


def guess_at_chance(evidence: Evidence) -> Check:
    guess = best_guess(evidence)
    found = f"{guess.rate:.2f}, chance {guess.chance:.2f}"
    return Check("guess", "A guessing program does no better than chance", found, guess.deviations < MOST_DEVIATIONS)


def seal_whole(evidence: Evidence) -> Check:
    whole = bool(evidence.stored_digest) and evidence.sealed_digest == evidence.stored_digest
    return Check("seal", "The sealed allocation matches its digest", "equal" if whole else "not equal", whole)


CHECKS: tuple[Callable[[Evidence], Check], ...] = (
    positions_balanced,
    sheets_whole,
    pictures_present,
    lengths_equal,
    sizes_equal,
    nothing_inside_files,
    headers_equal,
    nothing_kept,
    outside_untouched,
    outside_equal,
    tokens_random,
    tokens_fresh,
    pages_silent,
    ids_absent,
    page_order,
    texts_silent,
    orders_differ,
    repeats_hidden,
    photographs_as_agreed,
    times_equal,
    guess_at_chance,
    seal_whole,
)


def _tells(page: str, secrets: Iterable[str]) -> bool:
    """Whether any secret stands in a page, inside a longer word or not.

    Thousands of secrets are looked for in each page: to cut its words into pieces of the secrets' lengths is many times
    faster than to search the page for one after the other.
    """
    by_length: dict[int, set[str]] = {}
    for secret in secrets:
        by_length.setdefault(len(secret) if WORD.fullmatch(secret) else 0, set()).add(secret)
    unusual = by_length.pop(0, set())
    pieces = (
        word[at : at + length] in known
        for word in set(WORD.findall(page))
        for length, known in by_length.items()
        for at in range(len(word) - length + 1)
    )
    return any(pieces) or any(secret in page for secret in unusual)


def _zero(key: str, says: str, wrong: int, of: int) -> Check:
    return Check(key, says, f"{wrong} of {of}", wrong == 0)


def _differing(evidence: Evidence, fact: Callable[[PictureFacts], Hashable]) -> int:
    """The number of cases whose pictures differ in a fact."""
    by_case: dict[str, set[Hashable]] = {}
    for picture in evidence.pictures:
        by_case.setdefault(picture.case, set()).add(fact(picture))
    return sum(len(kinds) > 1 for kinds in by_case.values())


def _cases(evidence: Evidence) -> int:
    return len({picture.case for picture in evidence.pictures})


def _tokens(evidence: Evidence) -> list[str]:
    return [token for sheet in evidence.sheets for token in (*sheet.tokens, sheet.photograph) if token]
