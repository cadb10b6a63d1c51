"""What the command tells its user in one line, instead of a traceback."""


class Trouble(Exception):
    """The command cannot go on, and its user can do something about it."""

    def __init__(self, sentence: str, *, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status
