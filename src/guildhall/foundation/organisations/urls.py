"""The addresses of units, people and working days."""

from django.urls import path

from guildhall.foundation.organisations.views import calendar, imports, people, units

app_name = "organisations"
urlpatterns = [
    path("units/", units.units, name="units"),
    path("units/new/", units.new, name="unit_new"),
    path("units/import/", imports.choose, name="unit_import"),
    path("units/import/template.xlsx", imports.template, name="unit_template"),
    path("units/import/<int:pk>/", imports.preview, name="unit_file"),
    path("units/import/<int:pk>/errors.xlsx", imports.errors, name="unit_file_errors"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/edit/", units.edit, name="unit_edit"),
    path("units/<int:pk>/rename/", units.act, {"act": "rename"}, name="unit_rename"),
    path("units/<int:pk>/merge/", units.act, {"act": "merge"}, name="unit_merge"),
    path("units/<int:pk>/close/", units.act, {"act": "close"}, name="unit_close"),
    path("units/<int:pk>/move/", units.act, {"act": "move"}, name="unit_move"),
    path("units/<int:pk>/scorers/", people.scorer, name="scorer"),
    path("scorers/", people.scorers, name="scorers"),
    path("unions/new/", units.union_new, name="union_new"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.edit, name="person_edit"),
    path("people/<int:pk>/appoint/", people.appoint, name="person_appoint"),
    path("people/<int:pk>/password/", people.password, name="person_password"),
    path("appointments/<int:pk>/end/", people.end, name="appointment_end"),
    path("working-days/", calendar.working_days, name="working_days"),
]
