"""Starting the worker: what it must be told, what it drops, and how its Celery app is closed to everything else."""

import pytest

from inference import worker
from inference.broker import BrokerError, celery_settings
from inference.cli import main
from inference.keys import create_worker_keys

FOUR = {
    "VERMILION_BROKER_URL": "redis://broker:6379/0",
    "VERMILION_WORKER_KEYS": "/keys/worker.key",
    "VERMILION_PLATFORM_KEY": "/keys/platform.pub",
    "VERMILION_CHECKPOINTS": "/weights",
}


@pytest.fixture
def nothing_known(monkeypatch):
    """An environment without any of the four variables, and nothing remembered of an earlier one."""
    for name in FOUR:
        monkeypatch.delenv(name, raising=False)
    worker._desk.cache_clear()
    yield
    worker._desk.cache_clear()


@pytest.mark.parametrize("name", FOUR)
def test_a_missing_variable_is_named(name):
    with pytest.raises(worker.WorkerError, match=f"set {name}:"):
        worker.settings_from({**FOUR, name: ""})


def test_the_command_says_what_is_missing_in_one_line(nothing_known, capsys):
    assert main(["worker"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "python -m inference: set VERMILION_BROKER_URL: a worker needs " + ", ".join(FOUR)
    ]


def test_worker_keys_writes_both_files_and_refuses_to_do_it_twice(tmp_path, capsys):
    assert main(["worker-keys", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "worker.pub")
    assert main(["worker-keys", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("message", [None, 7, "", "AAAA", {"a": 1}, "A" * 10_000_000, "!" * worker._ENCODED_LENGTH])
def test_a_message_that_is_no_order_is_dropped(nothing_known, monkeypatch, tmp_path, caplog, message):
    create_worker_keys(tmp_path)
    (tmp_path / "platform.pub").write_text('{"signing": "' + "11" * 32 + '"}')
    monkeypatch.setenv("VERMILION_BROKER_URL", f"filesystem://{tmp_path / 'broker'}")
    monkeypatch.setenv("VERMILION_WORKER_KEYS", str(tmp_path / "worker.key"))
    monkeypatch.setenv("VERMILION_PLATFORM_KEY", str(tmp_path / "platform.pub"))
    monkeypatch.setenv("VERMILION_CHECKPOINTS", str(tmp_path))

    worker.inpaint(message)

    assert "no order was dropped" in caplog.text


def test_a_well_formed_message_that_is_not_the_platform_s_is_refused(nothing_known, monkeypatch, tmp_path, caplog):
    create_worker_keys(tmp_path)
    (tmp_path / "platform.pub").write_text('{"signing": "' + "11" * 32 + '"}')
    for name, file in (("WORKER_KEYS", "worker.key"), ("PLATFORM_KEY", "platform.pub"), ("CHECKPOINTS", "")):
        monkeypatch.setenv(f"VERMILION_{name}", str(tmp_path / file))
    monkeypatch.setenv("VERMILION_BROKER_URL", f"filesystem://{tmp_path / 'broker'}")

    worker.inpaint("A" * worker._ENCODED_LENGTH)

    assert "an order was refused: malformed" in caplog.text


def test_celery_takes_json_only_and_obeys_no_remote_control(tmp_path):
    told = celery_settings(f"filesystem://{tmp_path / 'broker'}")

    assert told["accept_content"] == ["json"]
    assert not told["worker_enable_remote_control"]
    assert told["task_acks_late"]
    assert told["task_reject_on_worker_lost"]
    assert (told["task_time_limit"], told["task_soft_time_limit"], told["worker_prefetch_multiplier"]) == (300, 270, 1)
    assert (tmp_path / "broker").stat().st_mode & 0o777 == 0o700


def test_redis_keeps_an_order_for_as_long_as_a_lease():
    assert celery_settings("redis://broker:6379/0")["broker_transport_options"] == {"visibility_timeout": 900}


@pytest.mark.parametrize("address", ["filesystem://", "filesystem:///", "filesystem://relative/folder"])
def test_a_filesystem_broker_without_an_absolute_folder_is_refused(address):
    with pytest.raises(BrokerError, match="filesystem:///absolute/folder"):
        celery_settings(address)
