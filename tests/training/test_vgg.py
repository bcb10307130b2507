"""The perceptual terms see through a VGG where there is one, and say what stands in where there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torchvision.models.vgg import cfgs, make_layers

from training.data.batches import batches
from training.data.faces import Faces
from training.errors import CommandError
from training.loop.run import Run
from training.losses.vgg import FALLBACK_BANDS, KINDS, gram, read_critic
from training.settings import Settings
from training.settings.schedule import Vgg

Published = Callable[..., Settings]


@pytest.fixture(scope="module", params=["VGG16", "VGG19"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A file like torchvision's of that kind, but four channels wide and filled at random."""

    def written(kind: str) -> Path:
        path = tmp_path_factory.mktemp("vgg") / f"{kind}-stand-in.pth"
        torch.manual_seed(0)
        layers = make_layers(["M" if entry == "M" else 4 for entry in cfgs[KINDS[kind].plan]])
        torch.save({f"features.{key}": value for key, value in layers.state_dict().items()}, path)
        return path

    return written


def test_equal_pictures_are_at_no_distance_and_others_are(kind: str, stand_in: Callable[[str], Path]) -> None:
    critic, said = read_critic(Vgg(str(stand_in(kind))), kind)
    assert critic is not None
    assert said.startswith(f"{kind} with SHA-256 ")
    one, other = torch.rand(2, 1, 3, 64, 64)
    for term in (critic.perceptual, critic.style):
        assert float(term(critic(one), critic.truth(one))) == 0
        assert float(term(critic(one), critic.truth(other))) > 0


def test_a_term_teaches_the_picture_and_not_the_vgg(kind: str, stand_in: Callable[[str], Path]) -> None:
    critic, _ = read_critic(Vgg(str(stand_in(kind))), kind)
    assert critic is not None
    picture = torch.rand(1, 3, 64, 64, requires_grad=True)
    truth = critic.truth(torch.rand(1, 3, 64, 64))
    (critic.perceptual(critic(picture), truth) + critic.style(critic(picture), truth)).backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in critic.parameters())


def test_the_terms_look_after_the_published_layers() -> None:
    names = {}
    for kind, found in KINDS.items():
        block, layer, names[kind] = 1, 0, {}
        for index, module in enumerate(make_layers(cfgs[found.plan])):
            layer += isinstance(module, torch.nn.Conv2d)
            pooled = isinstance(module, torch.nn.MaxPool2d)
            names[kind][index] = f"pool{block}" if pooled else f"{type(module).__name__.lower()}{block}_{layer}"
            block, layer = (block + 1, 0) if pooled else (block, layer)
    nineteen, sixteen = KINDS["VGG19"], KINDS["VGG16"]
    assert [names["VGG19"][i] for i in nineteen.perceptual] == [f"relu{block}_1" for block in (1, 2, 3, 4, 5)]
    assert [names["VGG19"][i] for i in nineteen.style] == ["relu2_2", "relu3_4", "relu4_4", "relu5_2"]
    assert [names["VGG16"][i] for i in sixteen.style] == ["pool1", "pool2", "pool3"]
    assert sixteen.perceptual == sixteen.style


def test_a_gram_matrix_is_the_products_of_channels_over_the_size() -> None:
    feature = torch.rand(2, 3, 4, 5)
    expected = torch.einsum("nchw,ndhw->ncd", feature, feature) / (3 * 4 * 5)
    assert torch.allclose(gram(feature), expected)


@pytest.mark.parametrize("name", ["inclg", "ctsdg", "edgeconnect-inpaint", "lafin-inpaint"])
def test_with_weights_a_published_recipe_has_both_terms(
    name: str, stand_in: Callable[[str], Path], faces: Faces, published: Published
) -> None:
    kind = "VGG16" if name == "ctsdg" else "VGG19"
    settings = published(name, f"vgg.weights={stand_in(kind)}")
    log = Run(settings).learn(next(batches(faces, settings, workers=0)), *settings.phase_at(0))
    assert log["perceptual"] > 0
    assert log["style"] > 0
    assert "bands" not in log


@pytest.mark.parametrize(("instead", "bands"), [("bands", FALLBACK_BANDS), ("nothing", 0.0)])
def test_without_weights_the_stated_fallback_stands_in(instead: str, bands: float, published: Published) -> None:
    settings = published("inclg", f"vgg.instead={instead}")
    recipe = Run(settings).recipe
    weights = recipe.weights_of(settings.phases[0].weights)
    assert (weights["perceptual"], weights["style"], weights["bands"]) == (0, 0, bands)
    assert recipe.remarks["perceptual"].startswith("no VGG19 weights: ")


def test_a_recipe_without_these_terms_says_nothing_of_them(published: Published) -> None:
    assert Run(published("lafin-landmarks")).recipe.remarks == {}


def test_a_missing_file_is_refused_with_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"there is no .*download https://download\.pytorch\.org"):
        read_critic(Vgg(str(tmp_path / "vgg19.pth")), "VGG19")


def test_the_weights_of_another_depth_are_refused(stand_in: Callable[[str], Path]) -> None:
    with pytest.raises(CommandError, match="holds no VGG19"):
        read_critic(Vgg(str(stand_in("VGG16"))), "VGG19")


def test_a_file_of_anything_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vgg19.pth"
    path.write_bytes(b"not weights")
    with pytest.raises(CommandError, match="cannot be read as weights"):
        read_critic(Vgg(str(path)), "VGG19")


def test_a_file_of_another_family_of_networks_is_refused(tmp_path: Path) -> None:
    """DenseNet, for one, names its layers in words."""
    path = tmp_path / "dense.pth"
    torch.save({"features.conv0.weight": torch.zeros(2, 3, 3, 3), "features.norm0.bias": torch.zeros(2)}, path)
    with pytest.raises(CommandError, match="the file holds no VGG19 of torchvision's"):
        read_critic(Vgg(weights=str(path)), "VGG19")
