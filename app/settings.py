"""Everything that can be set from outside, read once by the entry points and handed down as plain values."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

STARTER_CHECKPOINT = Path(__file__).parent / "encoders" / "starter"


class Settings(BaseSettings):
    """One field a variable: `data_dir` is `BGM_DATA_DIR`. The README lists them all; a test keeps that list true."""

    model_config = SettingsConfigDict(env_prefix="BGM_", frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("bgm-data"), description="where tracks, catalogue and index live")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL; SQLite inside the data folder where unset"
    )
    checkpoint: Path = Field(default=STARTER_CHECKPOINT, description="folder of the encoder's checkpoint")
    host: str = Field(default="127.0.0.1", description="address to listen on; other than loopback only with a key")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="where the encoder runs")
    decoders: PositiveInt = Field(default=2, description="processes that decode media")
    max_upload_mb: PositiveInt = Field(default=2000, description="largest upload, in megabytes of 1,000,000 bytes")
    max_video_seconds: PositiveFloat = Field(default=4 * 3600.0, description="longest video")
    max_track_seconds: PositiveFloat = Field(default=3 * 3600.0, description="longest track")
    cache_dir: Path | None = Field(
        default=None, description="where model weights are kept; open_clip's own place where unset"
    )
    import_dir: Path | None = Field(
        default=None, description="folder below which `POST /music/import` may read; none where unset"
    )
    recommendation_hours: PositiveFloat = Field(
        default=24.0, description="how long a recommendation can be asked about again, and a kept video is kept"
    )
    requests_per_minute: int = Field(
        default=0, ge=0, description="most requests of one key or address in a minute; 0 for no limit"
    )
    initial_key_file: Path | None = Field(
        default=None, description="file with a first key of scope admin, taken in where the server has none"
    )
    allow_without_key: bool = Field(
        default=False, description="listen on other addresses than loopback although no key is set"
    )

    def catalogue_url(self) -> str:
        """The database to use; SQLite in the data folder unless another is set."""
        return self.database_url or f"sqlite:///{self.catalogue_file()}"

    def catalogue_file(self) -> Path:
        """Where SQLite keeps the catalogue, unless another database is set."""
        return self.data_dir.resolve() / "catalogue.sqlite3"
