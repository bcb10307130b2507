"""The addresses under /api/: the description here, the rest in the apps that answer it."""

from django.urls import include, path

from clinic.config.api import description

app_name = "api"
urlpatterns = [
    path("", description.listing, name="listing"),
    path("schema/", description.schema, name="schema"),
    path("", include("clinic.studies.api.urls")),
]
