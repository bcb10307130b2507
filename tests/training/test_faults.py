"""Each fault of the published codes is a switch, and turning it changes the numbers as the table says."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from training.data.augmentation import channel_scaled, flipped
from training.data.batches import Batch, batches
from training.data.faces import Faces, mirrored
from training.loop.run import Run
from training.losses.terms import areas_of, l1_per_area, least_squares
from training.settings import Settings
from training.settings.faults import FAULTS, faults_of

Published = Callable[..., Settings]


def first_batch(settings: Settings, faces: Faces) -> Batch:
    """The batch of the first step."""
    return next(batches(faces, settings, workers=0))


def gradients(settings: Settings, faces: Faces, player: str) -> Tensor:
    """A player's gradient in the first step, flat."""
    run = Run(settings)
    run.learn(first_batch(settings, faces), *settings.phase_at(0))
    return torch.cat([p.grad.flatten() for p in run.recipe.players[player].parameters() if p.grad is not None])


@pytest.mark.parametrize("method", ["inclg", "edgeconnect-joint", "lafin-inpaint", "ctsdg"])
def test_all_faults_or_none_are_one_switch(method: str, published: Published) -> None:
    assert published(method).faults == ()
    assert published(method, as_published=False).faults == ()
    whole = published(method, as_published=True).faults
    assert whole == faults_of(method.split("-")[0])
    assert whole


def test_every_fault_belongs_to_a_method() -> None:
    assert all(fault.methods and fault.published and fault.intended for fault in FAULTS.values())


def test_shared_gradient_adds_the_generators_term_to_the_judges(faces: Faces, published: Published) -> None:
    settings = published("inclg", "vgg.instead=nothing", "phases.0.discriminator_rate=0.0")
    clean = gradients(settings, faces, "discriminator")
    mixed = gradients(replace(settings, faults=("shared-gradient",)), faces, "discriminator")
    run = Run(settings)
    batch = first_batch(settings, faces)
    answer = run.recipe.players["generator"](batch.image, batch.hole).image.detach()
    judge = run.recipe.players["discriminator"]
    for picture in (batch.image, answer):
        judge(picture)
    (0.01 * least_squares(judge(answer)[0], 1.0)).backward()
    own = torch.cat([p.grad.flatten() for p in judge.parameters() if p.grad is not None])
    assert torch.allclose(mixed - clean, own, rtol=1e-2, atol=1e-6 * float(own.abs().max()) + 1e-8)
    assert float(own.abs().max()) > 0


def test_bare_area_is_infinite_where_no_hole_was_drawn() -> None:
    one, other = torch.rand(2, 2, 3, 16, 16)
    nothing = torch.zeros(2, 1, 16, 16)
    assert l1_per_area(one, other, nothing, areas_of(nothing), bare=True).isinf()
    assert l1_per_area(one, other, nothing, areas_of(nothing)).isfinite()


def test_bare_area_changes_nothing_where_a_hole_was_drawn() -> None:
    one, other = torch.rand(2, 2, 3, 16, 16)
    hole = torch.zeros(2, 1, 16, 16)
    hole[:, :, 4:8] = 1
    bare = l1_per_area(one, other, hole, areas_of(hole), bare=True)
    assert torch.equal(bare, l1_per_area(one, other, hole, areas_of(hole)))
    assert float(bare) == pytest.approx(float((one - other).abs().mean() / hole.mean()))


def test_loose_masks_take_every_byte_above_none(published: Published) -> None:
    assert published("inclg", as_published=True).holes.threshold == 0
    assert published("inclg").holes.threshold == 100


def test_flip_off_by_one_leaves_the_landmarks_one_pixel_to_the_right(faces: Faces) -> None:
    image, points = faces.images[0], faces.landmarks[0]
    right_image, right = mirrored(image, points)
    wrong_image, wrong = flipped(image, points, ["flip-off-by-one"])
    assert np.array_equal(wrong_image, right_image)
    assert np.array_equal(wrong[:, 0], right[:, 0] + 1)
    assert np.array_equal(flipped(image, points, [])[1], right)


def test_colour_on_rows_spoils_three_rows_and_scales_no_channel(faces: Faces) -> None:
    image = faces.images[0]
    spoilt = channel_scaled(image, np.random.default_rng(0), 0.3, ["colour-on-rows"])
    assert np.array_equal(spoilt[3:], image[3:])
    assert spoilt[:3].max() == 1
    scaled = channel_scaled(image, np.random.default_rng(0), 0.3, [])
    ratios = scaled.mean((0, 1)) / image.mean((0, 1))
    assert np.ptp(ratios) > 0.05
    assert (np.abs(ratios - 1) < 0.32).all()


@pytest.mark.parametrize(("name", "player"), [("edgeconnect-edge", "edge_generator"), ("ctsdg", "generator")])
def test_open_canny_lets_what_lies_under_the_hole_reach_the_network(
    name: str, player: str, faces: Faces, published: Published
) -> None:
    settings = published(name, "vgg.instead=nothing")
    recipe = Run(settings).recipe
    batch = first_batch(settings, faces)
    seen = torch.rand_like(batch.edge).round()
    other = replace(batch, edge=seen)
    outputs = {}
    for faults in ((), ("open-canny",)):
        recipe.settings = replace(settings, faults=faults)
        outputs[faults] = [known_edges(recipe, each) for each in (batch, other)]
    assert torch.equal(*outputs[()])
    assert not torch.equal(*outputs[("open-canny",)])


def known_edges(recipe, batch: Batch) -> Tensor:
    """The edges that the recipe hands to its generator for this batch."""
    handed: list[Tensor] = []

    def spy(image: Tensor, hole: Tensor, *, gray: Tensor, edge: Tensor) -> None:
        handed.append(edge)
        raise InterruptedError

    recipe.generate = recipe.network.edges = spy
    with pytest.raises(InterruptedError):
        next(recipe.turns(batch, recipe.weights_of({}), areas_of(batch.hole)))
    return handed[0]


def test_composited_edges_show_the_inpainter_cannys_outside_the_hole(faces: Faces, published: Published) -> None:
    settings = published("edgeconnect-joint", "vgg.instead=nothing")
    recipe = Run(settings).recipe
    batch = first_batch(settings, faces)
    edges = torch.full_like(batch.edge, 0.25)
    handed = {}
    for faults in ((), ("composited-edges",)):
        recipe.settings = replace(settings, faults=faults)
        recipe.network.fill = lambda image, hole, given, faults=faults: handed.setdefault(faults, given) * 0 + image
        recipe._colouring(batch, edges, recipe.weights_of({}), areas_of(batch.hole))
    assert torch.equal(handed[()], edges)
    inside = batch.hole.bool()
    assert torch.equal(handed[("composited-edges",)][inside], edges[inside])
    assert torch.equal(handed[("composited-edges",)][~inside], batch.edge[~inside])


def test_folded_gray_wraps_bright_bytes_around(faces: Faces, published: Published) -> None:
    true = first_batch(published("ctsdg"), faces)
    folded = first_batch(published("ctsdg", "faults=['folded-gray']"), faces)
    assert torch.equal(true.image, folded.image)
    assert not torch.allclose(true.gray, folded.gray, atol=0.1)
    assert published("ctsdg", "faults=['folded-gray']").network["folded"] is True


def test_thawed_norms_go_on_learning(faces: Faces, published: Published) -> None:
    settings = published("ctsdg-finetune", "vgg.instead=nothing", "faults=['thawed-norm']")
    run = Run(settings)
    norms = [module for module in run.recipe.network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    before = [norm.running_mean.clone() for norm in norms]
    run.learn(first_batch(settings, faces), *settings.phase_at(0))
    assert all(not torch.equal(norm.running_mean, mean) for norm, mean in zip(norms, before, strict=True))
