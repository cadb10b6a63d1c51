"""Registers this domain with the foundation."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "guildhall.reform.assessment"
    label = "assessment"
