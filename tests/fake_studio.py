"""A studio that needs no ffmpeg: what it makes is made of the bytes that it is given."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from app.domain import Mix, Rendered
from app.errors import NotReady, UnreadableMedia

# A file that begins so plays everywhere; one that begins with "damaged" cannot be read.
PLAYS = b"plays "
DAMAGED = b"damaged "


@dataclass(slots=True)
class FakeRendering:
    """Done once `may_work` is set."""

    order: tuple[Path, Path, Mix, Path]
    may_work: Event
    is_cancelled: bool = False

    def result(self, timeout_s: float) -> Rendered | None:
        if self.is_cancelled:
            return None
        if not self.may_work.wait(timeout_s):
            raise TimeoutError
        video, track, _, output = self.order
        if video.read_bytes().startswith(DAMAGED):
            raise UnreadableMedia(reason="its data is damaged")
        output.write_bytes(video.read_bytes() + b" with " + track.read_bytes())
        return Rendered(".mp4", "video/mp4", -14.1, output.stat().st_size)

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass(slots=True)
class FakeStudio:
    """Works as soon as `may_work` is set, which it is. `seen`: the sources of the previews that were asked for."""

    is_installed: bool = True
    may_work: Event = field(default_factory=Event)
    renderings: list[FakeRendering] = field(default_factory=list)
    seen: list[Path] = field(default_factory=list)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def __post_init__(self) -> None:
        self.may_work.set()

    def require(self) -> None:
        if not self.is_installed:
            raise NotReady(missing=["ffmpeg"])

    def render(self, video: Path, track: Path, mix: Mix, *, output: Path) -> FakeRendering:
        self.require()
        self.renderings.append(FakeRendering((video, track, mix, output), self.may_work))
        return self.renderings[-1]

    def preview_sound(self, source: Path, output: Path) -> Future[str | None]:
        return self._preview(source, output, "audio/mpeg")

    def preview_video(self, source: Path, output: Path) -> Future[str | None]:
        return self._preview(source, output, "video/webm")

    def _preview(self, source: Path, output: Path, media_type: str) -> Future[str | None]:
        self.seen.append(source)

        def answer() -> str | None:
            self.may_work.wait()
            content = source.read_bytes()
            if content.startswith(DAMAGED):
                raise UnreadableMedia(reason="its data is damaged")
            if content.startswith(PLAYS):
                return media_type
            self.require()
            output.write_bytes(b"preview of " + content)
            return None

        return self.threads.submit(answer)
