"""The queue's pages, for whoever installs: to look at, and to start a task again that failed.

The queue's own would let schedules be written, and a schedule names any function of the program: who may write one runs
what they like on the server. What is to run, and when, is in ``cstf_site/schedules.py``.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin, resubmit_task
from django_q.models import Failure, OrmQ, Schedule, Success

from people.audit.actions import record_many
from people.audit.events import Event
from people.audit.pages import AuditedAdmin
from people.console_admin import ReadOnly

for model in (Schedule, Success, Failure, OrmQ):
    admin.site.unregister(model)


@admin.register(Schedule)
class SchedulePage(ReadOnly, AuditedAdmin, ScheduleAdmin):
    actions = None


@admin.register(OrmQ)
class WaitingPage(ReadOnly, AuditedAdmin, QueueAdmin):
    actions = None


@admin.register(Success)
class DonePage(ReadOnly, AuditedAdmin, TaskAdmin):
    actions = None


@admin.register(Failure)
class FailedPage(ReadOnly, AuditedAdmin, FailAdmin):
    actions = ("start_again",)

    @admin.action(description="Start again", permissions=["view"])
    @transaction.atomic
    def start_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Every task is harmless done twice: those who do the work see to that."""
        events = [Event.about(task, "started again") for task in queryset]
        resubmit_task(self, request, queryset)
        record_many(events)
