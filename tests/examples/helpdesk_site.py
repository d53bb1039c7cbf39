"""A Django project with the real django-helpdesk in it, served until its standard input ends.

Runs in an environment of its own (`scripts/need-django-helpdesk`), so it imports nothing of ours. Prints its address.
Below /test/ stands what people would do with a browser: open a ticket, change it, and look at what readers see.
"""

# mypy: ignore-errors
# Django and django-helpdesk are not installed where the project is checked.

from __future__ import annotations

import json
import sys
import tempfile
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

WEBHOOKS: list[str] = []
FOLDER = tempfile.TemporaryDirectory(prefix="deskbridge-helpdesk-")
OURS, PASSWORD, AGENT = "deskbridge", "made-up-password", "alex"


def configure() -> None:
    settings.configure(
        SECRET_KEY="made-up-key-of-a-test",
        ALLOWED_HOSTS=["*"],
        TIME_ZONE="UTC",
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER.name}/db.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        MEDIA_ROOT=f"{FOLDER.name}/media",
        MEDIA_URL="/media/",
        STATIC_URL="/static/",
        # Each request of the API brings the password.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SITE_ID=1,
        ROOT_URLCONF="helpdesk_site",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.humanize",
            "django.contrib.messages",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.staticfiles",
            "rest_framework",
            "helpdesk",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "django.template.context_processors.request",
                    ]
                },
            }
        ],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [
                "rest_framework.authentication.BasicAuthentication",
                "rest_framework.authentication.SessionAuthentication",
            ]
        },
        HELPDESK_TEAMS_MODEL="auth.User",
        HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
        HELPDESK_KBITEM_TEAM_GETTER=lambda _: None,
        HELPDESK_GET_FOLLOWUP_WEBHOOK_URLS=lambda: list(WEBHOOKS),
        HELPDESK_GET_NEW_TICKET_WEBHOOK_URLS=lambda: list(WEBHOOKS),
        LOGGING_CONFIG=None,
    )
    django.setup()


def prepare() -> None:
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User
    from helpdesk.models import CustomField, Queue

    User.objects.create_user(AGENT, "agent@example.com", "made-up-other-password", is_staff=True)
    User.objects.create_superuser(OURS, "deskbridge@example.com", PASSWORD)
    Queue.objects.create(title="Help", slug="help", allow_public_submission=True)
    CustomField.objects.create(name="remote_session", label="Remote session", data_type="varchar", max_length=40)


def open_ticket(request: HttpRequest) -> JsonResponse:
    """A ticket as a customer's mail opens it."""
    from helpdesk.models import Queue, Ticket

    del request
    queue = Queue.objects.get(slug="help")
    about = {"title": "Printer stuck", "description": "It does not print.", "submitter_email": "customer@example.com"}
    ticket = Ticket.objects.create(queue=queue, **about)
    return JsonResponse({"id": ticket.pk, "ours": str(user(OURS).pk)})


def change(request: HttpRequest, ticket_id: int) -> JsonResponse:
    """An agent sets the custom field or the status, as the page of the ticket does; the webhooks go out."""
    from helpdesk.models import Ticket, TicketCustomFieldValue
    from helpdesk.update_ticket import update_ticket

    told = json.loads(request.body)
    ticket = Ticket.objects.get(pk=ticket_id)
    if "remote_session" in told:
        from helpdesk.models import CustomField

        TicketCustomFieldValue.objects.update_or_create(
            ticket=ticket,
            field=CustomField.objects.get(name="remote_session"),
            defaults={"value": told["remote_session"]},
        )
    Ticket.objects.filter(pk=ticket_id).update(**told.get("ticket", {}))
    ticket.refresh_from_db()
    update_ticket(user(AGENT), ticket, comment=told.get("comment", "Please help."), new_status=told.get("status"))
    return JsonResponse({})


def webhooks(request: HttpRequest) -> JsonResponse:
    """Where webhooks go from now on."""
    WEBHOOKS[:] = json.loads(request.body)
    return JsonResponse({})


def look(request: HttpRequest, ticket_id: int) -> JsonResponse:
    """What readers see: each follow-up of our own user as its page shows it."""
    from helpdesk.models import Ticket

    del request
    ticket = Ticket.objects.get(pk=ticket_id)
    ticket.set_custom_field_values()
    ours = ticket.followup_set.filter(user__username=OURS).order_by("pk")
    return JsonResponse(
        {
            "title": ticket.title,
            "status": ticket.status,
            "priority": ticket.priority,
            "custom_remote_session": getattr(ticket, "custom_remote_session", ""),
            "followups": [
                {
                    "id": one.pk,
                    "seen": one.get_markdown(),
                    "public": one.public,
                    "seconds": one.time_spent.total_seconds() if one.time_spent else 0,
                    "files": [
                        {"name": file.filename, "content": Path(file.file.path).read_bytes().hex()}
                        for file in one.followupattachment_set.all()
                    ],
                }
                for one in ours
            ],
        }
    )


def user(name: str):
    from django.contrib.auth.models import User

    return User.objects.get(username=name)


urlpatterns = [
    path("test/open", open_ticket),
    path("test/webhooks", webhooks),
    path("test/<int:ticket_id>/change", change),
    path("test/<int:ticket_id>/look", look),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """What failed is told by its status."""


def main() -> None:
    # Django looks for the addresses under this name.
    sys.modules["helpdesk_site"] = sys.modules["__main__"]
    configure()
    prepare()
    urlpatterns.append(path("helpdesk/", include("helpdesk.urls", namespace="helpdesk")))
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()  # until whoever started us is gone
    server.shutdown()
    FOLDER.cleanup()


if __name__ == "__main__":
    main()
