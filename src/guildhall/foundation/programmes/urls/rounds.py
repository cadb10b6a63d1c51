"""Rounds and their applications."""

from django.urls import path

from guildhall.foundation.programmes.views import applications, archive, clearances, facts, rounds, setup

app_name = "rounds"
urlpatterns = [
    path("", rounds.index, name="index"),
    path("plan/", rounds.plan, name="plan"),
    path("<int:pk>/", rounds.record, name="page"),
    path("<int:pk>/setup/<slug:step>/", setup.setup, name="setup"),
    path("<int:pk>/check/", setup.check, name="check"),
    path("<int:pk>/open/", setup.start, name="open"),
    path("<int:pk>/close/", rounds.close, name="close"),
    path("<int:pk>/review/", rounds.review, name="review"),
    path("<int:pk>/extend/", rounds.extend, name="extend"),
    path("<int:pk>/propose/", rounds.propose, name="propose"),
    path("<int:pk>/decide/", rounds.decide, name="decide"),
    path("<int:pk>/send-back/", rounds.send_back, name="send_back"),
    path("<int:pk>/release/", rounds.release, name="release"),
    path("<int:pk>/publish/", rounds.publish, name="publish"),
    path("<int:pk>/cancel/", rounds.cancel, name="cancel"),
    path("<int:pk>/records/", rounds.records, name="records"),
    path("<int:pk>/notice/", rounds.notice, name="notice"),
    path("<int:pk>/objections/", rounds.objections, name="objections"),
    path("<int:pk>/archive/", archive.page, name="archive"),
    path("archives/<int:pk>/", archive.download, name="archive_file"),
    path("<int:pk>/applications/", applications.index, name="applications"),
    path("<int:pk>/applications/accept/", applications.accept_all, name="accept_all"),
    path("<int:pk>/clearances/", clearances.index, name="clearances"),
    path("clearances/<int:pk>/", clearances.letter, name="clearance_letter"),
    path("clearances/<int:pk>/revoke/", clearances.revoke, name="clearance_revoke"),
    path("clearances/opinions/<int:pk>/set-aside/", clearances.set_aside, name="clearance_set_aside"),
    path("<int:pk>/facts/", facts.upload, name="facts_import"),
    path("<int:pk>/facts/template/", facts.template, name="facts_template"),
    path("<int:pk>/facts/marked/<uuid:token>/", facts.marked, name="facts_marked"),
    path("<int:pk>/facts/commit/", facts.commit, name="facts_commit"),
    path("applications/<int:pk>/", applications.record, name="application"),
    path("applications/<int:pk>/accept/", applications.accept, name="accept"),
    path("applications/<int:pk>/refuse/", applications.refuse, name="refuse"),
    path("applications/<int:pk>/withdraw/", applications.withdraw, name="withdraw"),
    path("applications/<int:pk>/facts/", applications.facts, name="facts"),
    path("applications/<int:pk>/evidence/", applications.add_evidence, name="evidence_add"),
    path("applications/<int:pk>/evidence/<int:evidence_pk>/drop/", applications.drop_evidence, name="evidence_drop"),
    path("evidence/<int:pk>/", applications.read_evidence, name="evidence"),
]
