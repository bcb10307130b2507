"""The clinic's processes load no torch: the web server and its Celery worker know the border of inference only."""

import subprocess
import sys

LOADED = """
import sys
from clinic.config.celery import app
from clinic.config import urls
app.loader.import_default_modules()
print(sorted(app.tasks), sorted(name for name in sys.modules if name.split(".")[0] in ("torch", "torchvision")))
assert "clinic.record" in app.tasks
assert not {"torch", "torchvision", "inference.worker", "inference.engine"} & set(sys.modules)
"""


def test_the_clinic_loads_no_torch(tmp_path):
    environment = {"VERMILION_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
