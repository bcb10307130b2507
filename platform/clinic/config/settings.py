"""Every setting of the clinic, in one place.

Read from the environment by clinic.config.environment; used by the web server, the clinic's Celery worker and the
management commands. With no environment at all it serves one machine on loopback, keeping everything under ``var/``.
"""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from clinic.config import environment

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(__file__).resolve().parents[1]
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]

# ---- where this runs
DEBUG = environment.flag("VERMILION_DEBUG", default=False)
DATA = environment.folder("VERMILION_DATA", ROOT / "var")
ALLOWED_HOSTS = environment.names("VERMILION_ALLOWED_HOSTS", LOOPBACK)
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
# Beyond loopback, plain HTTP would show passwords and pictures to the network: it has to be asked for by name.
ON_LOOPBACK = set(ALLOWED_HOSTS) <= set(LOOPBACK)
HTTPS = environment.flag("VERMILION_HTTPS", default=not ON_LOOPBACK)


def _secret(name: str, file: str) -> str:
    """Return a secret from the environment or, on loopback only, one made and kept under the data folder."""
    value = environment.secret(name)
    if value is None and not ON_LOOPBACK:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE, before serving {ALLOWED_HOSTS[0]}.")
    return value or environment.kept_secret(DATA / "keys" / file)


SECRET_KEY = _secret("VERMILION_SECRET_KEY", "web-secret")
# The audit chain is keyed apart from the sessions, so that changing one never breaks the other.
AUDIT_KEY = _secret("VERMILION_AUDIT_KEY", "audit-secret")

VAULT_ROOT = DATA / "vault"
VAULT_KEY_FILE = environment.folder("VERMILION_VAULT_KEY_FILE", DATA / "keys" / "vault.key")
CHECKPOINTS = environment.folder("VERMILION_CHECKPOINTS", ROOT / "inference" / "weights")
VAULT_KEY_PROVIDER = environment.text("VERMILION_VAULT_KEY_PROVIDER", "file")
PLATFORM_KEY_FILE = environment.folder("VERMILION_PLATFORM_KEY_FILE", DATA / "keys" / "platform.key")
BROKER_URL = environment.text("VERMILION_BROKER_URL", f"filesystem://{DATA / 'broker'}")

# ---- what it is made of
INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "clinic.accounts",
    "clinic.audit",
    "clinic.vault",
    "clinic.cases",
    "clinic.inpainting",
    "clinic.studies",
    "clinic.config",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.config.middleware.quiet_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clinic.config.middleware.session_clock",
    "clinic.config.middleware.lock_screen",
    "clinic.config.middleware.own_password_first",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ]
            if DEBUG
            else [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.config.navigation.shell",
            ],
        },
    }
]

# The house's own field template (templates/django/forms/field.html) draws every form.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
ROOT_URLCONF = "clinic.config.urls"
WSGI_APPLICATION = "clinic.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The address of a database server holds its password, so it may stand in a file like the other secrets.
DATABASE_URL = environment.secret("VERMILION_DATABASE_URL") or f"sqlite:///{DATA / 'vermilion.sqlite3'}"
DATABASES = {"default": environment.database(DATABASE_URL)}

# ---- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
SIGN_IN_TRIES = 5
SIGN_IN_TRIES_PER_ADDRESS = 50
SIGN_IN_PAUSE_MINUTES = 15
# How many reverse proxies of our own stand before the web server, each appending to X-Forwarded-For.
PROXIES = environment.whole_number("VERMILION_PROXIES", 0)

# ---- the API: tokens only, JSON only; Django REST framework's own pages and their files stay out
API_RATE = "600/min"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["clinic.accounts.bearer.BearerAuthentication"],
    # The lock alone lets nobody in: an address has to name its roles.
    "DEFAULT_PERMISSION_CLASSES": ["clinic.accounts.wire.Lock"],
    "DEFAULT_THROTTLE_CLASSES": ["clinic.accounts.wire.Pace"],
    "DEFAULT_PARSER_CLASSES": ["clinic.accounts.wire.Json"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "clinic.accounts.wire.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "clinic.config.api.problems.answer",
    "NUM_PROXIES": PROXIES,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Vermilion",
    "DESCRIPTION": "Reading sheets, running studies and fetching exports by program, with the blinding of the pages.",
    "VERSION": "1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_NAME_OVERRIDES": {
        "MarkReasonEnum": "clinic.studies.models.Reason",
        "UnblindingReasonEnum": "clinic.studies.models.Unblinding.Why",
    },
}

# ---- sessions: a shared ward computer must not stay open
SESSION_ENGINE = "clinic.accounts.sessions"
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "vermilion_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "vermilion_csrf"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "clinic.config.pages.errors.csrf_refused"
CSRF_TRUSTED_ORIGINS = environment.names("VERMILION_TRUSTED_ORIGINS", [])
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---- transport and headers
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        # The mask bench previews a mask that has not left the browser, as a blob of its own making.
        "img-src": [SELF, "blob:"],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}

# ---- letters: reminders to readers; without a mail server they are printed where the log goes
EMAIL_HOST = environment.text("VERMILION_MAIL_HOST", "")
EMAIL_PORT = environment.whole_number("VERMILION_MAIL_PORT", 587)
EMAIL_HOST_USER = environment.text("VERMILION_MAIL_USER", "")
EMAIL_HOST_PASSWORD = environment.secret("VERMILION_MAIL_PASSWORD") or ""
EMAIL_USE_TLS = environment.flag("VERMILION_MAIL_TLS", default=True)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = environment.text("VERMILION_MAIL_FROM", "vermilion@localhost")

# ---- uploads: a photograph stays in memory until it is sealed, so the whole request fits the cap
UPLOAD_LIMIT = 32 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["clinic.cases.uploads.InMemoryUpload"]
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# ---- words, time and files
LANGUAGE_CODE = "en-gb"
TIME_ZONE = environment.text("VERMILION_TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
