"""The main job from end to end: patients, masks, four methods in a worker, blinded reading, tables.

Told by `manage.py demo` through the verbs that the pages use; what it prints is what happened.
"""

import sys
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.management import call_command
from tqdm import tqdm

from clinic.cases.models import Case
from clinic.config.demo.patients import DATASET, Admitted, admit_patient, render
from clinic.config.demo.people import Cast, gather
from clinic.config.demo.processes import worker_folder
from clinic.config.demo.readers import SimulatedReader, read_all
from clinic.inpainting.dispatch import run
from clinic.inpainting.models import InpaintingJob, JobState
from clinic.studies import lifecycle
from clinic.studies.drafting import Draft, draft
from clinic.studies.models import Reading, Study, Unblinding
from clinic.studies.opening import open_study
from clinic.studies.results import report
from inference.contract import METHODS
from inference.keys import create_worker_keys

PATIENTS = 10
STRICTNESS = (11.0, 14.0, 18.0)
PATIENCE_SECONDS = 600
ENDED = (JobState.FAILED, JobState.DEAD)

Say = Callable[[str], None]


class DemoError(RuntimeError):
    """The story cannot go on; the message says why and where to look."""


def set_up(say: Say) -> Cast:
    """An empty database, a vault key, an enrolled worker, installed checkpoints, and people."""
    call_command("migrate", verbosity=0)
    call_command("init_vault", verbosity=0)
    create_worker_keys(worker_folder())
    call_command("enrol_worker", worker_folder(), name="demo", verbosity=0)
    call_command("install_checkpoints", verbosity=0)
    say("The vault has its key, the worker is enrolled, four checkpoints are installed.")
    return gather()


def take_in(patients: int, cast: Cast, say: Say) -> list[Admitted]:
    """Render so many patients and admit each: upload, crop, mask."""
    say(f"{patients} patients of nobody are rendered, then uploaded, cropped and masked by Rosa.")
    return [admit_patient(patient, cast.researcher.user, DATASET) for patient in render(patients)]


def inpaint(admitted: Sequence[Admitted], cast: Cast, say: Say) -> None:
    """Order four inpaintings of each case and wait for the worker's answers, however slow, as long as they come.

    Raises DemoError when one fails or none has come for PATIENCE_SECONDS.
    """
    say("Four methods fill each hole, in a worker that sees no lip, no name and no key of the vault.")
    for one in admitted:
        run(one.mask, cast.researcher.user)
    wanted = len(admitted) * len(METHODS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with progress(wanted, "inpainting") as bar:
        while bar.n < wanted:
            if InpaintingJob.objects.filter(state__in=ENDED).exists() or time.monotonic() > deadline:
                raise DemoError(f"An inpainting failed. The logs are in {settings.DATA / 'logs'}.")
            time.sleep(0.2)
            if come := InpaintingJob.objects.filter(state=JobState.DONE).count() - bar.n:
                deadline = time.monotonic() + PATIENCE_SECONDS
            bar.update(come)


def read_and_close(admitted: Sequence[Admitted], cast: Cast, say: Say) -> Study:
    """A study with three simulated readers, from its draft to its unblinding by two people."""
    study = open_study(
        draft(Draft("Lips without the cleft, simulated readers", _cases(admitted), cast.readers), cast.researcher.user),
        cast.administrator.user,
    )
    say(f"A study is open. Its sealed order has the digest {study.allocation_digest[:16]}…")
    truths = {one.case.pk: one.truth for one in admitted}
    sheets = Reading.objects.filter(study_reader__study=study).count()
    with progress(sheets, "sheet") as bar:
        for seed, (user, strictness) in enumerate(zip(cast.readers, STRICTNESS, strict=True)):
            for _ in read_all(SimulatedReader(user, strictness, seed), study, truths):
                bar.update()
    lifecycle.close(study, cast.administrator.user)
    lifecycle.ask_unblinding(study, cast.researcher.user, Unblinding.Why.values[0])
    say("Every sheet is read. Rosa asked to unblind, Ada confirmed.")
    return lifecycle.confirm_unblinding(study, cast.administrator.user)


def leave_open(admitted: Sequence[Admitted], cast: Cast) -> Study:
    """A second study of the same cases, open for Sam to read."""
    wanted = Draft("Lips without the cleft, read by you", _cases(admitted), [cast.surgeon.user])
    return open_study(draft(wanted, cast.researcher.user), cast.administrator.user)


def tables(study: Study) -> str:
    """Tables I and II of the study and all that follows them, as `python -m evaluation` prints them."""
    found = report(study)
    if found is None:
        raise DemoError("No sheet was scored, so there is nothing to print.")
    return found.render("markdown")


def progress(total: int, unit: str) -> tqdm:
    """A progress bar that moves every second for a person and every ten for a log."""
    return tqdm(total=total, unit=unit, mininterval=1 if sys.stderr.isatty() else 10)


def _cases(admitted: Sequence[Admitted]) -> list[Case]:
    return [one.case for one in admitted]
