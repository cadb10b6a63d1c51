"""The wording of messages: one template a message, registered by the domain that sends it."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Template:
    """A sentence with named facts: what happened, what happens next, who and when."""

    text: Promise | str
    sms: bool = True

    def worded(self, facts: dict[str, object]) -> str:
        """The sentence in the reader's language."""
        return str(self.text) % facts


TEMPLATES: dict[str, Template] = {}


def register(**templates: Template) -> None:
    """Add a domain's templates; dots in their names are written as double underscores."""
    for name, template in templates.items():
        TEMPLATES[name.replace("__", ".")] = template
