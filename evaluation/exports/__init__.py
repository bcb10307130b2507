"""Marks and findings in the formats other programs read; `evaluation.exports.bundle` packs them all."""
