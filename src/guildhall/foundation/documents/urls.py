"""The addresses of documents and of their Word templates."""

from django.urls import path

from guildhall.foundation.documents.views import papers, series, templates

app_name = "documents"
urlpatterns = [
    path("", papers.index, name="index"),
    path("<int:pk>/", papers.page, name="page"),
    path("<int:pk>/paper.pdf", papers.paper, name="paper"),
    path("<int:pk>/document.docx", papers.word, name="word"),
    path("<int:pk>/revoke/", papers.revoke, name="revoke"),
    path("series/", series.index, name="series"),
    path("series/<str:name>/", series.change, name="series_change"),
    path("templates/", templates.index, name="templates"),
    path("templates/<slug:kind>/", templates.replace, name="template_replace"),
    path("templates/<slug:kind>/restore/", templates.restore, name="template_restore"),
    path("templates/<slug:kind>/template.docx", templates.now, name="template"),
    path("templates/versions/<int:pk>.docx", templates.version, name="template_version"),
]
