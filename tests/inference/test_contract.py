"""Orders and outcomes as bytes: of one size whatever they hold, and strict about everything."""

import uuid
from dataclasses import replace

import numpy as np
import pytest

from inference.contract import (
    METHODS,
    ORDER_LENGTH,
    OUTCOME_LENGTH,
    SIZE,
    ContractError,
    Order,
    OrderHeader,
    Outcome,
    OutcomeHeader,
    OutcomeStatus,
    no_picture,
    pack_order,
    pack_order_header,
    pack_outcome,
    pack_outcome_header,
    unpack_order,
    unpack_order_header,
    unpack_outcome,
    unpack_outcome_header,
)

ORDER_HEADER = OrderHeader(uuid.uuid4(), 3, "lafin", 1_700_000_000, 1_700_086_400, b"worker!!", b"platform")
OUTCOME_HEADER = OutcomeHeader(OutcomeStatus.PAINTED, uuid.uuid4(), 3, bytes(32), bytes(range(32)), b"worker!!")


@pytest.fixture
def order(crop, hole) -> Order:
    pixels = np.where(hole[..., None], np.uint8(0), crop)
    return Order(b"n" * 32, b"k" * 32, b"c" * 32, 2**64 - 1, hole, pixels)


def test_an_order_reads_back_as_it_was_written(order):
    again = unpack_order(pack_order(order))

    assert (again.nonce, again.result_key, again.checkpoint, again.seed) == (
        order.nonce,
        order.result_key,
        order.checkpoint,
        order.seed,
    )
    assert (again.hole == order.hole).all()
    assert (again.pixels == order.pixels).all()


@pytest.mark.parametrize("method", METHODS)
def test_an_order_s_header_reads_back_for_every_method(method):
    header = replace(ORDER_HEADER, method=method)

    assert unpack_order_header(pack_order_header(header)) == header
    assert len(pack_order_header(header)) == 60


@pytest.mark.parametrize("status", OutcomeStatus)
def test_an_outcome_reads_back_with_every_status(status, crop):
    header = replace(OUTCOME_HEADER, status=status)
    outcome = unpack_outcome(pack_outcome(Outcome(b"n" * 32, 1234, crop)))

    assert unpack_outcome_header(pack_outcome_header(header)) == header
    assert len(pack_outcome_header(header)) == 100
    assert (outcome.nonce, outcome.milliseconds) == (b"n" * 32, 1234)
    assert (outcome.pixels == crop).all()


def test_every_order_and_every_outcome_has_one_length(order, hole):
    """T09: neither the hole nor the picture can be guessed from the size."""
    empty = replace(order, hole=~hole, pixels=no_picture())

    assert len(pack_order(order)) == len(pack_order(empty)) == ORDER_LENGTH == 204_908
    assert len(pack_outcome(Outcome(bytes(32), 0, no_picture()))) == OUTCOME_LENGTH == 196_644


def test_a_picture_with_one_pixel_left_under_the_hole_is_refused(order, hole):
    leaking = order.pixels.copy()
    row, column = np.argwhere(hole)[0]
    leaking[row, column, 2] = 1

    with pytest.raises(ContractError, match="must be blanked"):
        pack_order(replace(order, pixels=leaking))


@pytest.mark.parametrize("length", [0, ORDER_LENGTH - 1, ORDER_LENGTH + 1])
def test_bytes_of_another_length_are_no_order(length):
    with pytest.raises(ContractError, match="an order has"):
        unpack_order(bytes(length))


@pytest.mark.parametrize("length", [0, OUTCOME_LENGTH - 1, OUTCOME_LENGTH + 1])
def test_bytes_of_another_length_are_no_outcome(length):
    with pytest.raises(ContractError, match="an outcome has"):
        unpack_outcome(bytes(length))


def test_an_order_of_another_size_is_refused(order):
    packed = bytearray(pack_order(order))
    packed[104:106] = (512).to_bytes(2, "big")

    with pytest.raises(ContractError, match="not 512 x 256"):
        unpack_order(bytes(packed))


@pytest.mark.parametrize("place", [0, 4, 5, 6, 7])
def test_a_header_with_another_magic_suite_or_slot_is_refused(place):
    for packed, unpack in (
        (pack_order_header(ORDER_HEADER), unpack_order_header),
        (pack_outcome_header(OUTCOME_HEADER), unpack_outcome_header),
    ):
        changed = bytearray(packed)
        changed[place] = 0xFF
        with pytest.raises(ContractError, match="not the header"):
            unpack(bytes(changed))


@pytest.mark.parametrize("field", ["nonce", "result_key", "checkpoint"])
def test_a_short_key_is_refused_rather_than_padded(order, field):
    with pytest.raises(ContractError, match="has 31"):
        pack_order(replace(order, **{field: bytes(31)}))


@pytest.mark.parametrize("field", ["worker_key_id", "platform_key_id"])
def test_a_short_key_id_is_refused_rather_than_padded(field):
    with pytest.raises(ContractError, match="has 7"):
        pack_order_header(replace(ORDER_HEADER, **{field: bytes(7)}))


def test_numbers_that_do_not_fit_are_refused(order):
    with pytest.raises(ContractError, match="does not fit"):
        pack_order(replace(order, seed=2**64))
    with pytest.raises(ContractError, match="does not fit"):
        pack_order_header(replace(ORDER_HEADER, attempt=-1))


def test_an_unknown_method_is_refused():
    with pytest.raises(ContractError, match="unknown method 'telea'"):
        pack_order_header(replace(ORDER_HEADER, method="telea"))


def test_pictures_and_holes_of_another_shape_are_refused(order):
    with pytest.raises(ContractError, match="a picture is"):
        pack_order(replace(order, pixels=np.zeros((SIZE, SIZE), np.uint8)))
    with pytest.raises(ContractError, match="a hole is"):
        pack_order(replace(order, hole=np.zeros((SIZE, SIZE), np.uint8)))
