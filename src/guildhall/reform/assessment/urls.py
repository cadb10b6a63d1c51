"""The assessment's addresses."""

from django.urls import path

from guildhall.reform.assessment.views import (
    analysis,
    auditing,
    conflicts,
    drawing,
    freezing,
    progress,
    public,
    results,
    sheets,
)

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
    path("rounds/<int:pk>/declarations/", conflicts.declarations, name="declarations"),
    path("rounds/<int:pk>/conflicts/", conflicts.conflicts, name="conflicts"),
    path("rounds/<int:pk>/conflicts/list/", conflicts.conflict_list, name="conflict_list"),
    path("rounds/<int:pk>/conflicts/derived/", conflicts.derived_list, name="derived"),
    path("rounds/<int:pk>/conflicts/pin/", conflicts.pin, name="pin"),
    path("conflicts/<int:pk>/answer/", conflicts.answer, name="answer"),
    path("conflicts/<int:pk>/unpin/", conflicts.unpin, name="unpin"),
    path("rounds/<int:pk>/drawing/", drawing.drawing, name="drawing"),
    path("rounds/<int:pk>/drawing/draw/", drawing.draw, name="draw"),
    path("rounds/<int:pk>/drawing/recall/", drawing.recall, name="recall"),
    path("rounds/<int:pk>/drawing/start/", drawing.start, name="start"),
    path("rounds/<int:pk>/groups/", drawing.groups, name="groups"),
    path("rounds/<int:pk>/progress/", progress.progress, name="progress"),
    path("rounds/<int:pk>/progress/remind/", progress.remind, name="remind"),
    path("rounds/<int:pk>/progress/absent/", progress.absent, name="absent"),
    path("rounds/<int:pk>/progress/<int:entrant_pk>/substitute/", progress.substitute, name="substitute"),
    path("rounds/<int:pk>/freezing/", freezing.freezing, name="freezing"),
    path("rounds/<int:pk>/freezing/lock/", freezing.lock, name="lock"),
    path("rounds/<int:pk>/freezing/compute/", freezing.compute, name="compute"),
    path("rounds/<int:pk>/analysis/", analysis.analysis, name="analysis"),
    path("rounds/<int:pk>/results/", results.results, name="results"),
    path("rounds/<int:pk>/results/<int:result_pk>/", results.result, name="result"),
    path("rounds/<int:pk>/sealed/", auditing.sealed, name="sealed"),
    path("rounds/<int:pk>/public/", public.page, name="public"),
    path("rounds/<int:pk>/public/round.json", public.file, name="file"),
    path("rounds/<int:pk>/public/outcome.json", public.outcome, name="outcome"),
]
