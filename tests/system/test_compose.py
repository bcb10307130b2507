"""What Dockerfile and docker-compose.yml promise, read from their text: no engine is needed, and none is started."""

import re
import tomllib
from functools import cache
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from inference.cli import _parser as inference_parser

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CLINIC = {"web", "clinic-worker", "relay", "migrate", "setup"}
GPU_WORKERS = {"gpu-worker", "cuda-worker"}
SERVERS = {"postgres", "redis"}
# Torch brings NVIDIA's libraries of exactly the versions it needs.
BROUGHT_BY_TORCH = re.compile(r"nvidia-|cuda-|triton$|setuptools$")


@cache
def stage(name: str) -> str:
    """The text of one stage of the Dockerfile."""
    stages = re.split(r"(?m)^FROM ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    (text,) = [text for text in stages[1:] if text.splitlines()[0].endswith(f" AS {name}")]
    return text


def command_in(stage_text: str, instruction: str) -> list[str]:
    """The words of a stage's `CMD [...]` or `HEALTHCHECK ... CMD [...]`."""
    (words,) = re.findall(rf"(?m)^{instruction}\b[^\[]*(\[.*\])$", stage_text)
    found: list[str] = yaml.safe_load(words)
    return found


def installed_by(extra: str) -> set[str]:
    """Every distribution that `pip install '.[extra]'` brings, by the metadata of what is installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    waiting = [*project["dependencies"], *project["optional-dependencies"][extra]]
    while waiting:
        wanted = Requirement(waiting.pop())
        name = canonicalize_name(wanted.name)
        if name == "vermilion":
            waiting += [line for one in wanted.extras for line in project["optional-dependencies"][one]]
            continue
        if name in found and not wanted.extras:
            continue
        found.add(name)
        for line in requires(name) or ():
            inner = Requirement(line)
            if any(inner.marker is None or inner.marker.evaluate({"extra": one}) for one in (*wanted.extras, "")):
                waiting.append(str(inner).split(";")[0])
    return found


def volumes_of(service: str) -> dict[str, str]:
    """Where each volume or folder of a service is mounted."""
    return dict(volume.split(":")[:2] for volume in SERVICES[service].get("volumes", ()))


def test_the_services_are_those_of_the_operators_notes() -> None:
    assert set(SERVICES) == CLINIC | GPU_WORKERS | SERVERS
    notes = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in SERVICES if f"`{name}`" not in notes] == []


def test_the_web_image_installs_no_torch() -> None:
    assert "--editable '.[web]'" in stage("web-packages")
    assert "--from=web-packages" in stage("web")
    packages = installed_by("web")
    assert {"django", "celery", "gunicorn", "psycopg2-binary", "redis", "cryptography"} <= packages
    assert not {"torch", "torchvision", "safetensors", "scikit-image"} & packages


def test_the_worker_image_installs_no_django_and_no_database_driver() -> None:
    assert "--editable '.[worker]'" in stage("worker-packages")
    assert "--from=worker-packages" in stage("worker")
    packages = installed_by("worker")
    assert {"torch", "celery", "safetensors", "cryptography", "redis"} <= packages
    assert [name for name in packages if name.startswith(("django", "psycopg", "gunicorn", "argon2"))] == []


@pytest.mark.parametrize("extra", ["web", "worker"])
def test_everything_an_image_installs_is_pinned(extra: str) -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonicalize_name(line.split("==")[0]) for line in lines if "==" in line}
    assert [name for name in installed_by(extra) - pinned if not BROUGHT_BY_TORCH.match(name)] == []


def test_the_pins_are_given_to_pip_without_the_line_it_cannot_take() -> None:
    assert "grep -v '^-e' requirements.txt > pins.txt" in stage("pins")
    for packages in ("web-packages", "worker-packages"):
        assert re.search(r"(?m)^RUN pip install --constraint pins.txt --editable", stage(packages))


def test_the_worker_image_holds_no_code_of_the_clinic() -> None:
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", stage("worker"))
    assert copied == ["pyproject.toml", "inference"]


def test_every_path_that_enters_an_image_exists_and_gets_past_dockerignore() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    for name in ("pins", "web", "worker"):
        for sources in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", stage(name)):
            for source in sources.split():
                assert (ROOT / source).exists()
                assert f"!{source}" in ignore


def test_no_key_and_no_data_can_enter_an_image() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    assert not let_in & {"var", "secrets", "runs", "training", ".git", ".venv"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_an_image_runs_as_nobody_special_and_says_how_it_is(name: str) -> None:
    assert re.search(r"(?m)^USER vermilion$", stage(name))
    assert "useradd --uid 10001" in stage("python")
    compile(command_in(stage(name), "HEALTHCHECK")[2], "healthcheck", "exec")


@pytest.mark.parametrize("service", sorted(CLINIC | GPU_WORKERS | {"redis"}))
def test_a_service_is_hardened(service: str) -> None:
    settings = SERVICES[service]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert settings["ulimits"] == {"core": 0}, "a core dump would hold pictures"
    assert "privileged" not in settings


@pytest.mark.parametrize("service", sorted(GPU_WORKERS))
def test_a_gpu_worker_reaches_the_broker_and_nothing_else(service: str) -> None:
    (network,) = SERVICES[service]["networks"]
    assert COMPOSE["networks"][network]["internal"] is True
    others = {name for name, settings in SERVICES.items() if network in settings.get("networks", ())}
    assert others - GPU_WORKERS == {"redis"}
    assert "ports" not in SERVICES[service]


@pytest.mark.parametrize("service", sorted(GPU_WORKERS))
def test_a_gpu_worker_holds_no_volume_secret_or_address_of_the_clinic(service: str) -> None:
    assert volumes_of(service) == {"worker": "/worker", "./inference/weights": "/checkpoints"}
    assert "secrets" not in SERVICES[service]
    assert set(SERVICES[service]["environment"]) == {"VERMILION_BROKER_URL"}
    assert SERVICES[service]["build"]["target"] == "worker"


def test_the_worker_image_is_told_the_four_things_a_worker_needs() -> None:
    told = set(re.findall(r"VERMILION_\w+(?==)", stage("worker"))) | set(SERVICES["gpu-worker"]["environment"])
    broker, keys, platform, checkpoints = "BROKER_URL", "WORKER_KEYS", "PLATFORM_KEY", "CHECKPOINTS"
    assert told == {f"VERMILION_{name}" for name in (broker, keys, platform, checkpoints)}


def test_workers_can_be_scaled() -> None:
    for service in GPU_WORKERS:
        assert not {"container_name", "ports", "hostname"} & set(SERVICES[service])


def test_a_gpu_is_reserved_only_when_it_is_asked_for() -> None:
    assert "deploy" not in SERVICES["gpu-worker"]
    assert SERVICES["cuda-worker"]["profiles"] == ["cuda"]
    (device,) = SERVICES["cuda-worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}


def test_the_database_is_out_of_reach_for_the_broker_and_the_outer_world() -> None:
    assert SERVICES["postgres"]["networks"] == ["records"]
    assert COMPOSE["networks"]["records"]["internal"] is True
    assert "records" not in SERVICES["redis"]["networks"]
    assert [name for name, settings in SERVICES.items() if "ports" in settings] == ["web"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_broker_writes_nothing_to_disk() -> None:
    assert "volumes" not in SERVICES["redis"]
    command = SERVICES["redis"]["command"]
    assert command[command.index("--save") + 1] == ""
    assert command[command.index("--appendonly") + 1] == "no"


def test_no_secret_stands_in_the_file() -> None:
    for settings in SERVICES.values():
        for name, value in settings.get("environment", {}).items():
            assert name.endswith("_FILE") or not re.search("PASSWORD|SECRET|_KEY$|DATABASE_URL", name), name
            assert "@" not in value
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert "/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_a_secret_that_is_pointed_to_is_mounted() -> None:
    for settings in SERVICES.values():
        pointed = [value for name, value in settings.get("environment", {}).items() if name.endswith("_FILE")]
        assert sorted(pointed) == sorted(f"/run/secrets/{name}" for name in settings.get("secrets", ()))


def test_every_volume_and_network_that_is_used_is_declared() -> None:
    for service, settings in SERVICES.items():
        assert set(settings["networks"]) <= set(COMPOSE["networks"]), service
        named = {source for source in volumes_of(service) if not source.startswith(".")}
        assert named <= set(COMPOSE["volumes"]), service


def test_keys_and_sealed_pictures_lie_in_different_volumes() -> None:
    mounted = volumes_of("web")
    assert mounted["keys"] == "/keys"
    assert mounted["data"] == "/data"
    assert "VERMILION_VAULT_KEY_FILE=/keys/vault.key" in stage("web")
    assert "VERMILION_DATA=/data" in stage("web")


def test_nothing_starts_before_the_tables_are_up_to_date() -> None:
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]
    for service in ("web", "clinic-worker", "relay", "setup"):
        assert SERVICES[service]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def commands() -> list[list[str]]:
    """Every command that a container of ours may run, health checks in Python left out."""
    said = [command_in(stage(name), "CMD") for name in ("web", "worker")]
    for service in CLINIC | GPU_WORKERS:
        settings = SERVICES[service]
        if "command" in settings:
            said.append([*settings.get("entrypoint", ()), *settings["command"]])
        said += [test[1:] for test in [settings.get("healthcheck", {}).get("test")] if test]
    return said


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_a_command_of_a_container_exists(command: list[str]) -> None:
    match command:
        case ["python", "manage.py", name, *_]:
            assert name in get_commands() or name == "help"
        case ["python", "-m", "inference", *arguments]:
            assert callable(inference_parser().parse_args(arguments).command)
        case ["gunicorn", module, *_]:
            assert find_spec(module)
        case ["celery", "-A", package, "worker", *_]:
            assert find_spec(f"{package}.celery")
        case _:
            pytest.fail(f"nobody knows {command}")
