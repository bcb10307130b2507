"""The addresses of a case's photograph, crop and mask; the list and the case page belong to `clinic.inpainting`."""

from django.urls import path

from clinic.cases import mask_views, picture_views, views

app_name = "cases"
urlpatterns = [
    path("new", views.new, name="new"),
    path("<uuid:case_id>/crop", views.crop, name="crop"),
    path("<uuid:case_id>/mask", mask_views.bench, name="mask"),
    path("<uuid:case_id>/mask/file", mask_views.mask_file, name="mask-file"),
    path("<uuid:case_id>/mask/<int:version>", mask_views.mask_version, name="mask-version"),
    path("<uuid:case_id>/photograph.png", picture_views.photograph, name="photograph"),
    path("<uuid:case_id>/crop.png", picture_views.crop, name="crop-picture"),
    path("<uuid:case_id>/canonical.png", picture_views.canonical, name="canonical"),
    path("<uuid:case_id>/thumbnail.png", picture_views.thumbnail, name="thumbnail"),
]
