"""How a run uses its machine changes its speed and not what it learns."""

from collections.abc import Callable
from dataclasses import replace
from functools import partialmethod

import pytest
import torch

from training.data.batches import batches
from training.data.faces import Faces
from training.loop.run import Run
from training.settings import Settings, SettingsError

Tiny = Callable[..., Settings]
JUDGED = {"batch": 4, "weights": {"adversarial": 0.1, "matching": 0.1}}


def learnt(settings: Settings, faces: Faces, steps: int = 2) -> tuple[Run, dict[str, float]]:
    """A run after some steps, with its last losses."""
    run, log = Run(settings), {}
    for batch in batches(faces, settings, workers=0):
        log = run.learn(batch, *settings.phase_at(run.step))
        if run.step == steps:
            break
    return run, log


def moved_apart(one: Run, other: Run) -> float:
    """The mean difference of two runs' averaged weights.

    Adam's first steps are as large as the rate whatever the gradient: a sign that rounding turns costs two of them.
    """
    pairs = zip(one.average.parameters(), other.average.parameters(), strict=True)
    return float(torch.cat([(a - b).abs().flatten() for a, b in pairs]).mean())


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("edgeconnect", {}),
        ("edgeconnect", {"stage": "joint", "contest": {"order": "together", "loss": "cross_entropy"}}),
        ("inclg", {"network": {"width": 0.0625, "landmarks": False}}),
    ],
)
def test_two_half_batches_teach_what_one_batch_teaches(method: str, changes: dict, faces: Faces, tiny: Tiny) -> None:
    settings = tiny(method, 3, phase=JUDGED, **changes)
    whole, once = learnt(settings, faces)
    halves, twice = learnt(replace(settings, accumulate=2), faces)
    assert twice == pytest.approx(once, rel=1e-3, abs=1e-5)
    assert moved_apart(halves, whole) < 0.02 * settings.phases[0].rate


def test_a_batch_that_has_no_equal_parts_is_refused(tiny: Tiny) -> None:
    with pytest.raises(SettingsError, match="no 3 equal parts"):
        tiny("inclg", 1, accumulate=3)


def test_channels_last_computes_the_same(faces: Faces, tiny: Tiny) -> None:
    settings = tiny("inclg", 1)
    _, plain = learnt(settings, faces, 1)
    run, log = learnt(replace(settings, channels_last=True), faces, 1)
    assert log == pytest.approx(plain, rel=1e-3)
    assert run.recipe.network.encoder2.conv.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.filterwarnings("ignore")
def test_compiled_players_learn_the_same(faces: Faces, tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced, but run by torch's own kernels: its C++ compiler takes minutes."""
    traced = partialmethod(torch.nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(torch.nn.Module, "compile", traced)
    phase = {"size": 32, "weights": {"adversarial": 0.1, "matching": 0.1}}
    settings = tiny("inclg", 2, phase=phase, network={"width": 0.0625, "gated": False, "landmarks": False})
    plain, once = learnt(settings, faces)
    try:
        compiled, again = learnt(replace(settings, compile=True), faces)
    finally:
        torch.compiler.reset()
    assert compiled.recipe.players["generator"]._compiled_call_impl is not None
    assert again == pytest.approx(once, rel=1e-3, abs=1e-5)
    assert moved_apart(compiled, plain) < 0.02 * settings.phases[0].rate


def test_low_precision_learns_nearly_the_same(faces: Faces, tiny: Tiny) -> None:
    """The first step's loss comes from the same weights; the second's from weights that Adam moved by signs alone."""
    settings = tiny("inclg", 2)
    for steps, near in ((1, 0.01), (2, 0.1)):
        _, plain = learnt(settings, faces, steps)
        _, log = learnt(replace(settings, precision="bf16"), faces, steps)
        assert log["hole"] == pytest.approx(plain["hole"], rel=near)
