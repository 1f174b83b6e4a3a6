"""What every command begins with: the settings, and how much it may take in hand. Opens nothing."""

from pathlib import Path

from pydantic import ValidationError

from app.errors import InvalidParameter
from app.settings import Settings

SOME_REFUSED = 1


def settings_of_environment(*, checkpoint: Path | None = None) -> Settings:
    """The settings, with another checkpoint where one is named. Raises InvalidParameter naming the wrong variable."""
    try:
        return Settings() if checkpoint is None else Settings(checkpoint=checkpoint)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"BGM_{'_'.join(map(str, first['loc'])).upper()}"
        raise InvalidParameter(parameter=name, reason=first["msg"]) from error


def files_in_hand(settings: Settings) -> int:
    """Enough that no process waits for a file, also while others are hashed or stored and the device is starting."""
    return 4 * settings.decoders + 4
