"""Every address of the house; a contract test holds each to a row of the access matrix."""

from django.urls import include, path

urlpatterns = [
    path("", include("guildhall.web.urls")),
]
