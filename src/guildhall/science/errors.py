"""What the science cannot do, said with a code and facts; the wing turns them into refusals in its own words."""


class Infeasible(ValueError):
    """What was asked cannot be met by any result. `code` is stable, `facts` are the numbers that show why."""

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


class Malformed(ValueError):
    """A published file that breaks its format: `path` says where (`reviews[3].score`), `cause` says what."""

    def __init__(self, path: str, cause: str) -> None:
        super().__init__(f"{path}: {cause}" if path else cause)
        self.path = path
        self.cause = cause
