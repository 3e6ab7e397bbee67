"""Registers the app with Django."""

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    """See the package's docstring for what lives here."""

    name = "interface"
    verbose_name = "CSTF interface"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from interface.inbound import evidence
        from interface.recovery import evidence as of_replays

        evidence.register()
        of_replays.register()
