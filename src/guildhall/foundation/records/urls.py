"""The records' addresses."""

from django.urls import path

from guildhall.foundation.records import views

app_name = "records"
urlpatterns = [
    path("", views.index, name="index"),
    path("access/", views.access, name="access"),
    path("verification/", views.verification, name="verification"),
    path("verification/compare/", views.compare, name="compare"),
    path("<int:pk>/", views.entry, name="entry"),
    path("<int:pk>/look/", views.look, name="look"),
]
