"""A message that is sent by the queue, and not while a page waits for the mail server.

It may hold a link that sets a password, and the queue keeps its tasks in the database: there it is sealed, like the
secrets of second factors.
"""

from __future__ import annotations

import json

from django.core.mail import EmailMessage
from django_q.tasks import async_task

from login.sealing import seal, unseal


def send_soon(message: EmailMessage) -> None:
    """The worker sends it, or tries again later where the mail server does not take it."""
    told = {"subject": message.subject, "body": message.body, "to": message.to, "from": message.from_email}
    async_task("login.tasks.send_sealed", seal(json.dumps(told)), save=False)


def send(sealed: str) -> None:
    """Send what ``send_soon`` sealed. Raises InvalidToken where SECRET_KEY is another by now."""
    told = json.loads(unseal(sealed))
    EmailMessage(told["subject"], told["body"], told["from"], told["to"]).send()
