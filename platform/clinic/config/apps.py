"""The site itself as an app, so that Django finds its template tags."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Registers clinic.config under the label ``site``."""

    name = "clinic.config"
    label = "site"
