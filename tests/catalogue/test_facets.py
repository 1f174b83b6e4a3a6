import pytest

from app.catalogue import facets
from app.catalogue.catalogue import Catalogue
from app.catalogue.track_queries import EVERY_TRACK
from app.domain import TrackDetails
from app.filters import Facets, FacetValue, TrackFilter
from tests.catalogue.new_tracks import add_said

SAID = (
    TrackDetails(
        genre="Folk", license="CC0-1.0", artist="Ä", moods=("Calm", "wide"), vocals=True, explicit=False, bpm=90
    ),
    TrackDetails(genre="folk", license="cc0-1.0", artist="ä", moods=("calm",), vocals=True, bpm=100),
    TrackDetails(genre="folk", license="CC-BY-4.0", artist="B", moods=("Dark",), vocals=False, explicit=False, bpm=110),
    TrackDetails(genre="Rock", license="CC0-1.0", artist="B", moods=("dark", "Calm"), explicit=True, title="Night"),
    TrackDetails(),
)


def found(catalogue: Catalogue, tracks: TrackFilter = EVERY_TRACK, *, q: str | None = None) -> Facets:
    with catalogue.reading() as queries:
        return queries.facets(tracks, q=q)


def counts(values: tuple[FacetValue[str], ...]) -> list[tuple[str, int]]:
    return [(value.value, value.count) for value in values]


def test_values_are_counted_whatever_their_case_and_written_as_most_write_them(catalogue: Catalogue) -> None:
    add_said(catalogue, *SAID)
    everything = found(catalogue)
    assert everything.total == 5
    assert counts(everything.genre) == [("folk", 3), ("Rock", 1)]
    assert counts(everything.mood) == [("Calm", 3), ("Dark", 2), ("wide", 1)]
    assert counts(everything.license) == [("CC0-1.0", 3), ("CC-BY-4.0", 1)]
    assert counts(everything.artist) == [("Ä", 2), ("B", 2)]
    assert everything.vocals == (FacetValue(True, 2), FacetValue(False, 1))
    assert everything.explicit == (FacetValue(True, 1), FacetValue(False, 2))
    assert everything.bpm == (90, 110)
    assert everything.duration_s == (184.25, 184.25)


def test_an_empty_library_has_no_values_and_no_ranges(catalogue: Catalogue) -> None:
    assert found(catalogue) == Facets(0, (), (), (), (), (), (), None, None)


def test_a_facets_own_filter_does_not_narrow_it_but_all_others_do(catalogue: Catalogue) -> None:
    add_said(catalogue, *SAID)
    folk = found(catalogue, TrackFilter(genre=("folk",)))
    assert folk.total == 3
    assert counts(folk.genre) == [("folk", 3), ("Rock", 1)]
    assert counts(folk.mood) == [("Calm", 2), ("Dark", 1), ("wide", 1)]
    assert counts(folk.license) == [("CC0-1.0", 2), ("CC-BY-4.0", 1)]
    calm = found(catalogue, TrackFilter(mood=("calm",), vocals=True))
    assert calm.total == 2
    assert counts(calm.mood) == [("Calm", 2), ("wide", 1)]
    assert calm.vocals == (FacetValue(True, 2),)
    quick = found(catalogue, TrackFilter(bpm_min=100, license=("cc0-1.0",)))
    assert quick.total == 1
    assert quick.bpm == (90, 100)
    assert counts(quick.license) == [("CC-BY-4.0", 1), ("cc0-1.0", 1)]
    assert counts(quick.artist) == [("ä", 1)]
    nothing = found(catalogue, TrackFilter(genre=("jazz",)))
    assert (nothing.total, nothing.mood, nothing.bpm) == (0, (), None)
    assert [value.count for value in nothing.genre] == [3, 1]


def test_words_narrow_every_facet(catalogue: Catalogue) -> None:
    add_said(catalogue, *SAID)
    night = found(catalogue, q="nigh")
    assert night.total == 1
    assert counts(night.genre) == [("Rock", 1)]
    assert counts(night.mood) == [("Calm", 1), ("dark", 1)]
    assert night.vocals == ()


def test_only_the_most_frequent_artists_are_told(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "MOST_ARTISTS", 2)
    add_said(catalogue, *[TrackDetails(artist=artist) for artist in ("a", "b", "B", "c", "C", "C")])
    assert counts(found(catalogue).artist) == [("C", 3), ("B", 2)]
