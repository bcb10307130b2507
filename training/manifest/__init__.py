"""The firewall: training opens a file only where a manifest lists it, unchanged, and under no vault of the platform.

Everything that is learnt from passes here, from the disk to training.data and training.holes.
"""

from training.manifest.listing import (
    NAME,
    PICTURES,
    Manifest,
    combined,
    entry,
    heading,
    read_listed,
    read_manifest,
    verify,
    write,
    write_table,
)

__all__ = [
    "NAME",
    "PICTURES",
    "Manifest",
    "combined",
    "entry",
    "heading",
    "read_listed",
    "read_manifest",
    "verify",
    "write",
    "write_table",
]
