"""The addresses of units, people and working days."""

from django.urls import path

from guildhall.foundation.organisations.views import calendar, imports, log_ins, people, units

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
    path("units/<int:pk>/sanction/", units.act, {"act": "sanction"}, name="unit_sanction"),
    path("sanctions/<int:pk>/lift/", units.lift, name="sanction_lift"),
    path("units/<int:pk>/scorers/", people.scorer, name="scorer"),
    path("scorers/", people.scorers, name="scorers"),
    path("unions/new/", units.union_new, name="union_new"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/log-ins/", log_ins.log_ins, name="log_ins"),
    path("people/log-ins/template.xlsx", log_ins.template, name="log_in_template"),
    path("people/log-ins/import/", log_ins.choose, name="log_in_import"),
    path("people/log-ins/reset/", log_ins.reset, name="log_in_reset"),
    path("people/log-ins/<int:pk>/", log_ins.sheet, name="log_in_sheet"),
    path("people/log-ins/<int:pk>/errors.xlsx", log_ins.errors, name="log_in_errors"),
    path("people/log-ins/<int:pk>/passwords/", log_ins.passwords, name="log_in_passwords"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.edit, name="person_edit"),
    path("people/<int:pk>/appoint/", people.appoint, name="person_appoint"),
    path("people/<int:pk>/password/", people.password, name="person_password"),
    path("appointments/<int:pk>/end/", people.end, name="appointment_end"),
    path("working-days/", calendar.working_days, name="working_days"),
]
