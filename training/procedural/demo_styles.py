"""The 48 tracks of the demo library, planned one by one so that they cover moods, tempi and bands. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from training.procedural.harmony import MODES
from training.procedural.scene import Factors

PARTS = ("lead", "chords", "pad", "figure", "bass")
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True)
class DemoTrack:
    """`levels`: eight digits, the factors in their order in tenths.

    `line_up` and `changes`: fields of style.LineUp and style.Style that are not left to chance.
    """

    title: str
    ensemble: str
    tempo_bpm: float
    key: str
    form: str
    levels: str
    genre: str
    moods: tuple[str, ...]
    keywords: tuple[str, ...]
    length_s: float = 45.0
    line_up: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def factors(self) -> Factors:
        return Factors(*((int(digit) + 0.5) / 10 for digit in self.levels))

    @property
    def tonic(self) -> int:
        return NOTES.index(self.key.split()[0])

    @property
    def mode(self) -> str:
        """One of harmony.MODES."""
        mode = self.key.split(maxsplit=1)[1]
        if mode not in MODES:
            raise ValueError(f"{self.title}: no mode is called {mode}")
        return mode


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def demo_tracks() -> tuple[DemoTrack, ...]:
    """All of them, in the order of the library."""
    return tuple(_track(*row) for row in _PLAN)


def _track(
    title: str, band: str, bpm: float, key: str, form: str, levels: str, genre: str, moods: str, keywords: str,
    planned: Mapping[str, Any],
) -> DemoTrack:  # fmt: skip
    line_up = {name: value for name, value in planned.items() if name in PARTS}
    changes = {name: value for name, value in planned.items() if name not in PARTS}
    return DemoTrack(
        title, band, bpm, key, form, levels, genre, _words(moods), _words(keywords), line_up=line_up, changes=changes
    )


_Row = tuple[str, str, float, str, str, str, str, str, str, Mapping[str, Any]]
_PLAN: tuple[_Row, ...] = (
    ("Morning Over the Valley", "folk", 96, "G major", "song", "43765126", "Folk", "calm, hopeful",
     "nature, hiking, sunrise, countryside", {"lead": "flute", "groove": "shaker"}),
    ("Paper Boats", "solo piano", 76, "F major", "verse", "21652125", "Classical", "tender, calm",
     "childhood, memories, river, family",
     {"lead": "piano", "figure": ("rolling", "piano"), "bass": "piano", "bass_pattern": "long"}),
    ("Slow Snow", "ambient", 60, "D lydian", "flat", "10563106", "Ambient", "peaceful, cold",
     "snow, winter, mountains, silence", {"pad": "glass pad", "figure": ("sparse", "bell"), "lead": "soft lead"}),
    ("Neon Mile", "synthwave", 104, "A minor", "song", "57465274", "Synthwave", "driving, cool",
     "night, city, neon, driving", {"lead": "saw lead", "figure": ("sequencer", "synth pluck"), "groove": "rock"}),
    ("Afternoon Tape", "lo-fi", 78, "D dorian", "flat", "33654235", "Lo-Fi", "relaxed, warm",
     "study, home, coffee, vlog", {"lead": "vibraphone", "groove": "boom bap"}),
    ("Sunday Market", "bossa", 124, "F major", "verse", "43864125", "Bossa Nova", "cheerful, relaxed",
     "market, food, cooking, travel", {"lead": "flute"}),
    ("Kites", "pop", 116, "C major", "song", "66886147", "Pop", "joyful, bright", "summer, friends, beach, holiday",
     {"lead": "synth pluck", "figure": ("broken", "muted guitar"), "groove": "rock"}),
    ("Full Throttle", "rock", 152, "E minor", "song", "89457583", "Rock", "driving, powerful",
     "racing, cars, sport, action", {"lead": "saw lead", "groove": "driving rock"}),
    ("Iron Horses", "metal", 168, "E phrygian", "song", "99137992", "Metal", "aggressive, dark",
     "battle, extreme sports, motocross, fight", {"lead": "rock guitar", "groove": "driving rock"}),
    ("First Light", "inspiring", 120, "D major", "build", "55875136", "Cinematic", "hopeful, uplifting",
     "success, teamwork, technology, future", {"lead": "violin", "figure": ("ostinato", "muted guitar"),
     "groove": "half time"}),
    ("The Summit", "epic", 92, "D minor", "build", "59448553", "Cinematic", "epic, determined",
     "mountains, adventure, trailer, climb", {"lead": "horn", "figure": ("sequencer", "strings"), "groove": "epic"}),
    ("Under the Floorboards", "horror", 60, "C# phrygian", "flat", "13022941", "Cinematic", "scary, dark",
     "horror, abandoned, night, nightmare", {"pad": "tremolo strings", "figure": ("sparse", "bell"),
     "groove": "heartbeat"}),
    ("Someone Followed", "suspense", 88, "B harmonic minor", "build", "44123853", "Cinematic", "tense, mysterious",
     "thriller, crime, chase, documentary", {"lead": "pizzicato", "figure": ("ostinato", "pizzicato"),
     "groove": "ticking"}),
    ("Pixel Parade", "chip", 148, "C major", "song", "76765189", "Chiptune", "playful, energetic",
     "gaming, arcade, retro, cartoon", {"lead": "chip pulse", "figure": ("chip", "chip square")}),
    ("Ballroom Ghosts", "ballroom", 132, "A harmonic minor", "verse", "44344534", "Waltz", "mysterious, elegant",
     "masquerade, castle, history, dance", {"lead": "violin", "groove": "waltz"}),
    ("Carousel", "ballroom", 174, "F major", "song", "64885147", "Waltz", "whimsical, happy",
     "fair, children, circus, wedding", {"lead": "accordion", "groove": "ballroom"}),
    ("Toy Soldiers", "march", 112, "Bb major", "verse", "57766256", "March", "proud, bright",
     "parade, ceremony, school, history", {"lead": "flute"}),
    ("Cat on the Shelf", "toy", 124, "G major", "verse", "53885149", "Children", "funny, playful",
     "pets, cat, comedy, kids", {"lead": "xylophone", "chords": "pizzicato", "groove": None}),
    ("Lantern River", "east", 72, "E dorian", "verse", "22444345", "World", "calm, reflective",
     "temple, river, travel, meditation", {"lead": "flute", "figure": ("broken", "koto"), "groove": None}),
    ("Island Time", "island", 108, "C major", "song", "54876157", "World", "happy, relaxed",
     "beach, island, surfing, cocktail", {"lead": "marimba", "figure": ("rolling", "kalimba"), "groove": "shaker"}),
    ("Midnight Trio", "jazz", 116, "D dorian", "verse", "43444335", "Jazz", "cool, smoky",
     "bar, night, noir, whisky", {"lead": "piano", "chords": "nylon guitar", "groove": "brushes"}),
    ("Swing Street", "jazz", 176, "Bb major", "song", "86765155", "Jazz", "lively, cheerful",
     "party, dance, vintage, city", {"lead": "clarinet", "chords": "piano", "groove": "jazz ride"}),
    ("Rooftop Party", "house", 124, "G mixolydian", "song", "78867177", "House", "energetic, happy",
     "party, club, summer, friends", {"lead": "synth pluck", "groove": "four on the floor"}),
    ("Deep Blue Club", "house", 120, "C minor", "build", "67346364", "House", "cool, hypnotic",
     "club, night, fashion, underwater", {"lead": None, "chords": "electric piano",
     "figure": ("ostinato", "synth pluck"), "groove": "four on the floor"}),
    ("Rush Hour", "drum and bass", 174, "F minor", "song", "98357573", "Drum and Bass", "urgent, energetic",
     "traffic, city, parkour, racing", {"lead": "saw lead", "groove": "breakbeat"}),
    ("Cloud Runner", "drum and bass", 170, "D major", "build", "97777157", "Drum and Bass", "uplifting, fast",
     "drone, flying, skate, snowboard", {"lead": "synth pluck", "groove": "drum and bass"}),
    ("Cold Streets", "trap", 140, "F# harmonic minor", "flat", "56234665", "Hip Hop", "dark, confident",
     "street, urban, fashion, night", {"lead": "bell", "groove": "trap"}),
    ("Gold Hour", "trap", 132, "G minor", "song", "55454355", "Hip Hop", "smooth, confident",
     "sunset, car, lifestyle, basketball", {"lead": "flute", "chords": "piano", "groove": "half time"}),
    ("Greasy Spoon", "funk", 104, "E mixolydian", "song", "57767175", "Funk", "groovy, cheeky",
     "food, comedy, dance, kitchen", {"lead": "organ", "chords": "electric piano",
     "figure": ("ostinato", "muted guitar")}),
    ("La Esquina", "latin", 100, "A minor", "song", "68777265", "Latin", "fiery, joyful",
     "dance, carnival, street, summer", {"lead": "brass"}),
    ("Quiet Chapel", "hymn", 66, "Eb major", "flat", "12645225", "Sacred", "solemn, peaceful",
     "church, ceremony, funeral, candles", {"lead": "choir", "chords": "organ"}),
    ("Farewell", "tender", 58, "A minor", "verse", "11233314", "Classical", "sad, lonely",
     "goodbye, loss, rain, drama", {"lead": "cello", "chords": "felt piano", "pad": "strings"}),
    ("Letters Home", "tender", 70, "G major", "verse", "22664125", "Classical", "nostalgic, warm",
     "wedding, love, family, memories", {"lead": "violin", "figure": ("rolling", "felt piano"), "pad": "strings"}),
    ("Glass Garden", "ambient", 72, "E lydian", "build", "21774117", "Ambient", "dreamy, light",
     "flowers, macro, garden, yoga", {"pad": "warm pad", "figure": ("sparkle", "music box"), "lead": None}),
    ("Deep Space Drift", "ambient", 54, "D dorian", "flat", "11324302", "Ambient", "spacious, mysterious",
     "space, stars, ocean, science", {"pad": "bright pad", "figure": None, "lead": "soft lead", "bass": "drone"}),
    ("Clockwork", "suspense", 112, "C minor", "build", "55234756", "Cinematic", "tense, focused",
     "investigation, technology, time, heist", {"lead": None, "chords": None, "pad": "drone",
     "figure": ("sequencer", "muted guitar"), "groove": "ticking"}),
    ("Drums of the North", "epic", 108, "C minor", "song", "68237773", "Cinematic", "fierce, heroic",
     "battle, vikings, storm, sports", {"lead": "brass", "figure": ("ostinato", "tremolo strings"),
     "groove": "war drums"}),
    ("Hero's Return", "epic", 120, "Bb major", "build", "69878246", "Cinematic", "triumphant, epic",
     "victory, celebration, finale, graduation", {"lead": "brass", "groove": "march"}),
    ("Old Film Reel", "solo piano", 172, "C major", "verse", "75755167", "Ragtime", "funny, lively",
     "silent film, vintage, comedy, chase", {"lead": "piano", "chords": "piano", "stroke": "offbeat",
     "bass": "piano", "bass_pattern": "root and fifth", "figure": None, "legato": 0.5, "beats_per_bar": 4}),
    ("Rain on the Window", "lo-fi", 70, "B minor", "flat", "22334224", "Lo-Fi", "melancholic, calm",
     "rain, night, window, alone", {"lead": "electric piano", "chords": "felt piano", "groove": "lazy"}),
    ("Coffee and Code", "lo-fi", 86, "F major", "song", "44765246", "Lo-Fi", "focused, warm",
     "work, office, tutorial, desk", {"lead": "nylon guitar", "groove": "boom bap"}),
    ("Open Road", "rock", 118, "A mixolydian", "song", "67776166", "Rock", "free, upbeat",
     "road trip, car, desert, motorbike", {"lead": "rock guitar", "groove": "rock", "pad": "organ"}),
    ("Winter Waltz", "chamber", 108, "D minor", "verse", "43454236", "Classical", "elegant, wistful",
     "ice, winter, skating, palace", {"lead": "flute", "beats_per_bar": 3, "figure": ("harp", "harp")}),
    ("Garden Quartet", "chamber", 104, "D major", "song", "53765136", "Classical", "graceful, bright",
     "garden, architecture, art, museum", {"lead": "violin", "chords": "pizzicato", "beats_per_bar": 4}),
    ("Boss Battle", "chip", 172, "C harmonic minor", "song", "98347787", "Chiptune", "frantic, dark",
     "gaming, fight, boss, esports", {"lead": "square lead", "figure": ("ostinato", "chip square"),
     "groove": "driving rock"}),
    ("Product Launch", "inspiring", 128, "E major", "song", "66886157", "Corporate", "optimistic, modern",
     "business, startup, product, presentation", {"lead": "bell", "figure": ("up and down", "piano"),
     "groove": "four on the floor"}),
    ("Desert Caravan", "east", 96, "D phrygian", "song", "45445554", "World", "mysterious, exotic",
     "desert, camel, market, archaeology", {"lead": "violin", "figure": ("broken", "koto"), "groove": "epic",
     "pad": "drone"}),
    ("Last Train", "synthwave", 84, "F# minor", "build", "35344353", "Synthwave", "melancholic, wistful",
     "train, night, city, goodbye", {"lead": "soft lead", "figure": ("ostinato", "synth pluck"),
     "groove": "half time"}),
)  # fmt: skip
