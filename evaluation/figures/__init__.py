"""The figures of an evaluation; `evaluation.figures.gallery` draws them all."""
