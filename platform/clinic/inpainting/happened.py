"""Tells the story of a case in clock times: who did what to it, newest first.

From: the rows of the case. To: the case page. The four jobs appear together only, since their single times could betray
a method.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic.cases.models import Case, Crop, Mask
from clinic.inpainting.models import InpaintingJob, JobState


@dataclass(frozen=True)
class Event:
    """One thing that happened; `who` is a person's name or empty for the system."""

    at: datetime
    what: str
    who: str


def happened(case: Case) -> list[Event]:
    """Return the events of `case`, newest first."""
    photograph = case.photograph
    sealed = f"Photograph sealed, {photograph.width} × {photograph.height}"
    events = [Event(photograph.uploaded_at, sealed, case.owner.name)]
    for crop in photograph.crops.select_related("created_by"):
        events += crop_events(crop)
    return sorted(events, key=lambda event: event.at, reverse=True)


def crop_events(crop: Crop) -> list[Event]:
    """Return the events of one crop and of its masks."""
    events = [Event(crop.created_at, f"Crop chosen, {crop.side} px square", crop.created_by.name)]
    for mask in crop.masks.select_related("drawn_by"):
        what = f"Mask v{mask.version} {mask.get_source_display().lower()}, coverage {100 * mask.coverage:.1f} %"
        events += [Event(mask.created_at, what, mask.drawn_by.name), *job_events(mask)]
    return events


def job_events(mask: Mask) -> list[Event]:
    """Return when the jobs of a mask were sent, and when the last of them had come back, if all have."""
    jobs = list(InpaintingJob.objects.filter(mask=mask).select_related("requested_by"))
    if not jobs:
        return []
    sent = min(job.created_at for job in jobs)
    events = [Event(sent, f"Four jobs sent for mask v{mask.version}", jobs[0].requested_by.name)]
    if all(job.state == JobState.DONE for job in jobs):
        events.append(Event(max(job.updated_at for job in jobs), "All four results sealed", ""))
    return events
