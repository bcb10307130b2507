"""Faces to learn from: as they were distributed, prepared for training, alone or mixed.

From folders with a manifest to training.data.batches.
"""
