"""Registers the app with Django, and with it the system checks."""

from django.apps import AppConfig


class RolesConfig(AppConfig):
    """See the package's docstring for what lives here."""

    default = True
    name = "roles"
    verbose_name = "Roles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from roles import checks, endings, watching  # noqa: F401  (importing the first registers the checks)

        endings.register()
        watching.register()
