"""Objections: the public's doors and the officer's."""

from django.urls import path

from guildhall.foundation.programmes.views import correcting, objections

app_name = "objections"
urlpatterns = [
    path("", objections.index, name="index"),
    path("file/<int:notice_pk>/", objections.file, name="file"),
    path("filed/", objections.filed, name="filed"),
    path("receipt/", objections.receipt, name="receipt"),
    path("<int:pk>/", objections.record, name="page"),
    path("<int:pk>/dismiss/", objections.dismiss, name="dismiss"),
    path("<int:pk>/uphold/", objections.uphold, name="uphold"),
    path("<int:pk>/correct/", correcting.correct, name="correct"),
    path("<int:pk>/attachment/", objections.attachment, name="attachment"),
]
