"""What leaves the platform for the worker: a blanked crop in a sealed order, and nothing of the patient."""

import base64
import json
import time
from pathlib import Path

import numpy as np
import pytest

from clinic.cases import pictures
from clinic.inpainting import dispatch
from clinic.inpainting.models import OutboxEntry
from clinic.inpainting.orders import reply_secret
from inference.contract import SIZE, Order
from inference.envelope import open_order


@pytest.fixture
def opened(grey_worker):
    """Open a sealed order as the worker would."""

    def open_as_worker(sealed: bytes) -> Order:
        return open_order(sealed, grey_worker.desk.keys, grey_worker.desk.platform, int(time.time()))[1]

    return open_as_worker


def order_in(message: Path) -> bytes:
    """The sealed order that a message of the broker carries."""
    (encoded,), _, _ = json.loads(base64.b64decode(json.loads(message.read_text())["body"]))
    return base64.b64decode(encoded)


def test_the_broker_holds_neither_names_nor_lip_pixels(rosa, make_mask, inpaint_all, broker, opened):
    """T09, and half of T08: every byte of the broker's folder, encoded and decoded, and what the worker can open."""
    mask = make_mask(rosa, "VM-CANARY-0145")
    dispatch.run(mask, rosa)
    dispatch.publish_pending()

    crop, hole = pictures.canonical(mask.crop), pictures.hole(mask)
    case = mask.crop.photograph.case
    lip = [crop[row, 90:170].tobytes() for row in range(150, 200)]
    cheek = [crop[row, 10:80].tobytes() for row in range(0, SIZE, 8)]
    told = [b"CANARY", b"rosa", b"Rosa", b"Ward", b"ward", str(case.id).encode(), case.id.bytes, mask.id.bytes]
    needles = [*told, *lip, *cheek, *(base64.b64encode(row)[4:-4] for row in lip + cheek)]
    messages = [path for path in broker.rglob("*") if path.is_file()]
    assert len(messages) == 4
    assert len({len(order_in(message)) for message in messages}) == 1
    for message in messages:
        for content in (message.read_bytes(), order_in(message)):
            assert [needle for needle in needles if needle in content] == []
        order = opened(order_in(message))
        assert not order.pixels[hole].any()
        assert (order.pixels[~hole] == crop[~hole]).all()


def test_changing_only_the_lip_changes_nothing_that_the_worker_sees(rosa, make_mask, inpaint_all, opened):
    """T08, non-interference: many holes of any shape, and under each another lip."""
    chance = np.random.default_rng(9)
    for number in range(12):
        hole = chance.random((SIZE, SIZE)) < chance.uniform(0.05, 0.9)
        pixels = chance.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
        other = np.where(hole[..., None], chance.integers(0, 256, pixels.shape, np.uint8), pixels)
        for name, picture in (("before", pixels), ("after", other)):
            dispatch.run(make_mask(rosa, f"VM-{number}-{name}", picture, hole), rosa)

        before, after = (
            opened(bytes(OutboxEntry.objects.filter(job__mask__crop__photograph__case__code=code).first().order))
            for code in (f"VM-{number}-before", f"VM-{number}-after")
        )
        assert (before.pixels == after.pixels).all()
        assert (before.hole == after.hole).all()
        assert not before.pixels[hole].any()


def test_what_opens_the_reply_stands_nowhere_in_clear(rosa, make_mask, inpaint_all, data_folder):
    dispatch.run(make_mask(rosa), rosa)
    secrets = []
    for entry in OutboxEntry.objects.all():
        secret = reply_secret(entry)
        secrets += [secret.nonce, secret.private_key]
        assert not any(value in bytes(entry.order) for value in secrets)

    for path in data_folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(value in content for value in secrets), path
