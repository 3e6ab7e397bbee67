"""Which address shows what."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

admin.site.site_header = "CSTF interface"
admin.site.site_title = "CSTF interface"
admin.site.index_title = "Staff record and LMS exchange"
# One page to log in, with all that belongs to it. The admin's own would ask for a password alone.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth's documentation has it

urlpatterns: list[URLPattern | URLResolver] = [
    path("log-in/", include("login.urls")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]
