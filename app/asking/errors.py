"""What can go wrong between a client and its server; the client's branch of the tree in `app.errors`. Knows no HTTP.

ClientError
├── ApiError              the server refused, and said why
├── UnexpectedAnswer      something answered that does not speak the contract: a proxy, another program
├── ServerUnreachable     nothing answered, or not to the end
├── JobFailed             a job that was waited for ended without its result
└── JobTookTooLong        it did not end within the time given
"""

from collections.abc import Mapping

from app.errors import BgmError


class ClientError(BgmError):
    code = "server_unreachable"


class ApiError(ClientError):
    """`code`, `status`, `detail` and `request_id` as the server said them; `facts()` are the facts of the case."""

    def __init__(
        self, *, code: str, status: int, detail: str, request_id: str | None, members: Mapping[str, object]
    ) -> None:
        super().__init__(detail)
        self.code, self.status, self.detail, self.request_id = code, status, detail, request_id
        self._members = dict(members)

    def facts(self) -> dict[str, object]:
        return dict(self._members)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, ({**super().facts(), "members": self._members},)


def _rebuild(fields: dict[str, object]) -> ApiError:
    return ApiError(**fields)  # type: ignore[arg-type]


class UnexpectedAnswer(ClientError):
    code = "unexpected_answer"

    def __init__(self, *, status: int, reason: str) -> None:
        super().__init__(f"the answer (status {status}) is not one of this API: {reason}")
        self.status, self.reason = status, reason


class ServerUnreachable(ClientError):
    code = "server_unreachable"

    def __init__(self, *, server: str, reason: str) -> None:
        super().__init__(f"{server} gives no answer: {reason}")
        self.server, self.reason = server, reason


class JobFailed(ClientError):
    code = "job_failed"

    def __init__(self, *, job_id: str, state: str, reason: str) -> None:
        super().__init__(f"job '{job_id}' is {state}" + (f": {reason}" if reason else ""))
        self.job_id, self.state, self.reason = job_id, state, reason


class JobTookTooLong(ClientError):
    code = "job_took_too_long"

    def __init__(self, *, job_id: str, limit_s: float) -> None:
        super().__init__(f"job '{job_id}' did not end within {limit_s:g} s; it goes on")
        self.job_id, self.limit_s = job_id, limit_s
