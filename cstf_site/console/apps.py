"""Makes the console the site of the admin: `django.contrib.admin.site` is it, wherever a page is registered."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Stands in the place of ``django.contrib.admin`` among the installed apps."""

    default = False
    default_site = "cstf_site.console.site.ConsoleSite"

    def ready(self) -> None:
        """Finds what registers itself: the models' pages as Django does, and the console's own."""
        super().ready()
        from cstf_site.console import pages

        for module in pkgutil.iter_modules(pages.__path__):
            import_module(f"{pages.__name__}.{module.name}")
