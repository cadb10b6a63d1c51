"""Loading a programme file as an immutable version."""

from collections.abc import Iterable
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import hashes
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.models import Programme
from guildhall.foundation.programmes.moves.checks import in_language
from guildhall.foundation.programmes.registry import CONFER, ELIGIBLE, HELD
from guildhall.foundation.programmes.rules import against_setup
from guildhall.foundation.programmes.rules.faults import faults_in
from guildhall.foundation.programmes.schema import ProgrammeFile


class UnsoundProgramme(Refusal):
    """A programme file that cannot be run; it says where and why."""

    code = "programmes.unsound"
    message = _("项目办法有误，%(where)s：%(why)s")
    status = 422


def registers(more: Iterable[str] = ()) -> set[str]:
    """The registers a rule may ask for: the domains', the units', and those of programmes by their codes."""
    return {"units", *ELIGIBLE, *HELD, *(code.replace("-", "_") for code in more)}


def read_programme(source: str) -> ProgrammeFile:
    """The programme in a YAML text. Raises `UnsoundProgramme` with the line, the place and the cause of its first fault."""
    codes = Programme.objects.values_list("code", flat=True).distinct()
    found = faults_in(source, registers=registers(codes), confers=set(CONFER))
    if found:
        first = found[0]
        where = in_language(f"第 {first.line} 行 {first.place.zh}", f"line {first.line} {first.place.en}")
        raise UnsoundProgramme(where=where.strip(), why=in_language(first.said.zh, first.said.en))
    return ProgrammeFile.model_validate(yaml.safe_load(source))


@transaction.atomic
def load_programme(path: Path) -> Programme:
    """Load a file as the programme's next version; a file that is loaded already changes nothing.

    Raises `UnsoundProgramme`, or the first refusal of its default set-up.
    """
    source = path.read_text(encoding="utf-8")
    file = read_programme(source)
    if refusals := against_setup(file.setup):
        raise refusals[0]
    digest = hashes.Hash(hashes.SM3())
    digest.update(source.encode())
    wanted = digest.finalize().hex()
    versions = Programme.objects.select_for_update().filter(code=file.programme)
    same = versions.filter(digest=wanted).first()
    if same:
        return same
    latest = versions.order_by("-version").first()
    return Programme.objects.create(
        code=file.programme,
        version=latest.version + 1 if latest else 1,
        document=file.model_dump(mode="json"),
        source=source,
        digest=wanted,
        loaded_at=clock.now(),
    )
