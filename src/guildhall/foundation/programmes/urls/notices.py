"""Public notices. The list of those now open is the shell's."""

from django.urls import path

from guildhall.foundation.programmes.views import notices

app_name = "notices"
urlpatterns = [
    path("all/", notices.index, name="index"),
    path("<int:pk>/", notices.page, name="page"),
    path("<int:pk>/notice.pdf", notices.paper, name="paper"),
    path("<int:pk>/notice.docx", notices.word, name="word"),
    path("<int:pk>/list.xlsx", notices.workbook, name="workbook"),
]
