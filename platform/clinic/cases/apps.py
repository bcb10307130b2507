"""Names the cases app for Django.

From: `INSTALLED_APPS` of the settings. To: the app registry.
"""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "clinic.cases"
    label = "cases"
    verbose_name = "Cases"
    default_auto_field = "django.db.models.BigAutoField"
