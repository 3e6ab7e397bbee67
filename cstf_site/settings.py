"""Django's settings. What an installation may choose comes from the environment: `.env.example` lists it."""

import datetime as dt
from pathlib import Path
from typing import Any

from cstf_site import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
env.read_env_file(BASE_DIR)

# --- The installation -------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", default=False)
DATABASES = {"default": env.database("DATABASE_URL", VAR / "cstf.sqlite3", base=BASE_DIR)}
ON_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
DATABASES["default"]["OWNER"] = env.database_owner("DATABASE_OWNER_URL")
SECRET_KEY = env.secret_key("SECRET_KEY", debug=DEBUG, kept_in=VAR / "secret_key" if ON_SQLITE else None)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS", default=not DEBUG)
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", of=env.LOG_LEVELS)
vars().update(env.email("EMAIL_URL", "consolemail://"))

# --- The exchange -----------------------------------------------------------------------------------

EXCHANGE_ROOT = env.folder("EXCHANGE_ROOT", VAR / "exchange", base=BASE_DIR)
INBOUND_MAX_BYTES = env.whole("INBOUND_MAX_BYTES", 512 * 1024**2, least=1024, most=64 * 1024**3)
# Lines decided in one transaction: more is a little faster, fewer is less to repeat after a crash.
INBOUND_BATCH_LINES = env.whole("INBOUND_BATCH_LINES", 5000, least=1, most=20000)
LEAVER_RETENTION_DAYS = env.whole("LEAVER_RETENTION_DAYS", 90, least=0, most=3650)
# More than these shares of a partner's population changed or deleted: the file waits for a person.
GUARD_CHANGED_SHARE = env.share("GUARD_CHANGED_SHARE", 0.30)
GUARD_DELETED_SHARE = env.share("GUARD_DELETED_SHARE", 0.05)
# Fewer people than this are never too many: in a population of a dozen one leaver exceeds any share.
GUARD_MINIMUM_PEOPLE = env.whole("GUARD_MINIMUM_PEOPLE", 10, least=1, most=1_000_000)
RUN_LEASE_SECONDS = env.whole("RUN_LEASE_SECONDS", 300, least=10, most=3600)
RUN_MAX_ATTEMPTS = env.whole("RUN_MAX_ATTEMPTS", 5, least=1, most=100)
# Fewer than a run has, or a file that fails whenever it is touched would take the whole night with it.
FILE_MAX_ATTEMPTS = env.whole("FILE_MAX_ATTEMPTS", 3, least=1, most=100)
# Tables that people upload by hand wait here for their confirmation, and files of the staff record that are held for a
# decision, in nobody's sight but ours. Where workers run on several hosts, it is a folder that they share.
UPLOAD_ROOT = env.folder("UPLOAD_ROOT", VAR / "uploads", base=BASE_DIR)
UPLOAD_MAX_BYTES = env.whole("UPLOAD_MAX_BYTES", 20 * 1024**2, least=1024, most=1024**3)
UPLOAD_MAX_UNPACKED_BYTES = env.whole("UPLOAD_MAX_UNPACKED_BYTES", 200 * 1024**2, least=1024**2, most=1024**3)
UPLOAD_MAX_ROWS = env.whole("UPLOAD_MAX_ROWS", 50_000, least=100, most=1_000_000)
# Longer ones are checked and applied by the queue, while a page shows how far that has come.
UPLOAD_BACKGROUND_ROWS = env.whole("UPLOAD_BACKGROUND_ROWS", 5000, least=0, most=50_000)
UPLOAD_KEEP_HOURS = env.whole("UPLOAD_KEEP_HOURS", 24, least=1, most=24 * 14)
# A workbook holds 1,048,576 rows, its header included.
EXPORT_MAX_ROWS = env.whole("EXPORT_MAX_ROWS", 100_000, least=100, most=1_000_000)
# Longer ones are made by the queue, while a page shows how far that has come, and are kept as long as uploads.
EXPORT_BACKGROUND_ROWS = env.whole("EXPORT_BACKGROUND_ROWS", 5000, least=0, most=1_000_000)
NIGHTLY_TIME = env.night_time("NIGHTLY_TIME", "21:30")

# --- The queue --------------------------------------------------------------------------------------

TASK_TIMEOUT_SECONDS = env.whole("TASK_TIMEOUT_SECONDS", 1800, least=60, most=6 * 3600)
Q_CLUSTER: dict[str, Any] = {
    "name": "cstf",
    "label": "Task queue",
    "orm": "default",
    "workers": env.whole("WORKERS", 2, least=1, most=64),
    "poll": 1,
    # The queue hands a task out again `retry` seconds after it was taken. Were that shorter than the
    # time a task may take, it would start again beside itself.
    "timeout": TASK_TIMEOUT_SECONDS,
    "retry": TASK_TIMEOUT_SECONDS + 300,
    # A task that raised is not acknowledged, so that a full disk or a lost database connection gets
    # another try after `retry` seconds: the same work is harmless twice. A task that was *killed* reports
    # nothing and is never counted here; the run ledger's own attempt counter stops that one.
    "ack_failures": False,
    "max_attempts": RUN_MAX_ATTEMPTS,
    # After days of standstill one exchange is due, not one for each night missed.
    "catch_up": False,
    "save_limit": 1000,
    "time_zone": "Europe/London",
}

# --- Django -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "cstf_site",
    "people",
    "roles",
    "competencies",
    "interface",
    "import_export",
    "django_q",
    "whitenoise.runserver_nostatic",
    "axes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "cstf_site.console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Last: its page for accounts takes the place of others'.
    "login",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "login.middleware.SafeHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cstf_site.acting.ActingMiddleware",
    "cstf_site.refusals.RefusalMiddleware",
    "cstf_site.readable.ReadableMiddleware",
    "login.middleware.SessionLimitMiddleware",
    "login.middleware.SecondFactorMiddleware",
    "cstf_site.middleware.TenancyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "cstf_site.urls"
WSGI_APPLICATION = "cstf_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "login.context.session",
            ],
        },
    },
]
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = ["cstf_site.formats"]
TIME_ZONE = "Europe/London"
USE_TZ = True

# --- Files ------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files"},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        ),
    },
}

# What arrives stops here, before it fills a disk.
FILE_UPLOAD_HANDLERS = [
    "interface.by_hand.quota.QuotaHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Import and export by hand ----------------------------------------------------------------------

# The package's own pages are not used (interface/by_hand): were they, nobody would hold these permissions.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import_by_nobody"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export_by_nobody"
IMPORT_EXPORT_USE_TRANSACTIONS = True

# --- Log-in -----------------------------------------------------------------------------------------

REQUIRE_MFA = env.flag("REQUIRE_MFA", default=True)
SESSION_IDLE_SECONDS = 60 * env.whole("SESSION_IDLE_MINUTES", 15, least=5, most=120)
SESSION_ABSOLUTE_SECONDS = 3600 * env.whole("SESSION_HOURS", 10, least=1, most=24)
SESSION_WARNING_SECONDS = 120
AXES_FAILURE_LIMIT = env.whole("LOGIN_FAILURES", 5, least=3, most=20)
AXES_COOLOFF_TIME = dt.timedelta(minutes=env.whole("LOCKOUT_MINUTES", 15, least=1, most=1440))

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = [
    # First: what no grant gives, it refuses on behalf of all.
    "roles.backends.GrantBackend",
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Length counts, rules on characters do not (NCSC's advice); known and guessable ones are refused.
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_ADAPTER = "login.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "login.forms.LogInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
# Wrong passwords and codes are counted by axes: in the database, for all workers at once.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)

MFA_ADAPTER = "login.adapters.SecondFactorAdapter"
MFA_FORMS = {"authenticate": "login.forms.CodeForm", "reauthenticate": "login.forms.CodeAgainForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "CSTF interface"
# A telephone's clock may be half a minute wrong.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Over plain HTTP browsers give security keys to localhost alone, whatever is allowed here.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "login.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "login.lockout.address_of"
AXES_LOCKOUT_TEMPLATE = "login/locked.html"
AXES_RESET_ON_SUCCESS = True
# Whoever goes on guessing at a locked account does not lock its owner out for longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["code", "credential", "csrfmiddlewaretoken"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [
    # It asks for addresses to be counted too; counting the account alone is stricter, whatever address is used.
    "axes.W006",
    # To put a name on the browsers' preload list is for whoever owns the whole domain.
    "security.W021",
]

# Single sign-on: each provider is offered once all that it needs is set (login/single_sign_on/sources.py).
OIDC_NAME = env.label("OIDC_NAME", "single sign-on")
OIDC_ISSUER = env.web_address("OIDC_ISSUER")
OIDC_CLIENT_ID = env.word("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.word("OIDC_CLIENT_SECRET", secret=True)
OIDC_ACCOUNT_CLAIM = env.word("OIDC_ACCOUNT_CLAIM", "email")
OIDC_ACCOUNT_FIELD = env.choice("OIDC_ACCOUNT_FIELD", "EMAIL", of=env.ACCOUNT_FIELDS)
OIDC_IS_SECOND_FACTOR = env.flag("OIDC_IS_SECOND_FACTOR", default=False)
CIS2_NAME = env.label("CIS2_NAME", "NHS Care Identity")
CIS2_ISSUER = env.web_address("CIS2_ISSUER")
CIS2_CLIENT_ID = env.word("CIS2_CLIENT_ID")
CIS2_KEY_FILE = env.file("CIS2_KEY_FILE", base=BASE_DIR)
CIS2_KEY_ID = env.word("CIS2_KEY_ID")
CIS2_KEY_ALGORITHM = env.choice("CIS2_KEY_ALGORITHM", "RS256", of=("RS256", "RS384", "RS512"))
CIS2_ACR_VALUES = env.words("CIS2_ACR_VALUES")
CIS2_SCOPES = env.words("CIS2_SCOPES") or ["openid", "profile", "email"]
CIS2_ACCOUNT_CLAIM = env.word("CIS2_ACCOUNT_CLAIM", "nhsid_useruid")
CIS2_ACCOUNT_FIELD = env.choice("CIS2_ACCOUNT_FIELD", "USERNAME", of=env.ACCOUNT_FIELDS)
CIS2_IS_SECOND_FACTOR = env.flag("CIS2_IS_SECOND_FACTOR", default=False)
SOCIALACCOUNT_ADAPTER = "login.single_sign_on.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# --- Safety of the web console ----------------------------------------------------------------------

# Whoever waited has gone by then, or asks again, and the database would be busy with both. 0: as long as it takes.
CONSOLE_STATEMENT_SECONDS = env.whole("CONSOLE_STATEMENT_SECONDS", 30, least=0, most=3600)

SECURE_SSL_REDIRECT = HTTPS
# What watches the installation asks on the host itself, behind whatever ends TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SESSION_ENGINE = "login.sessions"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_COOKIE_SECURE = HTTPS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "cstf_site.error_pages.stale_form"
if HTTPS:
    # The browser itself refuses these names from a sub-domain or over plain HTTP.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

# Everything comes from this site; nothing is written into pages.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}

# --- Log --------------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # stderr: stdout belongs to what a command answers.
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
