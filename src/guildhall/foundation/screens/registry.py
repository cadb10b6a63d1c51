"""A list to which rooms above add what they bring, so that this one imports none of them."""

from collections.abc import Callable, Iterable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Registry(Generic[P, T]):
    """Providers in the order they were registered; a provider registered twice stands once."""

    def __init__(self) -> None:
        self._providers: list[Callable[P, Iterable[T]]] = []

    def register(self, provider: Callable[P, Iterable[T]]) -> Callable[P, Iterable[T]]:
        """Add a provider; usable as a decorator."""
        if provider not in self._providers:
            self._providers.append(provider)
        return provider

    def gather(self, *args: P.args, **kwargs: P.kwargs) -> list[T]:
        """What all providers give."""
        return [item for provider in self._providers for item in provider(*args, **kwargs)]
