"""Names the inpainting app to Django: it sends blanked crops to the worker and takes results back."""

from django.apps import AppConfig


class InpaintingConfig(AppConfig):
    name = "clinic.inpainting"
    default_auto_field = "django.db.models.BigAutoField"
