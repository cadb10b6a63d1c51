"""The shell's addresses, and those of signing in."""

from django.urls import include, path

from guildhall.web.views import demonstration, person, public, signing

app_patterns = [
    path("", public.front, name="front"),
    path("notices/", public.notices, name="notices"),
    path("check/", public.check, name="check"),
    path("workbench/", person.workbench, name="workbench"),
    path("messages/", person.told, name="messages"),
    path("messages/read/", person.read, name="messages_read"),
    path("more/", person.more, name="more"),
    path("account/", person.account, name="account"),
    path("language/", person.language, name="language"),
    path("large-text/", person.large_text, name="large_text"),
    path("clock/", demonstration.clock, name="clock"),
    path("outbox/", demonstration.outbox, name="outbox"),
    path("gallery/", demonstration.gallery, name="gallery"),
]

urlpatterns = [
    path("", include((app_patterns, "web"))),
    path("sign-in/", signing.sign_in, name="account_login"),
    path("sign-out/", signing.sign_out, name="account_logout"),
    path("password/", signing.password, name="account_change_password"),
    path("inactive/", signing.inactive, name="account_inactive"),
    path("sign-up/", signing.closed, name="account_signup"),  # The library asks for the name; the door is closed.
]
