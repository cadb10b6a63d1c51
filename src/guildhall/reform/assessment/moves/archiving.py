"""What the assessment lays into a round's archive: the published file and what was computed from it, de-identified."""

import json

from guildhall.foundation.programmes.models import Round
from guildhall.reform.assessment.models import Step


def papers(of: Round) -> list[tuple[str, bytes]]:
    """The step's frozen file, byte for byte, and its outcome; registered with the cycle.

    Neither says who judged whom; seeds and sheets stay sealed in the system.
    """
    step = Step.objects.filter(round=of).first()
    if step is None or not step.published_file:
        return []
    found = [("published.json", step.published_file.encode())]
    if step.outcome is not None:
        found.append(("outcome.json", json.dumps(step.outcome, ensure_ascii=False, indent=1).encode()))
    return found
