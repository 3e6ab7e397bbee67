"""The second step of the log-in, where it is not asked for."""

from __future__ import annotations

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from login import second_factor


class SecondStep(AuthenticateStage):
    """allauth's, but for whoever a provider vouches for that the settings trust with it."""

    def _should_handle(self, request: HttpRequest) -> bool:
        wanted: bool = super()._should_handle(request)
        return wanted and not second_factor.is_vouched_for(request, self.login.user)
