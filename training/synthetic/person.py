"""Draw a person who does not exist: everything about them and their one sitting before the camera, from a seed.

From a seed to a `Person`, which `photograph` turns into pictures of any size, with a cleft or without.
"""

from dataclasses import dataclass

from training.synthetic import backdrop, camera, eyes, finish, hair, light, shape, skin, strands
from training.synthetic.shape import KINDS, Kind
from training.synthetic.streams import stream


@dataclass(frozen=True)
class Person:
    """One synthetic person; every part is drawn from its own stream of the seed."""

    seed: int
    shape: shape.Shape
    skin: skin.Skin
    eyes: eyes.Eyes
    strands: strands.Strands
    dress: hair.Dress
    light: light.Light
    pose: camera.Pose
    backdrop: backdrop.Backdrop
    finish: finish.Finish

    @property
    def kind(self) -> Kind:
        """infant, child or adult."""
        return self.shape.kind


def person(seed: int, *, kind: Kind | None = None) -> Person:
    """The person with this seed (>= 0), of this kind or of one drawn (half of them infants)."""
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if seed < 0:
        raise ValueError(f"a seed is 0 or more, not {seed}")
    form = shape.draw(stream(seed, "shape"), kind, stream(seed, "expression"))
    return Person(
        seed=seed,
        shape=form,
        skin=skin.draw(stream(seed, "skin"), form),
        eyes=eyes.draw(stream(seed, "eyes"), form),
        strands=strands.draw(stream(seed, "strands"), form),
        dress=hair.draw(stream(seed, "dress"), form),
        light=light.draw(stream(seed, "light")),
        pose=camera.draw(stream(seed, "pose")),
        backdrop=backdrop.draw(stream(seed, "backdrop")),
        finish=finish.draw(stream(seed, "finish")),
    )
