"""The clinic's Celery app, under the name that ``celery -A clinic.config`` and the operator's notes expect."""

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
django.setup()

# The task's module imports models, which only exist once Django is set up.
app = import_string("clinic.inpainting.tasks.app")
