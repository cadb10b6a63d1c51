"""Every address of the house; a contract test holds each to a row of the access matrix."""

from django.urls import include, path

urlpatterns = [
    path("", include("guildhall.web.urls")),
    path("", include("guildhall.foundation.organisations.urls")),
    path("pilots/", include("guildhall.reform.pilots.urls")),
    path("rounds/", include("guildhall.foundation.programmes.urls.rounds")),
    path("notices/", include("guildhall.foundation.programmes.urls.notices")),
    path("clearances/", include("guildhall.foundation.programmes.urls.clearances")),
    path("objections/", include("guildhall.foundation.programmes.urls.objections")),
    path("assessment/", include("guildhall.reform.assessment.urls")),
    path("documents/", include("guildhall.foundation.documents.urls")),
    path("records/", include("guildhall.foundation.records.urls")),
    path("money/", include("guildhall.foundation.programmes.urls.money")),
]
