# Two images from one tree: `web` knows no torch, `worker` knows no Django and cannot open the vault.
#   docker build --target web --tag vermilion-web .
#   docker build --target worker --tag vermilion-worker .
FROM python:3.11-slim-bookworm AS python
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin vermilion
WORKDIR /app

FROM python AS pins
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY pyproject.toml requirements.txt README.md LICENSE ./
# The packages of our own are copied last, so that a change of code does not install everything anew.
RUN mkdir -p platform/clinic inference training evaluation
# The same pins as on a developer's machine; a constraints file may hold no `-e` line.
RUN grep -v '^-e' requirements.txt > pins.txt

FROM pins AS web-packages
RUN pip install --constraint pins.txt --editable '.[web]'

FROM pins AS worker-packages
# Empty: the torch build that the package index offers (with CUDA on x86-64; it runs without a GPU too).
# For the small CPU build give the address of PyTorch's index of CPU wheels.
ARG TORCH_INDEX=""
RUN if [ -n "$TORCH_INDEX" ]; then \
      grep -E '^torch(vision)?==' pins.txt > torch.txt && \
      pip install --no-deps --index-url "$TORCH_INDEX" --requirement torch.txt; \
    fi
RUN pip install --constraint pins.txt --editable '.[worker]'

FROM python AS web
COPY --from=web-packages /venv /venv
COPY pyproject.toml manage.py ./
COPY platform platform
COPY evaluation evaluation
COPY inference inference
COPY templates templates
RUN install -d -o vermilion -g vermilion -m 0700 /data /keys
ENV DJANGO_SETTINGS_MODULE=clinic.config.settings \
    MPLCONFIGDIR=/tmp/matplotlib \
    VERMILION_DATA=/data \
    VERMILION_VAULT_KEY_FILE=/keys/vault.key \
    VERMILION_PLATFORM_KEY_FILE=/keys/platform.key \
    VERMILION_CHECKPOINTS=/checkpoints
USER vermilion
VOLUME ["/data", "/keys"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(web.Request('http://127.0.0.1:8000/sign-in', headers={'Host': os.environ.get('VERMILION_ALLOWED_HOSTS', 'localhost').split(',')[0], 'X-Forwarded-Proto': 'https'}), timeout=4)"]
CMD ["gunicorn", "clinic.config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]

FROM python AS worker
COPY --from=worker-packages /venv /venv
COPY pyproject.toml ./
COPY inference inference
RUN install -d -o vermilion -g vermilion -m 0700 /worker
ENV VERMILION_WORKER_KEYS=/worker/worker.key \
    VERMILION_PLATFORM_KEY=/worker/platform.pub \
    VERMILION_CHECKPOINTS=/checkpoints
USER vermilion
VOLUME ["/worker"]
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["python", "-c", "import os, kombu; kombu.Connection(os.environ['VERMILION_BROKER_URL']).ensure_connection(max_retries=1)"]
CMD ["python", "-m", "inference", "worker"]
