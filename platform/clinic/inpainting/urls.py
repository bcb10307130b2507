"""The addresses of the list of cases and of a case's jobs; its photograph, crop and mask are in `clinic.cases.urls`."""

from django.urls import path

from clinic.inpainting import views

app_name = "inpainting"
urlpatterns = [
    path("", views.cases, name="cases"),
    path("pictures", views.pictures, name="pictures"),
    path("<uuid:case_id>/", views.case, name="case"),
    path("<uuid:case_id>/jobs", views.jobs, name="jobs"),
    path("<uuid:case_id>/run", views.run, name="run"),
    path("<uuid:case_id>/retry", views.retry, name="retry"),
]
