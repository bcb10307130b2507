"""The addresses under /api/: the description, the cases, and whatever clinic.studies.api answers."""

from django.urls import include, path

from clinic.config.api import description
from clinic.inpainting import api as cases

app_name = "api"
urlpatterns = [
    path("", description.listing, name="listing"),
    path("schema/", description.schema, name="schema"),
    path("cases", cases.cases, name="cases"),
    path("cases/<uuid:case_id>", cases.case, name="case"),
    path("", include("clinic.studies.api.urls")),
]
