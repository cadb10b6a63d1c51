"""The page on which a department answers."""

from django.urls import path

from guildhall.foundation.programmes.views import clearances

app_name = "clearances"
urlpatterns = [path("<str:token>/", clearances.answer, name="answer")]
