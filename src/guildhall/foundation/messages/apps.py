"""Django's entry to this room."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "guildhall.foundation.messages"
    label = "messages"
