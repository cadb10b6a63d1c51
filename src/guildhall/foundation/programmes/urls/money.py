"""Money's addresses."""

from django.urls import path

from guildhall.foundation.programmes.views import bank, funds, openings, payees, payouts, trace

app_name = "money"
urlpatterns = [
    path("payouts/", payouts.index, name="payouts"),
    path("payouts/draw/<int:round_pk>/", payouts.draw, name="draw"),
    path("payouts/<int:pk>/", payouts.record, name="payout"),
    path("payouts/<int:pk>/prepare/", payouts.prepare, name="prepare"),
    path("payouts/<int:pk>/approve/", payouts.approve, name="approve"),
    path("payouts/<int:pk>/send-back/", payouts.send_back, name="send_back"),
    path("payouts/<int:pk>/drop/", payouts.drop, name="drop"),
    path("payouts/<int:pk>/send/", bank.send, name="send"),
    path("received/", payouts.received, name="received"),
    path("batches/", bank.batches, name="batches"),
    path("batches/<int:pk>/", bank.upload, name="upload"),
    path("batches/<int:pk>/file/", bank.file, name="file"),
    path("returns/", bank.returns, name="returns"),
    path("returns/<int:pk>/", bank.report, name="return"),
    path("returns/<int:pk>/post/", bank.post, name="post"),
    path("budget/", funds.index, name="budget"),
    path("budget/new/", funds.put_in, name="put_in"),
    path("budget/openings/", openings.upload, name="openings"),
    path("budget/openings/template.xlsx", openings.template, name="openings_template"),
    path("budget/openings/put-in/", openings.put_in, name="openings_put_in"),
    path("budget/openings/<uuid:token>/errors.xlsx", openings.errors, name="openings_errors"),
    path("budget/<int:pk>/", funds.decision, name="decision"),
    path("budget/<int:pk>/approve/", funds.approve, name="approve_budget"),
    path("budget/<int:pk>/refuse/", funds.refuse, name="refuse_budget"),
    path("funds/<int:pk>/close-year/", funds.close_year, name="close_year"),
    path("funds/<int:pk>/close/", funds.close, name="close_fund"),
    path("payees/", payees.index, name="payees"),
    path("payees/new/<int:unit_pk>/", payees.propose, name="propose_payee"),
    path("payees/<int:pk>/", payees.record, name="payee"),
    path("payees/<int:pk>/check/", payees.check, name="check_payee"),
    path("payees/<int:pk>/refuse/", payees.refuse, name="refuse_payee"),
    path("payees/<int:pk>/unmask/", payees.unmask, name="unmask_payee"),
    path("accounts/", trace.accounts, name="accounts"),
    path("accounts/<int:pk>/", trace.account, name="account"),
    path("transfers/", trace.transfers, name="transfers"),
    path("transfers/<uuid:key>/", trace.trace, name="trace"),
]
