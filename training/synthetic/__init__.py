"""People who do not exist: seeded faces with exact landmarks, with clefts and the masks a clinician would draw.

From seeds to the only face data in the repository, for training, demo and tests.
"""

from training.synthetic.cleft import Cleft
from training.synthetic.clinical_mask import clinical_hole, draw_clefts
from training.synthetic.person import Person, person
from training.synthetic.photograph import Photograph, photograph

__all__ = ["Cleft", "Person", "Photograph", "clinical_hole", "draw_clefts", "person", "photograph"]
