"""The addresses of the pilots."""

from django.urls import path

from guildhall.reform.pilots import views

app_name = "pilots"
urlpatterns = [
    path("", views.pilots, name="pilots"),
    path("new/", views.new, name="new"),
    path("coverage/", views.coverage, name="coverage"),
    path("units/<int:pk>/", views.pilot, name="pilot"),
    path("<int:pk>/extend/", views.act, {"act": "extend"}, name="extend"),
    path("<int:pk>/withdraw/", views.act, {"act": "withdraw"}, name="withdraw"),
    path("<int:pk>/end/", views.act, {"act": "end"}, name="end"),
]
