"""Draw the blinded order of a study, seal it, and open the seal again for the few who may.

From a checked draft (clinic.studies.opening) to Reading and Placement rows and one sealed arm key per reader. The arm
key says which method stands at which letter; it is asked for by the picture a reader fetches, and by export once the
study is unblinded.
"""

from collections.abc import Iterable, Mapping, Sequence
from json import loads
from secrets import token_bytes
from typing import Any

from django.db import transaction

from clinic.cases.models import Phase
from clinic.studies import protocol
from clinic.studies.addresses import new_token
from clinic.studies.allocation import Design, Sheet, plan
from clinic.studies.keyed import SEED_BYTES
from clinic.studies.models import (
    POSITIONS,
    FrozenResult,
    Placement,
    Reading,
    SheetKind,
    Study,
    StudyCase,
    StudyReader,
)
from clinic.studies.protocol import Protocol
from clinic.studies.ready import results_of_all
from clinic.vault.errors import VaultError
from clinic.vault.models import SealedObject
from clinic.vault.store import discard, new_case_key, seal, unseal
from clinic.vault.vml1 import Kind

Arms = Mapping[int, tuple[str, ...]]
Counts = dict[str, dict[str, list[int]]]


@transaction.atomic
def allocate(study: Study) -> None:
    """Draw and seal the whole order of a draft study: results frozen, sheets and tokens written, digest set.

    Anything drawn for an earlier draft is thrown away first. The same study drawn twice gets different orders.
    """
    forget(study)
    seed = token_bytes(SEED_BYTES)
    cases = _freeze_results(study)
    readers = list(study.readers.all())
    sheets = plan(design_of(study, readers), seed)
    _write_sheets(sheets, readers, cases, protocol.read(study.protocol))
    _seal(study, seed, sheets, readers)


@transaction.atomic
def forget(study: Study) -> None:
    """Throw away everything that was drawn for a draft: sheets, tokens, seed and arm keys."""
    Reading.objects.filter(study_reader__study=study).delete()
    drawn = [reader.arm_key for reader in study.readers.select_related("arm_key")]
    study.readers.update(arm_key=None)
    drawn.append(study.seed)
    study.seed, study.allocation_digest = None, ""
    study.save(update_fields=["seed", "allocation_digest"])
    for sealed in drawn:
        if sealed is not None:
            discard(sealed)


def design_of(study: Study, readers: Sequence[StudyReader]) -> Design:
    """What is to be drawn, from the draft: cases by kind in a fixed order, methods and the protocol's numbers."""
    agreed = protocol.read(study.protocol)
    cases = list(study.cases.order_by("id").values_list("id", "kind", "case__dataset"))

    def of(kind: SheetKind, dataset: str | None = None) -> tuple[str, ...]:
        return tuple(str(one) for one, its, named in cases if its == kind and dataset in (None, named))

    return Design(
        scored=tuple(of(SheetKind.SCORED, dataset) for dataset in sorted({named for *_, named in cases})),
        training=of(SheetKind.TRAINING),
        control=of(SheetKind.CONTROL),
        methods=tuple(study.methods.values_list("method", flat=True)),
        readers=len(readers),
        readers_per_case=agreed.readers_per_case if agreed.assignment == protocol.SPLIT else len(readers),
        repeat_share=agreed.repeat_share,
        repeat_distance=agreed.repeat_distance,
    )


def seal_arms(study: Study, reader: StudyReader, order: Mapping[str, Sequence[str]]) -> SealedObject:
    """Seal one reader's arm key, methods at A to D by sequence, under the study's key. Raises VaultError."""
    if study.key is None:
        raise VaultError("this study has no key yet: draw its order first")
    return seal(study.key, Kind.SECRET, protocol.canonical(dict(order)), context=_arm_context(reader))


def arms(reader: StudyReader) -> Arms:
    """The opened arm key of one reader: sequence of the sheet -> methods at A, B, C, D. Raises VaultError."""
    if reader.arm_key is None:
        return {}
    stored = loads(unseal(reader.arm_key, context=_arm_context(reader)))
    # Four methods have 24 orders: each is kept once, however many sheets there are.
    orders: dict[tuple[str, ...], tuple[str, ...]] = {}
    read = ((int(sequence), tuple(methods)) for sequence, methods in stored.items())
    return {sequence: orders.setdefault(order, order) for sequence, order in read}


def arm_at(placement: Placement) -> str:
    """What stands at this letter of this sheet: a method, or a control's arm. Raises VaultError."""
    reading = placement.reading
    return arms(reading.study_reader)[reading.sequence][POSITIONS.index(placement.position)]


def opened_allocation(study: Study) -> dict[str, Any]:
    """Seed and all arm keys as one JSON document, whose SHA-256 is the allocation digest. Raises VaultError."""
    keys = {
        reader.code: {str(sequence): list(methods) for sequence, methods in arms(reader).items()}
        for reader in study.readers.all()
    }
    seed = unseal(study.seed, context=_seed_context(study)) if study.seed else b""
    return _document(seed, keys)


def digest_of(study: Study) -> str:
    """SHA-256 of seed and arm keys as they are sealed now; equal to the published one unless something was moved."""
    return protocol.digest(opened_allocation(study))


def position_counts(study: Study) -> Counts:
    """Per reader code and method, how often it stands at A, B, C and D on the scored sheets of first readings."""
    counts: Counts = {}
    for reader in study.readers.all():
        opened = arms(reader)
        counted = reader.readings.filter(kind=SheetKind.SCORED, repeat=0).values_list("sequence", flat=True)
        counts[reader.code] = counts_of(opened[sequence] for sequence in counted if sequence in opened)
    return counts


def counts_of(orders: Iterable[tuple[str, ...]]) -> dict[str, list[int]]:
    """How often each method stands at each letter in these orders."""
    table: dict[str, list[int]] = {}
    for methods in orders:
        for place, method in enumerate(methods):
            table.setdefault(method, [0] * len(methods))[place] += 1
    return table


def _freeze_results(study: Study) -> dict[str, StudyCase]:
    FrozenResult.objects.filter(study_case__study=study).delete()
    cases = list(study.cases.prefetch_related("case__photograph__crops__masks"))
    there = results_of_all(cases)
    StudyCase.objects.bulk_update(cases, ["mask"], batch_size=100)
    FrozenResult.objects.bulk_create(
        FrozenResult(study_case=one, method=method, result=result)
        for one in cases
        for method, result in there.get(one.pk, {}).items()
    )
    return {str(one.pk): one for one in cases}


def _last_sheets(sheets: Sequence[Sheet], number: int) -> set[Sheet]:
    """The last scored first readings of each reader, on which the blinding itself is asked about."""
    scored: dict[int, list[Sheet]] = {}
    for sheet in sheets:
        if sheet.kind == SheetKind.SCORED and not sheet.repeat:
            scored.setdefault(sheet.reader, []).append(sheet)
    return {sheet for own in scored.values() for sheet in own[max(0, len(own) - number) :]}


def _write_sheets(
    sheets: Sequence[Sheet], readers: Sequence[StudyReader], cases: Mapping[str, StudyCase], agreed: Protocol
) -> None:
    asking = _last_sheets(sheets, agreed.guesses)
    photographed = {key for key, one in cases.items() if agreed.photograph and one.case.phase == Phase.PRE_OP}
    readings = [
        Reading(
            asks_guess=sheet in asking,
            photograph_token=new_token() if sheet.case in photographed else None,
            study_reader_id=readers[sheet.reader].pk,
            study_case_id=cases[sheet.case].pk,
            sequence=sheet.sequence,
            repeat=sheet.repeat,
            kind=sheet.kind,
        )
        for sheet in sheets
    ]
    Reading.objects.bulk_create(readings, batch_size=500)
    placements = [
        Placement(reading_id=reading.pk, position=position, token=new_token())
        for reading in readings
        for position in POSITIONS
    ]
    Placement.objects.bulk_create(placements, batch_size=500)


def _seal(study: Study, seed: bytes, sheets: Sequence[Sheet], readers: Sequence[StudyReader]) -> None:
    if study.key is None:
        study.key = new_case_key()
    study.seed = seal(study.key, Kind.SECRET, seed, context=_seed_context(study))
    keys: dict[str, dict[str, list[str]]] = {reader.code: {} for reader in readers}
    for sheet in sheets:
        keys[readers[sheet.reader].code][str(sheet.sequence)] = list(sheet.methods)
    for reader in readers:
        reader.arm_key = seal_arms(study, reader, keys[reader.code])
        reader.save(update_fields=["arm_key"])
    study.allocation_digest = protocol.digest(_document(seed, keys))
    study.save(update_fields=["key", "seed", "allocation_digest"])


def _seed_context(study: Study) -> tuple[bytes, ...]:
    return (b"study-seed", study.pk.bytes)


def _arm_context(reader: StudyReader) -> tuple[bytes, ...]:
    return (b"arm-key", reader.study_id.bytes, reader.pk.bytes)


def _document(seed: bytes, keys: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, Any]:
    # The seed makes the digest safe to publish: without it the few possible orders could be tried one by one.
    return {"seed": seed.hex(), "readers": keys}
