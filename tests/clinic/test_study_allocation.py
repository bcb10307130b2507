"""Who reads what, in which order and in which letters: drawn by a key, balanced for every reader."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from clinic.studies.allocation import CONTROL_ARMS, Design, plan
from clinic.studies.keyed import Keyed
from clinic.studies.williams import square

METHODS = ("inclg", "edgeconnect", "lafin", "ctsdg")
SEED = bytes(range(32))


def design(*sizes: int, **other: object) -> Design:
    groups = tuple(tuple(f"case-{group}-{place}" for place in range(size)) for group, size in enumerate(sizes))
    plain = {
        "training": (),
        "control": (),
        "readers": 3,
        "readers_per_case": 3,
        "repeat_share": 0,
        "repeat_distance": 4,
    }
    return Design(scored=groups, methods=METHODS, **{**plain, **other})


def position_counts(sheets, reader):
    counts = Counter()
    for sheet in sheets:
        if sheet.reader == reader and sheet.kind == "scored":
            counts.update((method, place) for place, method in enumerate(sheet.methods))
    return [counts[method, place] for method in METHODS for place in range(4)]


@pytest.mark.parametrize("size", [4, 6, 8])
def test_in_a_williams_square_every_method_follows_every_other_exactly_once(size):
    rows = square(size)

    assert all(sorted(column) == list(range(size)) for column in zip(*rows, strict=True))
    followers = Counter(pair for row in rows for pair in pairwise(row))
    assert len(followers) == size * (size - 1)
    assert set(followers.values()) == {1}


def test_an_odd_number_of_methods_has_no_single_balanced_square():
    with pytest.raises(ValueError, match="even number"):
        square(5)


@pytest.mark.parametrize("sizes", [(1,), (4,), (10,), (24,), (10, 24), (3, 6), (5, 5, 5), (1, 2, 3)])
def test_every_method_stands_equally_often_at_every_letter_for_every_reader(sizes):
    sheets = plan(design(*sizes, readers=5, readers_per_case=5), SEED)

    for reader in range(5):
        counts = position_counts(sheets, reader)
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("sizes", [(10, 24), (3, 6), (5, 5, 5), (1, 2, 3)])
def test_the_balance_holds_within_each_data_set_too(sizes):
    sheets = plan(design(*sizes), SEED)

    for group in range(len(sizes)):
        own = [sheet for sheet in sheets if sheet.case.startswith(f"case-{group}-")]
        for reader in range(3):
            counts = position_counts(own, reader)
            assert max(counts) - min(counts) <= 1


def test_the_balance_survives_hidden_repeats():
    sheets = plan(design(10, repeat_share=0.2), SEED)

    for reader in range(3):
        counts = position_counts(sheets, reader)
        assert max(counts) - min(counts) <= 1


def test_four_readers_see_a_case_with_every_method_once_at_every_letter():
    sheets = plan(design(7, 9, readers=4, readers_per_case=4), SEED)

    columns = defaultdict(list)
    for sheet in sheets:
        for place, method in enumerate(sheet.methods):
            columns[sheet.case, place].append(method)
    assert all(sorted(methods) == sorted(METHODS) for methods in columns.values())


def test_the_same_key_draws_the_same_order_and_another_key_another():
    assert plan(design(12), SEED) == plan(design(12), SEED)
    assert plan(design(12), SEED) != plan(design(12), SEED[::-1])


def test_readers_go_through_the_cases_in_different_orders():
    sheets = plan(design(12), SEED)

    orders = {reader: tuple(sheet.case for sheet in sheets if sheet.reader == reader) for reader in range(3)}
    assert len(set(orders.values())) == 3
    assert len({frozenset(order) for order in orders.values()}) == 1


def test_in_a_split_study_each_case_goes_to_as_many_readers_as_agreed():
    sheets = plan(design(10, readers=5, readers_per_case=2), SEED)

    assert set(Counter(sheet.case for sheet in sheets).values()) == {2}
    loads = Counter(sheet.reader for sheet in sheets)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_a_hidden_repeat_comes_late_and_in_other_letters():
    sheets = plan(design(20, repeat_share=0.2, repeat_distance=8), SEED)

    for reader in range(3):
        own = [sheet for sheet in sheets if sheet.reader == reader]
        repeats = [sheet for sheet in own if sheet.repeat]
        assert len(repeats) == 4
        for again in repeats:
            first = next(sheet for sheet in own if sheet.case == again.case and not sheet.repeat)
            assert again.sequence - first.sequence >= 8
            assert again.methods != first.methods


def test_too_few_cases_for_the_distance_give_fewer_repeats_rather_than_near_ones():
    sheets = plan(design(5, repeat_share=0.5, repeat_distance=5), SEED)

    for reader in range(3):
        assert sum(sheet.repeat for sheet in sheets if sheet.reader == reader) <= 1


def test_training_sheets_come_first():
    sheets = plan(design(6, training=("t1", "t2")), SEED)

    for reader in range(3):
        own = sorted((sheet for sheet in sheets if sheet.reader == reader), key=lambda sheet: sheet.sequence)
        assert [sheet.kind for sheet in own[:2]] == ["training", "training"]
        assert {sheet.kind for sheet in own[2:]} == {"scored"}
        assert [sheet.sequence for sheet in own] == list(range(1, 9))


def test_a_control_sheet_hides_an_untouched_face_and_a_broken_fill_among_two_results():
    sheets = plan(design(6, control=("c1",)), SEED)

    controls = [sheet for sheet in sheets if sheet.kind == "control"]
    assert len(controls) == 3
    for sheet in controls:
        assert set(CONTROL_ARMS) < set(sheet.methods)
        assert len(set(sheet.methods) & set(METHODS)) == 2


def test_draws_are_even_and_depend_on_every_label():
    many = Keyed(SEED, "a")
    counts = Counter(many.below(6) for _ in range(6000))

    assert all(850 < count < 1150 for count in counts.values())
    assert Keyed(SEED, "a", "bc").below(2**62) != Keyed(SEED, "ab", "c").below(2**62)


def test_a_short_seed_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Keyed(b"short")
