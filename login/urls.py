"""Which of allauth's views there are, one by one: what is not wanted (sign-up, e-mail addresses) does not exist."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path

from login import views
from login.single_sign_on import views as single_sign_on

urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.login, name="account_login"),
    path("out/", account.logout, name="account_logout"),
    path("closed/", account.account_inactive, name="account_inactive"),
    path("again/", account.reauthenticate, name="account_reauthenticate"),
    path("left/", views.session_left, name="session_left"),
    path("stay/", views.session_stay, name="session_stay"),
    path("password/", account.password_change, name="account_change_password"),
    # An account without a password logs in elsewhere; giving itself one would go round that.
    path("password/set/", views.closed, name="account_set_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("with/<slug:source_id>/", single_sign_on.start, name="single_sign_on"),
    path("with/<slug:source_id>/back/", single_sign_on.back, name="single_sign_on_back"),
    path("with/<slug:source_id>/keys/", single_sign_on.our_keys, name="single_sign_on_keys"),
    path("second-factor/", include("allauth.mfa.urls")),
]
