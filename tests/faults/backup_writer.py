"""Run as a program: two people who act as fast as they can until their input ends. `python -m … NAME`.

Each act is one transaction: an attachment, a transfer, and an entry that names both, says its number, and what its writer
saw of everyone's acts before it.
"""

import sys
import threading
from itertools import count
from uuid import uuid4

import django

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n% %NAME%\ntrailer\n<<>>\n%%EOF\n"
WARM = 10


def write(name: str, warm: threading.Event, over: threading.Event) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connections, transaction

    from guildhall.foundation.ledger import moves as ledger
    from guildhall.foundation.ledger.rules import NO_FLOOR
    from guildhall.foundation.ledger.states import AccountKind
    from guildhall.foundation.records import attachments
    from guildhall.foundation.records.models import Stream
    from guildhall.foundation.records.moves import CLOCK, draft, record

    openings = [
        ledger.Opening(kind=AccountKind.SOURCE, owner=f"load:{name}", name=name, floor=NO_FLOOR),
        ledger.Opening(kind=AccountKind.FUND, owner=f"load:{name}", name=name),
    ]
    source, fund = ledger.open_accounts(openings, by=CLOCK, key=uuid4())
    for number in count(1):
        seen = dict(Stream.objects.filter(name__startswith="load:").values_list("name", "length"))
        with transaction.atomic():
            decision, key = draft(), uuid4()
            upload = SimpleUploadedFile("evidence.pdf", PDF.replace(b"%NAME%", f"{name} {number}".encode()))
            kept = attachments.store(upload, by=None, subject=f"load:{name}")
            ledger.post_all([ledger.pay(key, source.pk, fund.pk, number)], decision=decision)
            content = {"number": number, "attachment": kept.pk, "transfer": key, "seen": seen}
            record("load", stream=f"load:{name}", subject=f"load:{number}", by=CLOCK, content=content, drafted=decision)
            record("load", stream=f"secret:{name}", subject=f"load:{number}", by=CLOCK, content=content, sealed=True)
        if number == WARM:
            warm.set()
        if over.is_set():
            break
    connections.close_all()


def main() -> None:
    django.setup()
    over, threads = threading.Event(), []
    for name in (f"{sys.argv[1]}{hand}" for hand in "ab"):
        warm = threading.Event()
        threads.append((threading.Thread(target=write, args=(name, warm, over), daemon=True), warm))
        threads[-1][0].start()
    for _thread, warm in threads:
        warm.wait(30)
    sys.stdout.write("writing\n")
    sys.stdout.flush()
    sys.stdin.read()
    over.set()
    for thread, _warm in threads:
        thread.join(10)


if __name__ == "__main__":
    main()
