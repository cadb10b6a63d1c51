"""Everything that goes into an archive, read from the database at one instant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings
from django.db import connection, transaction

from guildhall.foundation import clock
from guildhall.foundation.programmes.models import Objection, Round
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves.archive import papers
from guildhall.foundation.programmes.moves.archive.chain import chain_of, seal
from guildhall.foundation.programmes.moves.archive.pages import application_page
from guildhall.foundation.programmes.registry import ARCHIVE
from guildhall.foundation.programmes.states import ObjectionState
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.rules import moment, plain

SHIPPED: Final = Path(__file__).resolve().parents[2] / "templates" / "programmes" / "archive"
"""Files that go into every archive as they are."""


@dataclass
class Contents:
    """What is to be written: texts by name, attachments, and the facts that the first page is drawn from."""

    at: str
    round: dict[str, Any]
    chain_head: dict[str, Any]
    facts: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    evidence: list[tuple[str, Attachment]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many files there will be, both indexes among them."""
        return len(self.files) + len(self.evidence) + 2


@contextmanager
def at_one_instant() -> Iterator[None]:
    """A transaction that sees the database as it stands now, whatever others write meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def gather(of: Round) -> Contents:
    """Read it all."""
    with at_one_instant():
        of = Round.objects.select_related("programme", "union").get(pk=of.pk)
        chain, rows = chain_of(of), papers.applications(of)
        facts: dict[str, Any] = {
            "round": _round(of),
            "applications": rows,
            "notices": _notices(of),
            "objections": _objections(of),
            "payouts": _payouts(of),
            "rankings": papers.rankings(of, rows),
            "documents": papers.documents(of),
            "seal": seal(),
        }
        own = ARCHIVE.get(of.programme.file.confer)
        review = own(of) if own else []
    head = {key: chain[key] for key in ("stream", "length", "head")}
    contents = Contents(moment(clock.now()), facts["round"], head, {**facts, "chain": chain})
    for row in rows:
        contents.evidence += row.pop("attachments")
    contents.evidence += [(one["file"], held) for one in facts["documents"] if (held := one.pop("attachment"))]
    contents.files = _files(of, contents, review)
    return contents


def _files(of: Round, contents: Contents, review: list[tuple[str, bytes]]) -> dict[str, bytes]:
    facts, chain = contents.facts, contents.facts["chain"]
    files = {
        "style.css": (SHIPPED / "style.css").read_bytes(),
        "verify.py": (SHIPPED / "verify.txt").read_bytes(),
        "how-to-verify.txt": (SHIPPED / "how.txt").read_bytes(),
        "round/round.json": _json(facts["round"]),
        "round/programme.yaml": of.programme.source.encode(),
        "round/setup.yaml": yaml.safe_dump(of.setup, allow_unicode=True, sort_keys=False).encode(),
        "applications.json": _json(facts["applications"]),
        "rankings.json": _json(facts["rankings"]),
        "notices.json": _json(facts["notices"]),
        "objections.json": _json(facts["objections"]),
        "payouts.json": _json(facts["payouts"]),
        "documents.json": _json(facts["documents"]),
        "chain/decisions.json": _json(chain),
    }
    if facts["seal"]:
        files["chain/seal.json"] = _json(facts["seal"])
    files |= {f"review/{name}": data for name, data in review}
    facts["review"] = sorted(f"review/{name}" for name, _data in review)
    for row in facts["applications"]:
        files[f"{row['folder']}/index.html"] = application_page(contents.round, row)
    return files


def _json(value: object) -> bytes:
    return json.dumps(plain(value), ensure_ascii=False, indent=1).encode()


def _round(of: Round) -> dict[str, Any]:
    programme = of.programme
    return {
        "id": of.pk, "title": of.title, "year": of.year, "union": of.union.name, "federation": settings.FEDERATION_NAME,
        "programme": worded(programme.file.name), "code": programme.code, "version": programme.version,
        "programme_digest": programme.digest, "state": of.get_state_display(), "opens_on": of.opens_on,
        "closes_on": of.closes_on, "scoring_opens_at": of.scoring_opens_at, "scoring_closes_at": of.scoring_closes_at,
        "released_at": of.released_at, "finished_at": of.finished_at, "tiers": _tiers(of),
        "extensions": list(of.extensions.order_by("pk").values("before", "after", "reason", "at")),
    }  # fmt: skip


def _tiers(of: Round) -> list[dict[str, Any]]:
    found = of.rules.outcome.tiers
    return [{"name": worded(tier.name), "seats": tier.seats, "sum_fen": tier.sum_fen} for tier in found]


def _notices(of: Round) -> list[dict[str, Any]]:
    fields = ("number", "edition", "title", "published_at", "ends_at", "days", "check_code", "digest", "seal", "body",
              "application__unit__name")  # fmt: skip
    return list(of.notices.order_by("pk").values(*fields))


def _objections(of: Round) -> list[dict[str, Any]]:
    """What was said and answered, and by whom it was answered; who objected is left out."""
    rows = Objection.objects.filter(notice__round=of).order_by("filed_at", "pk")
    rows = rows.select_related("notice", "application__unit", "answered_by__person")
    return [
        {
            "number": number, "notice": row.notice.number, "about": str(row.application) if row.application else "",
            "filed_at": row.filed_at, "text": row.text, "with_attachment": row.attachment_id is not None,
            "state": ObjectionState(row.state).label, "answer": row.answer, "clause": row.clause,
            "answered_by": str(row.answered_by or ""), "answered_at": row.answered_at,
        }
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip


def _payouts(of: Round) -> list[dict[str, Any]]:
    """The lists and what became of each payment; accounts are left out."""
    return [
        {
            "number": payout.number, "fund": str(payout.fund), "state": payout.get_state_display(),
            "drawn_at": payout.drawn_at, "approved_at": payout.approved_at, "settled_at": payout.settled_at,
            "rows": [
                {
                    "serial": row.serial, "unit": row.unit.name, "sum_fen": row.sum_fen,
                    "state": row.get_state_display(), "settled_at": row.settled_at,
                }
                for row in payout.rows.select_related("unit").order_by("serial")
            ],
        }
        for payout in of.payouts.select_related("fund").order_by("pk")
    ]  # fmt: skip
