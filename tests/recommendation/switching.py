"""A switch over a library of a test's own, with pools that need no media, one for each checkpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from app.errors import BgmError, CheckpointError, EncoderUnavailable
from app.recommendation.library import Library
from app.recommendation.reembed import Reembedding
from app.recommendation.switch import Switch
from tests.fake_pool import FakePool
from tests.library_on_disk import a_spec

OLD_FOLDER = Path("old")
NEW, NEWER = "sha256:new", "sha256:newer"


class StagePool(FakePool):
    """`is_ready`: set, unless a test makes its processes slow to start. `failure`: what keeps them from starting.

    `was_given_up`: set where it was closed while somebody waited for them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_ready, self.closed, self.was_given_up = Event(), Event(), Event()
        self.is_ready.set()
        self.failure: BgmError | None = None

    def wait_until_ready(self) -> None:
        self.is_ready.wait(20)
        if self.closed.is_set():
            self.was_given_up.set()
            raise EncoderUnavailable(worker="device")
        if self.failure is not None:
            raise self.failure

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        self.closed.set()
        self.is_ready.set()


class Checkpoints:
    """Folders of checkpoints by digest. All of them are the fake encoder's, so that its embeddings fit."""

    def __init__(self, root: Path, *digests: str) -> None:
        self._folders = {digest: root / digest for digest in digests}
        for folder in self._folders.values():
            folder.mkdir()
            (folder / "encoder.json").write_text(a_spec().model_dump_json())

    def folder(self, digest: str) -> Path:
        if digest not in self._folders:
            raise CheckpointError(checkpoint=digest, field="copy", reason="none is kept")
        return self._folders[digest]


class Pools:
    """`made`: every pool that was opened, by the name of its checkpoint's folder; `opened`: how many there were."""

    def __init__(self) -> None:
        self.made: dict[str, StagePool] = {}
        self.next = StagePool()
        self.opened = 0
        self.failure: BgmError | None = None

    @contextmanager
    def open(self, checkpoint: Path) -> Iterator[StagePool]:
        pool, self.next = self.next, StagePool()
        pool.failure = pool.failure or self.failure
        self.opened += 1
        self.made[checkpoint.name] = pool
        with pool:
            yield pool


@contextmanager
def switching(library: Library, root: Path, pools: Pools, *, look_every_s: float = 0.02) -> Iterator[Switch]:
    """Serves the library's checkpoint; copies of NEW and NEWER are kept."""
    kept = Checkpoints(root, NEW, NEWER)
    with Switch(
        library,
        OLD_FOLDER,
        kept=kept,
        open_pool=pools.open,
        index_folder=root / "index",
        look_every_s=look_every_s,
    ) as switch:
        yield switch


def move(library: Library, *, digest: str = NEW) -> None:
    """As another process does it, with its own encoder."""
    with FakePool() as pool:
        work = Reembedding(library.catalogue, library.blobs, pool, digest, library.spec.music.stored_space)
        list(work.run(at_once=2, stop=Event()))
        assert work.is_switched()
