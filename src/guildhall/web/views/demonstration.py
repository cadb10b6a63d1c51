"""What the demonstration and development need: the time of business, the outbox, the gallery of components."""

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation import clock as business
from guildhall.foundation.clock.moves import NeverBack
from guildhall.foundation.errors import NoRight, NotHere
from guildhall.foundation.messages.models import Delivery
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.screens import formats, lists
from guildhall.web import moves
from guildhall.web.forms import ClockForm
from guildhall.web.views import SignedIn, samples


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: SignedIn) -> HttpResponse:
    """Set the demonstration's time of business forward; a federation officer does."""
    if not (settings.DEMO and request.user.holds(Role.FEDERATION_OFFICER)):
        raise NotHere
    form = ClockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            moves.set_clock_forward(form.cleaned_data["to"], by=request.user, key=form.cleaned_data["key"])
        except NeverBack as refusal:
            form.add_error("to", str(refusal))
        else:
            said = _("业务时间已拨到 %(now)s。到期的事正在办。")
            flash.success(request, said % {"now": formats.moment(business.now())})
            return redirect("web:clock")
    return render(request, "web/clock.html", {"form": form, "now": business.now()}, status=422 if form.errors else 200)


class Outbox(lists.ListPage):
    """What left the house by SMS and e-mail."""

    title = gettext_lazy("发件箱")
    noun = gettext_lazy("条")
    search = ("message__to__person__name", "message__template")
    search_label = gettext_lazy("收件人")
    order = "-id"
    empty = gettext_lazy("还没有发过短信和邮件。")
    columns = (
        lists.Column(key="id", label=gettext_lazy("内容"), value="message.title", sort="pk"),
        lists.Column(key="to", label=gettext_lazy("收件人"), value="message.to.person.name"),
        lists.Column(key="channel", label=gettext_lazy("方式"), value="get_channel_display", sort="channel"),
        lists.Column(
            key="address", label=gettext_lazy("号码或邮箱"), value=lambda row: formats.mask_phone(row.address)
        ),
        lists.Column(
            key="at", label=gettext_lazy("时间"), value="message.at", kind=lists.Kind.MOMENT, sort="message__at"
        ),
        lists.Column(key="state", label=gettext_lazy("状态"), value="get_state_display", sort="state", phone="right"),
    )
    filters = (
        lists.Choice(key="channel", label=gettext_lazy("方式"), options=Delivery.Channel.choices),
        lists.Choice(key="state", label=gettext_lazy("状态"), options=Delivery.State.choices),
    )


@login_required
@require_safe
def outbox(request: SignedIn) -> HttpResponse:
    """The outbox, for federation officers."""
    if not request.user.holds(Role.FEDERATION_OFFICER):
        raise NoRight
    rows = Delivery.objects.visible_to(request.user).select_related("message__to__person")
    return lists.page(request, Outbox, rows, lead=_("系统发出的短信和邮件。没有接短信网关时，只存在这里。"))


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state, with invented content."""
    if not (settings.DEMO or settings.TESTING):
        raise NotHere
    return render(request, "web/gallery.html", samples.everything())
