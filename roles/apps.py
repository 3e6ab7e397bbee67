"""Registers the app with Django, and with it the system checks and the console's door."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class RolesConfig(AppConfig):
    """See the package's docstring for what lives here."""

    default = True
    name = "roles"
    verbose_name = "Roles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from roles import checks  # noqa: F401  (importing it registers the checks)


class GrantedAdminConfig(admin.AdminConfig):
    """In the place of ``django.contrib.admin`` among the installed apps."""

    default = False
    default_site = "roles.site.GrantedSite"
