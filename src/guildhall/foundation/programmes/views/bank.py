"""Bank batches out, returns in."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.money import ReturnForm
from guildhall.foundation.programmes.models import BankBatch, BankReturn
from guildhall.foundation.programmes.moves import bank
from guildhall.foundation.programmes.rules import batch_bytes
from guildhall.foundation.programmes.states import MATCHED, LineVerdict, PayoutState, ReturnState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.payouts import require_money
from guildhall.foundation.screens.lists import Choice, Column, Kind, ListPage, page


def _upload(row: BankBatch) -> str:
    return reverse("money:upload", args=[row.pk])


class Batches(ListPage):
    """银行批次."""

    title = lazy("银行批次")
    noun = lazy("批")
    columns = (
        Column(key="filename", label=lazy("文件"), link=_upload, sort="filename"),
        Column(key="payout", label=lazy("付款清单"), link=lambda row: reverse("money:payout", args=[row.payout_id])),
        Column(key="rows", label=lazy("笔数"), value="rows_count", kind=Kind.NUMBER, sort="rows_count", total="sum"),
        Column(
            key="sum", label=lazy("金额"), value="sum_fen", kind=Kind.YUAN, sort="sum_fen", total="sum", phone="right"
        ),
        Column(key="state", label=lazy("状态"), value="payout.get_state_display", sort="payout__state"),
        Column(key="made", label=lazy("生成时间"), value="made_at", kind=Kind.MOMENT, sort="made_at"),
        Column(key="digest", label=lazy("SM3 摘要"), value=lambda row: row.digest[:12], hidden=True),
    )
    search = ("filename",)
    search_label = lazy("文件名")
    order = "-made"
    empty = lazy("还没有发给银行的批次。付款清单批准以后，在清单里生成。")


@login_required
@require_safe
def batches(request: SignedIn) -> HttpResponse:
    """The files that went to the bank."""
    require_money(request.user)
    return page(request, Batches, BankBatch.objects.visible_to(request.user).defer("text").select_related("payout"))


@login_required
@require_POST
def send(request: SignedIn, pk: int) -> HttpResponse:
    """Make the bank's file of an approved list."""
    payout = bank.send(pk, by=request.user, key=key_of(request))
    if payout.state == PayoutState.SETTLED:
        messages.success(request, _("各家账户都有变更，没有生成文件，资金已放回。核对账户后再拟清单。"))
        return redirect("money:payout", pk)
    messages.success(request, _("银行文件已生成。下载后交银行，收到回单在这里上传。"))
    return redirect("money:upload", payout.batch.pk)


@login_required
@never_cache
@require_safe
def file(request: SignedIn, pk: int) -> HttpResponse:
    """The file, the same bytes each time."""
    batch = BankBatch.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.HANDLE_MONEY, at=batch.payout.union)
    answer = HttpResponse(batch_bytes(batch.text), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{batch.filename}"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedIn, pk: int) -> HttpResponse:
    """A batch, its download, and the bank's answer to it."""
    batch = BankBatch.objects.visible_to(request.user).pick(pk)
    form = ReturnForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given, key = form.cleaned_data["file"], form.cleaned_data["key"]
        kept = bank.upload_return(pk, given.name, given.read(), by=request.user, key=key)
        return redirect("money:return", kept.pk)
    facts = {"batch": batch, "form": form, "returns": batch.returns.order_by("-uploaded_at")}
    facts["handles"] = request.user.may(Right.HANDLE_MONEY, batch.payout.union)
    facts["crumbs"] = [(_("银行批次"), reverse("money:batches")), (batch.filename, "")]
    return render(request, "programmes/money/batch.html", facts, status=422 if form.errors else 200)


class Returns(ListPage):
    """回单."""

    title = lazy("回单")
    noun = lazy("份回单")
    columns = (
        Column(
            key="filename", label=lazy("文件"), link=lambda row: reverse("money:return", args=[row.pk]), sort="filename"
        ),
        Column(key="batch", label=lazy("银行批次"), link=lambda row: _upload(row.batch), sort="batch__filename"),
        Column(key="lines", label=lazy("行数"), value=lambda row: len(row.lines), kind=Kind.NUMBER),
        Column(key="state", label=lazy("状态"), value="get_state_display", sort="state", phone="right"),
        Column(key="uploaded", label=lazy("上传时间"), value="uploaded_at", kind=Kind.MOMENT, sort="uploaded_at"),
        Column(key="posted", label=lazy("入账时间"), value="posted_at", kind=Kind.MOMENT, sort="posted_at"),
    )
    filters = (Choice(key="state", label=lazy("状态"), options=ReturnState.choices),)
    search = ("filename", "batch__filename")
    search_label = lazy("文件名")
    order = "-uploaded"
    empty = lazy("还没有回单。银行付款后，从银行批次里上传它的回单文件。")


@login_required
@require_safe
def returns(request: SignedIn) -> HttpResponse:
    """The bank's answers."""
    require_money(request.user)
    rows = BankReturn.objects.visible_to(request.user).defer("text").select_related("batch")
    return page(request, Returns, rows.defer("text", "batch__text"))


def judged(kept: BankReturn) -> dict[str, object]:
    """Each line with its verdict's words, how many came to each, and how many of them are posted."""
    lines = [
        {**line, "label": LineVerdict(line["verdict"]).label, "fine": line["verdict"] in MATCHED} for line in kept.lines
    ]
    counts = [(verdict.label, sum(line["verdict"] == verdict for line in lines)) for verdict in LineVerdict]
    matched = sum(line["fine"] for line in lines)
    return {
        "lines": lines,
        "counts": [row for row in counts if row[1]],
        "matched": matched,
        "left": len(lines) - matched,
    }


@login_required
@require_safe
def report(request: SignedIn, pk: int) -> HttpResponse:
    """What each line comes to; the counts add up to the file."""
    kept = BankReturn.objects.visible_to(request.user).pick(pk)
    handles = request.user.may(Right.HANDLE_MONEY, kept.batch.payout.union)
    facts = judged(kept) | {"kept": kept, "key": uuid4(), "may": kept.state == ReturnState.READ and handles}
    facts["crumbs"] = [(_("回单"), reverse("money:returns")), (kept.filename, "")]
    return render(request, "programmes/money/return.html", facts)


@login_required
@require_POST
def post(request: SignedIn, pk: int) -> HttpResponse:
    """Post what the file matches."""
    kept = bank.post_return(pk, by=request.user, key=key_of(request))
    if kept.state == ReturnState.EMPTY:
        messages.warning(request, _("别的回单已经入过账，这一份没有可入账的。"))
    else:
        messages.success(request, _("已入账。付到的单位会收到短信，退回的要更正账户后再付。"))
    return redirect("money:return", pk)
