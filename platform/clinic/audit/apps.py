"""The audit app as Django knows it: its label and its key type."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers clinic.audit under the label ``audit``."""

    name = "clinic.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
