"""Measuring: how far filled holes are from the truth, beside classical inpainting and beside the papers' figures."""
