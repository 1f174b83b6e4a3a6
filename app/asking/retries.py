"""When a request is sent again, and after what pause. Pure: the clock is in the answers."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.asking.answers import problem_of
from app.asking.messages import Answer, Request, Unanswered

SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
BUSY = {429, 503}
# The server still works on what an earlier try, whose answer was lost, has brought it.
IN_WORK = "idempotency_key_in_use"


@dataclass(frozen=True, slots=True)
class Retries:
    """`tries`: the first included. Pauses double from `first_pause_s`, unless the server says how long to wait.

    `longest_wait_s`: a server that says more than this is not asked again.
    """

    tries: int = 5
    first_pause_s: float = 0.25
    in_work_pause_s: float = 3.0
    longest_wait_s: float = 120.0


USUAL_RETRIES = Retries()


def pause_after(outcome: Answer | Unanswered, request: Request, *, tries: int, retries: Retries) -> float | None:
    """Seconds to wait before the request is sent again after so many tries; None where it is not."""
    if tries >= retries.tries or not is_worth_it(outcome, request):
        return None
    wanted = retries.first_pause_s * float(2 ** (tries - 1))
    if isinstance(outcome, Answer):
        said = _retry_after_s(outcome)
        usual = retries.in_work_pause_s if _is_in_work(outcome) else wanted
        wanted = usual if said is None else said
    return wanted if wanted <= retries.longest_wait_s else None


def is_worth_it(outcome: Answer | Unanswered, request: Request) -> bool:
    """Whether the same request may fare better later, and does no harm."""
    if isinstance(outcome, Unanswered):
        return not outcome.is_late and (request.is_repeatable or not outcome.may_have_arrived)
    return outcome.status in BUSY or _is_in_work(outcome)


def _is_in_work(answer: Answer) -> bool:
    return answer.status == 409 and (problem_of(answer) or {}).get("code") == IN_WORK


def _retry_after_s(answer: Answer) -> float | None:
    """What the header says, as seconds or as a date; None where it says nothing that can be read."""
    said = answer.headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(said):
        return float(said)
    until = _date(said)
    if until is None:
        return None
    # By the server's own clock where it tells it; ours may be minutes off.
    now = _date(answer.headers.get("date", "")) or answer.at
    return max((until - now).total_seconds(), 0.0)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
