"""The broker that is a folder: messages are whole, in order, taken once, and junk stops nobody."""

from queue import Empty
from threading import Thread

import pytest
from kombu import Connection

from inference.broker import SPOOL


@pytest.fixture
def connect(tmp_path):
    """Open a channel on the folder, as another process would."""
    opened = []

    def connected():
        folder = str(tmp_path)
        connection = Connection(
            f"{SPOOL}://localhost//", transport_options={"data_folder_in": folder, "data_folder_out": folder}
        )
        opened.append(connection)
        return connection.channel()

    yield connected
    for connection in opened:
        connection.release()


def test_messages_come_in_the_order_they_were_sent(connect):
    sender, taker = connect(), connect()
    for number in range(5):
        sender._put("gpu", {"number": number})

    assert [taker._get("gpu")["number"] for _ in range(5)] == list(range(5))
    with pytest.raises(Empty):
        taker._get("gpu")


def test_each_queue_has_its_own_messages(connect):
    channel = connect()
    channel._put("clinic", {"for": "clinic"})

    with pytest.raises(Empty):
        channel._get("gpu")
    assert channel._get("clinic") == {"for": "clinic"}


def test_a_message_is_private_and_taken_messages_leave_nothing(connect, tmp_path):
    channel = connect()
    channel._put("gpu", {"number": 1})
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600

    channel._get("gpu")

    assert list(tmp_path.iterdir()) == []


def test_junk_is_dropped_and_the_next_message_is_taken(connect, tmp_path):
    (tmp_path / "00_junk.gpu.msg").write_bytes(b"\xff\x00 no message")
    channel = connect()
    channel._put("gpu", {"number": 1})

    assert channel._get("gpu") == {"number": 1}
    assert list(tmp_path.iterdir()) == []


def test_four_takers_share_two_hundred_messages_without_loss_or_double(connect):
    sender, taken = connect(), []
    for number in range(200):
        sender._put("gpu", {"number": number})

    def take(channel):
        while True:
            try:
                taken.append(channel._get("gpu")["number"])
            except Empty:
                return

    takers = [Thread(target=take, args=(connect(),)) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert sorted(taken) == list(range(200))
