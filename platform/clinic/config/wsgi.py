"""The door for gunicorn: ``gunicorn clinic.config.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")

application = get_wsgi_application()
