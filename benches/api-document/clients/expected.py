"""What the clients in Python share: where the server is, who manages it, and how a claim fails."""
import os
import typing

BASE_URL = os.environ["API_URL"]
ADMIN, ADMIN_PASSWORD = os.environ["API_ADMIN"], os.environ["API_PASSWORD"]
PASSWORD = "seven green herons wade"

Wanted = typing.TypeVar("Wanted")


def expect(holds: bool, claim: str) -> None:
    if not holds:
        raise SystemExit(f"failed: {claim}")


def present(value: object, wanted: type[Wanted]) -> Wanted:
    """What an answer holds, where it must be of that type."""
    if not isinstance(value, wanted):
        raise SystemExit(f"failed: {value!r} is {wanted.__name__}")
    return value
