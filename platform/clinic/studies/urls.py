"""The addresses of the studies app."""

from django.urls import path

from clinic.studies import addresses as addresses  # its converters
from clinic.studies.views import invitations, pictures, planning, progress, readings, results, steps, studies

app_name = "studies"
urlpatterns = [
    path("studies/", studies.studies, name="list"),
    path("studies/new", studies.new, name="new"),
    path("studies/<uuid:study_id>/", studies.study, name="study"),
    path("studies/<uuid:study_id>/edit", studies.edit, name="edit"),
    path("studies/<uuid:study_id>/clone", studies.clone, name="clone"),
    path("studies/<uuid:study_id>/discard", studies.discard, name="discard"),
    path("studies/<uuid:study_id>/check", steps.prepare, name="prepare"),
    path("studies/<uuid:study_id>/open", steps.open_study, name="open"),
    path("studies/<uuid:study_id>/close", steps.close, name="close"),
    path("studies/<uuid:study_id>/unblind/ask", steps.ask, name="ask"),
    path("studies/<uuid:study_id>/unblind/withdraw", steps.withdraw, name="withdraw"),
    path("studies/<uuid:study_id>/unblind", steps.confirm, name="confirm"),
    path("studies/<uuid:study_id>/results", results.results, name="results"),
    path("studies/<uuid:study_id>/figures/<str:name>.svg", results.figure, name="figure"),
    path("studies/<uuid:study_id>/export", results.export, name="export"),
    path("studies/planning", planning.planning, name="planning"),
    path("signing-key.pem", results.signing_key, name="signing-key"),
    path("studies/<uuid:study_id>/progress", progress.one_board, name="board"),
    path("studies/<uuid:study_id>/readers/<uuid:reader_id>/remind", progress.remind, name="remind"),
    path("studies/<uuid:study_id>/readers/<uuid:reader_id>/marks", progress.strike, name="strike"),
    path("studies/<uuid:study_id>/invite", invitations.invite, name="invite"),
    path("studies/<uuid:study_id>/invitations/<uuid:invitation_id>/renew", invitations.renew, name="invitation-renew"),
    path(
        "studies/<uuid:study_id>/invitations/<uuid:invitation_id>/revoke", invitations.revoke, name="invitation-revoke"
    ),
    path("invitations/<str:token>", invitations.accept, name="invitation"),
    path("progress/", progress.progress, name="progress"),
    path("studies/<uuid:study_id>/read", readings.read, name="read"),
    path("studies/<uuid:study_id>/agree", readings.agree, name="agree"),
    path("readings/preferences", readings.preferences, name="preferences"),
    path("readings/<uuid:reading_id>/", readings.reading, name="reading"),
    path("readings/<uuid:reading_id>/draft", readings.draft, name="draft"),
    path("readings/<uuid:reading_id>/submit", readings.submit, name="submit"),
    path("readings/<uuid:reading_id>/given.png", pictures.given, name="given"),
    path("readings/<uuid:reading_id>/guess", readings.guess, name="guess"),
    path("pictures/<token:token>.png", pictures.picture, name="picture"),
]
