"""68 landmarks in the iBUG order, found in pictures that come without them.

From pictures to training.data.preparing; the detectors are optional, their weights are never fetched.
"""

from training.landmarks.detector import DETECTORS, Choice, Detector, detector

__all__ = ["DETECTORS", "Choice", "Detector", "detector"]
