"""Whether this installation is at work, for whatever watches it from outside: the database answers, the queue moves.

It says no more than that, because it asks nobody who they are. What the console knows better (a night that failed, a
file that waits) stands there, for those whom it concerns.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import Schedule

# The worker looks for what is due about twice a minute.
OVERDUE_AFTER: Final = timedelta(minutes=15)


# No transaction around it: where there is no database, that would fail before anything is answered.
@transaction.non_atomic_requests
@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """200 where all is well, else 503; either way each part in a word or a sentence."""
    told = {"database": _database()}
    if told["database"] == "ok":
        told["queue"] = _queue()
    return JsonResponse(told, status=200 if set(told.values()) == {"ok"} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return "does not answer"
    return "ok"


def _queue() -> str:
    due = list(Schedule.objects.values_list("next_run", flat=True))
    if not due:
        return "nothing is scheduled: run manage.py schedules"
    late = timezone.now() - OVERDUE_AFTER
    if any(moment is not None and moment < late for moment in due):
        return "a job is overdue: the worker (manage.py qcluster) is not running"
    return "ok"
