"""A search for learning settings (software paper, section 2.2): trials kept in SQLite, each a whole short run.

From settings and faces, through training.loop, to the hole PSNR on held-out faces; the command `search` prints it.
"""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.exceptions import StorageInternalError
from optuna.samplers import TPESampler
from optuna.trial import Trial, TrialState
from sqlalchemy.exc import DatabaseError

from training.data.faces import Faces
from training.data.mixture import Mixture, People
from training.errors import CommandError
from training.loop import train
from training.loop.run import Run
from training.measures.distances import hole_psnr
from training.measures.fillers import by_network
from training.measures.questions import CLINICAL, Asked, questions_of
from training.recipes import RECIPES
from training.settings import Phase, Settings

STUDY = "search.db"
# Held-out faces at most: each trial fills them all.
HELD = 500


@dataclass(frozen=True)
class Space:
    """What is searched; the papers print what was found (4.6e-4 and 2.92e-4), not these ranges, which are ours."""

    landmarks: tuple[float, float] = (1e-5, 1e-2)
    rate: tuple[float, float] = (1e-5, 1e-3)
    decay: tuple[float, float] = (1e-8, 1e-3)
    batch: tuple[int, ...] = (1, 2, 4, 8)


@dataclass(frozen=True)
class Machine:
    """Where the trials run."""

    device: str = "cpu"
    workers: int = 1


def search(
    settings: Settings, faces: People, held: Sequence[Faces], folder: Path, trials: int, space: Space, machine: Machine
) -> optuna.Study:
    """Bring the folder's study to this many finished trials; a trial cut off goes on from its own saved state.

    The objective is the mean PSNR in clinical holes over the held-out faces, in dB, of the averaged network. Raises
    CommandError where the folder holds the trials of other settings, ranges or people.
    """
    folder.mkdir(parents=True, exist_ok=True)
    study = opened_study(folder / STUDY, settings.method)
    keep_terms(study, terms_of(settings, faces, held, space))
    take_up(study)
    missing = trials - len(study.get_trials(states=[TrialState.COMPLETE]))
    # A sampler begins anew with each call, so its seed counts on: the same one would propose the same trials again.
    study.sampler = TPESampler(seed=settings.seed + len(study.trials))

    def objective(trial: Trial) -> float:
        tried = proposed(trial, settings, space)
        run = train(tried, faces, folder / name_of(trial), device=machine.device, workers=machine.workers)
        return held_out_psnr(run, held)

    if missing > 0:
        study.optimize(objective, n_trials=missing)
    return study


def opened_study(file: Path, name: str) -> optuna.Study:
    """The study in the file, made where there is none. Raises CommandError for a file that holds no studies."""
    try:
        return optuna.create_study(
            storage=f"sqlite:///{file}", study_name=name, direction="maximize", load_if_exists=True
        )
    except (DatabaseError, StorageInternalError) as error:
        raise CommandError(f"{file} cannot be read as a study's trials; move it away to begin anew") from error


def terms_of(settings: Settings, faces: People, held: Sequence[Faces], space: Space) -> dict[str, Any]:
    """What trials must have in common to be compared."""
    people = [faces.manifest_digest, len(faces), *(one.manifest_digest for one in held), *map(len, held)]
    whole = {"settings": settings.as_dict(), "ranges": dataclasses.asdict(space), "people": people}
    kept: dict[str, Any] = json.loads(json.dumps(whole))
    return kept


def keep_terms(study: optuna.Study, terms: dict[str, Any]) -> None:
    """Note them in a study that begins. Raises CommandError where one that goes on has others."""
    before = study.user_attrs.get("terms")
    if before is None:
        study.set_user_attr("terms", terms)
    elif before != terms:
        differing = next(name for name in terms if before.get(name) != terms[name])
        raise CommandError(f"the folder's study was begun with other {differing}; give those, or another folder")


def take_up(study: optuna.Study) -> None:
    """Queue the values of every trial that was cut off, by Ctrl C (failed) or a kill (still running), once each."""
    for trial in study.get_trials(states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)
    settled = study.get_trials(states=[TrialState.COMPLETE, TrialState.WAITING])
    queued = [trial.system_attrs.get("fixed_params", trial.params) for trial in settled]
    for trial in study.get_trials(states=[TrialState.FAIL]):
        if trial.params and trial.params not in queued:
            study.enqueue_trial(trial.params)
            queued.append(trial.params)


def proposed(trial: Trial, settings: Settings, space: Space) -> Settings:
    """The settings with a trial's values: all rates scaled alike, one batch size and landmark weight in every phase."""
    factor = trial.suggest_float("rate", *space.rate, log=True) / settings.phases[0].rate
    batch = trial.suggest_categorical("batch", list(space.batch))
    weights: dict[str, float] = {}
    if "landmarks" in RECIPES[settings.method].weights:
        weights["landmarks"] = trial.suggest_float("landmarks", *space.landmarks, log=True)

    def changed(phase: Phase) -> Phase:
        return dataclasses.replace(
            phase,
            rate=phase.rate * factor,
            rate_end=None if phase.rate_end is None else phase.rate_end * factor,
            discriminator_rate=phase.discriminator_rate * factor,
            batch=batch,
            weights={**phase.weights, **weights},
        )

    decay = trial.suggest_float("decay", *space.decay, log=True)
    return dataclasses.replace(settings, weight_decay=decay, phases=tuple(map(changed, settings.phases)))


def held_out_psnr(run: Run, held: Sequence[Faces]) -> float:
    """Mean PSNR in dB inside one clinical hole on each face, drawn by its place in its folder."""
    questions = [question for faces in held for question in questions_of(faces, CLINICAL)]
    asked = [Asked(np.where(one.hole[..., None], 0, one.image).astype(np.uint8), one.hole) for one in questions]
    network = run.average.cpu()
    answers = by_network(network)(asked)
    found = [hole_psnr(a.picture, q.truth, q.hole) for a, q in zip(answers, questions, strict=True)]
    return float(np.mean(found))


def name_of(trial: Trial) -> str:
    """The trial's folder, named by its values, so that the same values find the same unfinished run."""
    values: dict[str, Any] = trial.params
    return f"trial-{hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]}"


def parted(people: Faces | Mixture, share: float) -> tuple[Faces | Mixture, list[Faces]]:
    """The faces to learn from and the held-out ones of each folder (at least one of each), at most HELD together.

    Every so many-th is held out; of arrays on the disk the last ones are, so that none is read into memory.
    """
    if isinstance(people, Faces):
        learning, held = _parted(people, share, HELD)
        return learning, [held]
    pairs = [_parted(part, share, max(1, HELD // len(people.parts))) for part in people.parts]
    return dataclasses.replace(people, parts=[pair[0] for pair in pairs]), [pair[1] for pair in pairs]


def table(study: optuna.Study) -> str:
    """All finished trials as Markdown, the best first."""
    done: Sequence[Any] = sorted(study.get_trials(states=[TrialState.COMPLETE]), key=lambda one: -one.value)
    names = sorted(done[0].params) if done else []
    lines = [f"| trial | PSNR in the hole, dB | {' | '.join(names)} |", "|---" * (2 + len(names)) + "|"]
    for one in done:
        cells = " | ".join(f"{one.params[name]:.4g}" for name in names)
        lines.append(f"| {one.number} | {one.value:.2f} | {cells} |")
    return "\n".join(lines)


def _parted(faces: Faces, share: float, most: int) -> tuple[Faces, Faces]:
    every = min(max(2, round(1 / share)), len(faces))
    if isinstance(faces.images, np.memmap):
        first = len(faces) - max(1, len(faces) // every)
        return _those(faces, slice(first)), _those(faces, slice(first, first + most))
    held = np.arange(len(faces)) % every == every - 1
    return _those(faces, ~held), _those(faces, np.flatnonzero(held)[:most])


def _those(faces: Faces, chosen: "slice | np.ndarray[Any, np.dtype[Any]]") -> Faces:
    return dataclasses.replace(faces, images=faces.images[chosen], landmarks=faces.landmarks[chosen])
