"""Holes to train on: a clinician's lip masks, free-form strokes, blocks, and irregular masks from files.

Drawn by training.data.batches for each sample anew; clinical shapes come from training.synthetic.
"""

from training.holes.drawn import block, centre, strokes
from training.holes.files import MaskFiles, read_masks
from training.holes.shares import draw_hole

__all__ = ["MaskFiles", "block", "centre", "draw_hole", "read_masks", "strokes"]
