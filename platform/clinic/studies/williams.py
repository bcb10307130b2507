"""Latin squares balanced for what stands next to what.

From an even number of methods to the rows of a Williams design (Williams 1949, Aust. J. Sci. Res. A 2:149), in which
every method stands once in every place and comes exactly once directly after every other. Used by
clinic.studies.allocation.
"""


def square(size: int) -> list[list[int]]:
    """The `size` rows over 0..size-1; `size` even and at least 2, else ValueError."""
    if size < 2 or size % 2:
        raise ValueError(f"A single balanced square needs an even number of methods, not {size}.")
    first = [0]
    for step in range(1, size):
        first.append((step + 1) // 2 if step % 2 else size - step // 2)
    return [[(entry + shift) % size for entry in first] for shift in range(size)]
