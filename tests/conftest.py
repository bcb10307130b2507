"""The five people of every story, a signed-in browser for each, and a data folder that lives as long as the test."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from django.conf import settings as project
from django.db import connections
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from numpy.typing import NDArray
from pytest_django.fixtures import Settings

from clinic.accounts.models import Hospital, Role, User
from clinic.accounts.people import create_person
from clinic.accounts.tokens import create_token
from clinic.cases.masking import save_mask
from clinic.cases.models import Case, Crop, Mask, Photograph
from clinic.cases.pictures import png
from clinic.config import environment
from clinic.inpainting.models import Checkpoint, InpaintingJob, JobState, Result
from clinic.inpainting.results import seal_composite
from clinic.studies import drafting, opening, reading
from clinic.studies.drafting import Draft
from clinic.studies.models import Study
from clinic.studies.protocol import Protocol
from clinic.vault.models import SealedObject
from clinic.vault.store import new_case_key, seal
from clinic.vault.vml1 import Kind
from inference.contract import METHODS

PASSWORD = "a long lamp beside the window"

LONG_FIRST = ("system", "browser", "training")

SignIn = Callable[[Client, User], Client]
ReadyCase = Callable[..., Case]
OpenStudy = Callable[..., Study]


def pytest_configure() -> None:
    """Use PostgreSQL for the tests when VERMILION_TEST_DATABASE_URL names one, else SQLite in a file of this run.

    In memory, all threads of a live server would share one connection and meet "database table is locked".
    """
    url = os.environ.get("VERMILION_TEST_DATABASE_URL")
    if url:
        project.DATABASES["default"] = environment.database(url)
    else:
        file = Path(tempfile.gettempdir()) / f"vermilion-test-{os.getpid()}.sqlite3"
        project.DATABASES["default"]["TEST"] = {"NAME": str(file)}
        # A test run need not survive a power cut.
        options = project.DATABASES["default"]["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous = FULL", "synchronous = OFF")
    connections.configure_settings(project.DATABASES)
    # The checks that run before this have opened a connection to the database of the settings.
    del connections["default"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first, so that no worker is left with one at the end; stories of processes may try twice.

    On a busy machine a process may answer late.
    """
    items.sort(key=_long_first)
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _long_first(item: pytest.Item) -> int:
    """The place of a test's folder in the order of how long its files take."""
    folder = item.path.parent.name
    return LONG_FIRST.index(folder) if folder in LONG_FIRST else len(LONG_FIRST)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Settings) -> Path:
    """Everything a test writes lies in its own folder; passwords are hashed with little work."""
    settings.DATA = tmp_path
    settings.VAULT_ROOT = tmp_path / "vault"
    settings.VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    settings.PLATFORM_KEY_FILE = tmp_path / "keys" / "platform.key"
    settings.BROKER_URL = f"filesystem://{tmp_path / 'broker'}"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path


@pytest.fixture
def ward(db: None) -> Hospital:
    """The hospital where Ada, Rosa, Sam and Ruth work."""
    return Hospital.objects.create(name="Ward Hospital", code="ward")


@pytest.fixture
def elsewhere(db: None) -> Hospital:
    """The other hospital, where Max works."""
    return Hospital.objects.create(name="Harbour Hospital", code="harbour")


def _person(name: str, role: Role, hospital: Hospital) -> User:
    return create_person(
        email=f"{name.lower()}@{hospital.code}.example", name=name, role=role, hospital=hospital, password=PASSWORD
    )


@pytest.fixture
def ada(ward: Hospital) -> User:
    """Ada, the administrator."""
    return _person("Ada", Role.ADMINISTRATOR, ward)


@pytest.fixture
def rosa(ward: Hospital) -> User:
    """Rosa, the researcher."""
    return _person("Rosa", Role.RESEARCHER, ward)


@pytest.fixture
def sam(ward: Hospital) -> User:
    """Sam, a surgeon."""
    return _person("Sam", Role.SURGEON, ward)


@pytest.fixture
def ruth(ward: Hospital) -> User:
    """Ruth, a surgeon."""
    return _person("Ruth", Role.SURGEON, ward)


@pytest.fixture
def max_(elsewhere: Hospital) -> User:
    """Max, a researcher from another hospital."""
    return _person("Max", Role.RESEARCHER, elsewhere)


@pytest.fixture
def sign_in() -> SignIn:
    """Sign a person in without the sign-in page, which has its own tests: ``sign_in(client, rosa)``."""

    def signed_in(client: Client, person: User) -> Client:
        client.force_login(person)
        return client

    return signed_in


class Program:
    """A program with a token of one person's: it sends JSON and reads JSON."""

    def __init__(self, owner: User, scopes: tuple[str, ...]) -> None:
        self.owner, self.browser = owner, Client()
        _, self.secret = create_token(owner, label="program", scopes=scopes, days=1)

    def ask(self, method: str, name: str, *args: object, sent: object = None, **query: str) -> Any:
        """The answer of an address of the API, by its name: ``ask("PUT", "draft", sheet, sent={...})``."""
        address = reverse(f"api:{name}", args=args) + (f"?{urlencode(query)}" if query else "")
        body = {} if sent is None else {"data": json.dumps(sent), "content_type": "application/json"}
        return self.browser.generic(method, address, headers={"Authorization": f"Bearer {self.secret}"}, **body)


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """A program that works in a person's name: ``program(sam, "read", "mark")``."""

    def made(owner: User, *scopes: str) -> Program:
        return Program(owner, scopes)

    return made


@pytest.fixture
def ready_case() -> ReadyCase:
    """A case whose photograph, crop, mask and four results are in the vault: ``ready_case(rosa)``.

    The face is a few shapes; each method's fill is a noise of its own, so that no two pictures are alike.
    """

    def made(owner: User, *, dataset: str = "CleftLip24", side: str = "left") -> Case:
        number = Case.objects.count() + 1
        key = new_case_key()
        case = Case.objects.create(
            hospital=owner.hospital, owner=owner, code=f"VM-{number:04d}", case_key=key,
            cleft_side=side, severity="complete", phase="pre-op", dataset=dataset,
        )  # fmt: skip
        pixels = np.random.default_rng(number).integers(90, 160, (256, 256, 3), dtype=np.uint8)
        hole = np.zeros((256, 256), dtype=np.bool_)
        hole[150:190, 96:160] = True
        mask = save_mask(_crop(case, pixels), hole, by=owner)
        for method in METHODS:
            _painted(mask, method, pixels, hole, owner)
        return case

    return made


def _crop(case: Case, pixels: NDArray[np.uint8]) -> Crop:
    def put(kind: Kind, plaintext: bytes, row: Model) -> SealedObject:
        return seal(case.case_key, kind, plaintext, context=(case.pk.bytes, row.pk.bytes))

    photograph = Photograph(case=case, width=256, height=256, format="PNG")
    photograph.sealed, photograph.preview = (
        put(kind, png(pixels), photograph) for kind in (Kind.PHOTO, Kind.PRESENTATION)
    )
    photograph.save(force_insert=True)
    crop = Crop(photograph=photograph, left=0, top=0, side=256, created_by=case.owner)
    crop.sealed, crop.view = put(Kind.CROP, pixels.tobytes(), crop), put(Kind.PRESENTATION, png(pixels), crop)
    crop.save(force_insert=True)
    return crop


def _painted(mask: Mask, method: str, pixels: NDArray[np.uint8], hole: NDArray[np.bool_], by: User) -> None:
    digest = f"{METHODS.index(method):064x}"
    checkpoint, _ = Checkpoint.objects.get_or_create(method=method, sha256=digest, defaults={"card": {}})
    job = InpaintingJob.objects.create(
        mask=mask, method=method, checkpoint=checkpoint, requested_by=by, state=JobState.DONE
    )
    filled = pixels.copy()
    filled[hole] = np.random.default_rng(job.pk.int % 2**32).integers(0, 255, (int(hole.sum()), 3), dtype=np.uint8)
    result = Result(job=job, seconds=1.0)
    result.sealed = seal_composite(result, filled)
    result.save(force_insert=True)


@pytest.fixture
def open_study(ready_case: ReadyCase, rosa: User, sam: User, ruth: User) -> OpenStudy:
    """Rosa's study, read by Sam and Ruth, open to them and agreed to: ``open_study(cases=4)``."""

    def opened(cases: int = 4, **agreed: Any) -> Study:
        chosen = [ready_case(rosa) for _ in range(cases)]
        wanted = Draft("Lip study", chosen, [sam, ruth], protocol=Protocol(**agreed))
        study = opening.open_study(drafting.draft(wanted, by=rosa), by=rosa)
        for reader in study.readers.all():
            reading.agree(reader)
        return study

    return opened
