"""What a unit must look like."""

from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from guildhall.foundation.errors import Refusal


class BadCode(Refusal):
    """A 统一社会信用代码 that is none (GB 32100)."""

    code = "organisations.bad-code"
    message = _("统一社会信用代码 %(value)s 不对：%(why)s")
    status = 422


class CodeTaken(Refusal):
    """A code that another unit has, or had."""

    code = "organisations.code-taken"
    message = _("统一社会信用代码 %(value)s 已经登记在“%(unit)s”。")


class NameTaken(Refusal):
    """Two unions of one name under one union."""

    code = "organisations.name-taken"
    message = _("“%(union)s”之下已有“%(name)s”。")


class TooManyWorkers(Refusal):
    """More industrial workers than staff."""

    code = "organisations.too-many-workers"
    message = _("产业工人 %(workers)d 人，多于职工总数 %(headcount)d 人。")
    status = 422


class NotGoingOn(Refusal):
    """A unit that was merged or closed."""

    code = "organisations.not-going-on"
    message = _("“%(unit)s”%(state)s，不能再办。")


class IntoItself(Refusal):
    """A unit merged into itself, a parent that is its own subsidiary, a union under its own subtree."""

    code = "organisations.into-itself"
    message = _("不能并入自己，也不能以自己或自己的下级为上级。")
    status = 422


class NothingChanged(Refusal):
    """A change of name with neither a new name nor a new code."""

    code = "organisations.nothing-changed"
    message = _("名称和信用代码都和现在一样，没有要改的。")
    status = 422


def against_code(value: str) -> tuple[str, str] | None:
    """What is wrong with a 统一社会信用代码 and the remedy, or None where it is right."""
    try:
        uscc.validate(value)
    except InvalidLength:
        length = len(uscc.compact(value))
        return str(_("有 %(n)d 位，应为 18 位") % {"n": length}), str(_("请照营业执照或法人证书重填"))
    except InvalidChecksum:
        return str(_("校验位不对，多半抄错 1 位")), str(_("请照营业执照或法人证书逐位核对"))
    except ValidationError:
        return str(_("含有代码里没有的字符")), str(_("代码只有数字和大写字母，没有 I、O、S、V、Z"))
    return None


def checked_code(value: str) -> str:
    """The code in its standard form. Raises `BadCode`."""
    if wrong := against_code(value):
        raise BadCode(value=value, why=wrong[0])
    return uscc.compact(value)


def check_workers(workers: int, headcount: int) -> None:
    """Raises `TooManyWorkers`."""
    if workers > headcount:
        raise TooManyWorkers(workers=workers, headcount=headcount)
