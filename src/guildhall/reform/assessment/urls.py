"""The assessment's addresses."""

from django.urls import path

from guildhall.reform.assessment.views import sheets

app_name = "assessment"

urlpatterns = [
    path("why/", sheets.why, name="why"),
    path("sheets/", sheets.sheets, name="sheets"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/check/", sheets.check, name="check"),
    path("sheets/<int:pk>/submit/", sheets.submit, name="submit"),
    path("sheets/<int:pk>/units/<int:review_pk>/", sheets.score, name="score"),
    path("sheets/<int:pk>/units/<int:review_pk>/keep/", sheets.keep, name="keep"),
    path("sheets/<int:pk>/units/<int:review_pk>/save/", sheets.save, name="save"),
    path("sheets/<int:pk>/units/<int:review_pk>/materials/", sheets.materials, name="materials"),
    path("sheets/<int:pk>/units/<int:review_pk>/evidence/<int:piece_pk>/", sheets.evidence, name="evidence"),
]
