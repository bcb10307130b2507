"""Installs checkpoints: reads their cards and digests, loads no weights.

From the folder that the worker also reads; to Checkpoint rows, by which every job and result names its weights.
"""

import hashlib
import json
from pathlib import Path

from django.db import transaction

from clinic.inpainting.models import Checkpoint
from clinic.inpainting.refusals import InpaintingRefusal
from inference.card import Card, CheckpointError

SUFFIX = ".safetensors"


@transaction.atomic
def install(folder: Path) -> list[Checkpoint]:
    """Install every `*.safetensors` in `folder` and make it the active one of its method; all or none.

    Jobs already under way keep the checkpoint they were made with. Raises `InpaintingRefusal` for a file without a
    card, a card without its file, a digest that differs, or two files for one method.
    """
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise InpaintingRefusal("NO-CHECKPOINTS", f"{folder} holds no {SUFFIX} file: train or copy checkpoints there")
    cards = [_verified_card(file) for file in files]
    methods = [card.method for card in cards]
    doubled = sorted({method for method in methods if methods.count(method) > 1})
    if doubled:
        raise InpaintingRefusal("TWO-CHECKPOINTS", f"{folder} holds two checkpoints of {doubled[0]}: keep one")
    return [_activate(card) for card in cards]


def _verified_card(file: Path) -> Card:
    try:
        card = Card.from_json(file.with_suffix(".json").read_text(encoding="utf-8"))
    except OSError:
        raise InpaintingRefusal("NO-CARD", f"{file} has no card {file.with_suffix('.json').name} beside it") from None
    except (CheckpointError, UnicodeDecodeError) as problem:
        raise InpaintingRefusal("BAD-CARD", f"{file.with_suffix('.json')}: {problem}") from None
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != card.sha256:
        raise InpaintingRefusal("BAD-DIGEST", f"{file} is not the file of its card: its SHA-256 is {digest}")
    return card


def _activate(card: Card) -> Checkpoint:
    Checkpoint.objects.filter(method=card.method, active=True).exclude(sha256=card.sha256).update(active=False)
    checkpoint, _ = Checkpoint.objects.update_or_create(
        method=card.method, sha256=card.sha256, defaults={"card": json.loads(card.to_json()), "active": True}
    )
    return checkpoint
