"""Exact nearest-neighbour search over track embeddings. Knows numbers and vectors, nothing of titles, rows or files."""

from collections.abc import Iterable, Sequence
from typing import TypeGuard

import faiss
import numpy as np
from numpy.typing import NDArray

from app.domain import Embedding, Float32Array, Match
from app.index.lock import ReadersOrWriter

Numbers = NDArray[np.int64]
# How far from 1 the length of an embedding may be; float32 rounding of 2,048 dimensions stays below 1e-6.
LENGTH_TOLERANCE = 1e-3
# Removed embeddings are skipped by each search until they are this many and this share of all; taking them out moves
# the memory of all others while searches wait.
TOMBSTONES_KEPT = 256
TOMBSTONE_SHARE = 0.1


class TrackIndex:
    """Embeddings of one checkpoint (`digest`) by track number, searched by cosine. Any number of threads may use it.

    `last_change`: the catalogue's change up to which everything is in here; whoever applies changes sets it afterwards.
    `library`: the id of the library that the numbers belong to, where the caller wants that told apart.
    """

    def __init__(self, dim: int, digest: str, *, library: str | None = None) -> None:
        self.dim = dim
        self.digest = digest
        self.library = library
        self.last_change = 0
        self._faiss = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
        self._alive: set[int] = set()
        self._tombstones: set[int] = set()
        self._lock = ReadersOrWriter()

    def __len__(self) -> int:
        return len(self._alive)

    def numbers(self) -> Numbers:
        """The tracks that are in the index, in ascending order."""
        with self._lock.reading():
            return np.array(sorted(self._alive), dtype=np.int64)

    def add(self, numbers: Sequence[int] | Numbers, embeddings: Float32Array) -> None:
        """Adds unit vectors (n, D) under n different numbers; a number that is there already gets the new vector.

        Raises ValueError where a vector is not finite, not of length 1 or of another width; nothing is added then.
        """
        new_numbers = np.ascontiguousarray(numbers, dtype=np.int64)
        vectors = self._checked(embeddings)
        new = set(new_numbers.tolist())
        if new_numbers.shape != (len(vectors),) or len(new) != len(vectors):
            raise ValueError(
                f"{len(vectors)} embeddings came with numbers of shape {new_numbers.shape}, {len(new)} different"
            )
        if not new:
            return
        with self._lock.writing():
            self._take_out(new & (self._alive | self._tombstones))
            self._faiss.add_with_ids(vectors, new_numbers)
            self._alive |= new

    def remove(self, numbers: Iterable[int]) -> None:
        """No search finds these any more; numbers that are not there are no fault."""
        with self._lock.writing():
            gone = {int(number) for number in numbers} & self._alive
            self._alive -= gone
            self._tombstones |= gone
            if len(self._tombstones) > max(TOMBSTONES_KEPT, TOMBSTONE_SHARE * len(self._alive)):
                self._take_out(self._tombstones)

    def search(self, embedding: Embedding, *, limit: int, allowed: Numbers | None = None) -> list[Match]:
        """The `limit` nearest tracks to a unit vector (D,), best first, equal scores by number; fewer only where there
        are fewer. `allowed`: numbers to search among, exactly, however few of all they are.

        Raises ValueError where the vector is not finite, not of length 1 or of another width.
        """
        if limit < 1:
            raise ValueError(f"limit is {limit}; at least 1 is needed")
        query = self._checked(embedding[np.newaxis])
        # OpenMP keeps this number for each thread of ours, so it cannot be set once for all. A search's own threads
        # would only take the processors from the searches beside it.
        faiss.omp_set_num_threads(1)
        with self._lock.reading():
            parameters, most = self._among(allowed)
            scores, numbers = self._nearest(query, limit, most, parameters)
        order = np.lexsort((numbers, -scores))[:limit]
        return [Match(number=int(numbers[i]), score=float(scores[i])) for i in order]

    def scores(self, embedding: Embedding) -> tuple[Numbers, Float32Array]:
        """The numbers of all tracks (n,), in no order, and the cosine (n,) of each with a unit vector (D,).

        Raises ValueError as `search` does.
        """
        query = self._checked(embedding[np.newaxis])
        # One thread, like each search: NumPy's own product may take all processors.
        faiss.omp_set_num_threads(1)
        with self._lock.reading():
            numbers = faiss.vector_to_array(self._faiss.id_map)
            cosines = faiss.pairwise_distances(query, self._vectors(), metric=faiss.METRIC_INNER_PRODUCT)[0]
            tombstones = _array(self._tombstones)
        if not len(tombstones):
            return numbers, cosines
        is_there = np.isin(numbers, tombstones, invert=True)
        return numbers[is_there], cosines[is_there]

    def packed(self) -> tuple[NDArray[np.uint8], int, int]:
        """FAISS's own bytes of the whole index, how many embeddings are in it, and the change it stands at."""
        with self._lock.writing():
            self._take_out(self._tombstones)
            return faiss.serialize_index(self._faiss), len(self._alive), self.last_change

    def unpack(self, packed: NDArray[np.uint8]) -> None:
        """Takes the place of all that is in the index. Raises ValueError for bytes of another kind or width."""
        try:
            found = faiss.deserialize_index(packed)
        except RuntimeError as error:
            raise ValueError("FAISS cannot read it") from error
        if not _is_exact(found) or found.d != self.dim:
            raise ValueError(f"it holds a {type(found).__name__} of width {found.d}, not an exact one of {self.dim}")
        numbers = faiss.vector_to_array(found.id_map).tolist()
        with self._lock.writing():
            self._faiss, self._alive, self._tombstones = found, set(numbers), set()

    def _checked(self, embeddings: Float32Array) -> Float32Array:
        vectors = np.ascontiguousarray(embeddings, dtype=np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise ValueError(f"embeddings have shape {vectors.shape}; (n, {self.dim}) is needed")
        lengths = np.linalg.norm(vectors, axis=1)
        # Said so that what is not a number fails too.
        if not (np.abs(lengths - 1) <= LENGTH_TOLERANCE).all():
            raise ValueError("an embedding is not a finite vector of length 1")
        return vectors

    def _vectors(self) -> Float32Array:
        """FAISS's own memory, (n, D), not a copy: only while the lock is held."""
        count, flat = self._faiss.ntotal, faiss.downcast_index(self._faiss.index)
        assert isinstance(flat, faiss.IndexFlatIP)
        if count == 0:
            return np.empty((0, self.dim), dtype=np.float32)
        vectors: Float32Array = faiss.rev_swig_ptr(flat.get_xb(), count * self.dim).reshape(count, self.dim)
        return vectors

    def _take_out(self, numbers: set[int]) -> None:
        if numbers:
            self._faiss.remove_ids(faiss.IDSelectorBatch(_array(numbers)))
            self._alive -= numbers
            self._tombstones -= numbers

    def _among(self, allowed: Numbers | None) -> tuple[faiss.SearchParameters | None, int]:
        """What restricts a search to `allowed` and away from tombstones, and how many it can find at most."""
        if allowed is None and not self._tombstones:
            return None, len(self._alive)
        parameters = faiss.SearchParameters()
        if allowed is None:
            parameters.sel = faiss.IDSelectorNot(faiss.IDSelectorBatch(_array(self._tombstones)))
            return parameters, len(self._alive)
        among = np.setdiff1d(np.asarray(allowed, dtype=np.int64), _array(self._tombstones))
        parameters.sel = faiss.IDSelectorBatch(among)
        return parameters, min(len(among), len(self._alive))

    def _nearest(
        self, query: Float32Array, limit: int, most: int, parameters: faiss.SearchParameters | None
    ) -> tuple[Float32Array, Numbers]:
        """At least the `limit` nearest, and all that score as the last of them does.

        Which of equal ones FAISS keeps depends on their place in memory, and that on what was removed before.
        """
        if most == 0:
            return np.empty(0, dtype=np.float32), np.empty(0, dtype=np.int64)
        wanted = min(limit + 1, most)
        while True:
            scores, numbers = (row[0] for row in self._faiss.search(query, wanted, params=parameters))
            is_found = numbers >= 0
            if wanted == most or not is_found[-1] or scores[-1] < scores[limit - 1]:
                return scores[is_found], numbers[is_found]
            wanted = min(2 * wanted, most)


def _array(numbers: set[int]) -> Numbers:
    return np.fromiter(numbers, dtype=np.int64, count=len(numbers))


def _is_exact(index: faiss.Index) -> TypeGuard[faiss.IndexIDMap2]:
    return isinstance(index, faiss.IndexIDMap2) and isinstance(faiss.downcast_index(index.index), faiss.IndexFlatIP)
