"""The addresses of the API: `reading/` is a reader's own side, `studies/` the desk's."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from clinic.studies import addresses as addresses  # its converters
from clinic.studies.api import exports, reading, running


class MemberConverter(StringConverter):
    """The name of a file in the archive."""

    regex = r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?"


register_converter(MemberConverter, "member")

urlpatterns = [
    path("reading/studies", reading.my_studies, name="my-studies"),
    path("reading/studies/<uuid:study_id>", reading.my_study, name="my-study"),
    path("reading/studies/<uuid:study_id>/agreement", reading.agree, name="agree"),
    path("reading/studies/<uuid:study_id>/next", reading.next_sheet, name="next"),
    path("reading/sheets/<uuid:reading_id>", reading.sheet, name="sheet"),
    path("reading/sheets/<uuid:reading_id>/draft", reading.draft, name="draft"),
    path("reading/sheets/<uuid:reading_id>/submission", reading.submit, name="submit"),
    path("reading/sheets/<uuid:reading_id>/guess", reading.guess, name="guess"),
    path("reading/sheets/<uuid:reading_id>/given.png", reading.given, name="given"),
    path("reading/pictures/<token:token>.png", reading.picture, name="picture"),
    path("studies", running.studies, name="studies"),
    path("studies/<uuid:study_id>", running.study, name="study"),
    path("studies/<uuid:study_id>/check", running.check, name="check"),
    path("studies/<uuid:study_id>/opening", running.open_study, name="open"),
    path("studies/<uuid:study_id>/closing", running.close_study, name="close"),
    path("studies/<uuid:study_id>/unblinding", running.ask_unblinding, name="ask"),
    path("studies/<uuid:study_id>/unblinding/withdrawal", running.withdraw_unblinding, name="withdraw"),
    path("studies/<uuid:study_id>/progress", running.progress, name="progress"),
    path("studies/<uuid:study_id>/results", running.results, name="results"),
    path("studies/<uuid:study_id>/archive.zip", exports.archive, name="archive"),
    path("studies/<uuid:study_id>/marks.csv", exports.marks, name="marks"),
    path("studies/<uuid:study_id>/files", exports.files, name="files"),
    path("studies/<uuid:study_id>/files/<member:name>", exports.one_file, name="file"),
]
