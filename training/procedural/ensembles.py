"""Kinds of band: who may play what together. Choices only; style.py draws from them."""

from dataclasses import dataclass

Figure = tuple[str, str]  # pattern, instrument


@dataclass(frozen=True, slots=True)
class Ensemble:
    """`home`: where its music lies: pace, energy, warmth, density, tension, sharpness, each 0 to 1.

    Every tuple lists what may be drawn; None among them means that the part may be left out. `colours` are chords
    of harmony.COLOURS; `meters` beats in a bar; `drive` distortion of the chords, 0 to 1; `swing` delay of every
    second half beat as a share of it; `rooms` least and greatest reverberation in seconds; `octave`: lead's place.
    """

    home: tuple[float, float, float, float, float, float]
    leads: tuple[str | None, ...]
    chords: tuple[str | None, ...]
    strokes: tuple[str, ...]
    basses: tuple[str | None, ...]
    bass_patterns: tuple[str, ...]
    pads: tuple[str | None, ...] = (None,)
    figures: tuple[Figure | None, ...] = (None,)
    grooves: tuple[str | None, ...] = (None,)
    kits: tuple[str, ...] = ("acoustic",)
    colours: tuple[str, ...] = ("triad",)
    meters: tuple[int, ...] = (4,)
    drive: float = 0.0
    pump: float = 0.0
    swing: float = 0.0
    echo: float = 0.0
    rooms: tuple[float, float] = (0.8, 1.8)


ENSEMBLES: dict[str, Ensemble] = {
    "solo piano": Ensemble(
        (0.3, 0.2, 0.5, 0.2, 0.3, 0.25), ("piano", "felt piano"), (None, "piano"), ("held", "halves"), ("piano", None),
        ("long", "halves"), figures=(("alberti", "piano"), ("rolling", "piano"), ("broken", "piano"),
         ("up and down", "felt piano")),
        colours=("triad", "triad", "seventh", "open"), meters=(4, 4, 3), rooms=(1.2, 2.6)),
    "tender": Ensemble(
        (0.2, 0.15, 0.45, 0.3, 0.3, 0.1), ("felt piano", "cello", "violin", "clarinet"), ("felt piano", "nylon guitar"),
        ("held", "halves"), ("cello", "upright bass", None), ("long",), pads=("strings", "warm pad"),
        figures=(("harp", "harp"), ("rolling", "felt piano"), None), colours=("triad", "open", "seventh"),
        meters=(4, 3),
        rooms=(1.6, 2.8)),
    "ambient": Ensemble(
        (0.1, 0.1, 0.5, 0.3, 0.35, 0.05), (None, None, "soft lead", "flute"), (None, "glass pad"), ("held",),
        ("drone", "sub bass", None), ("long",), pads=("warm pad", "glass pad", "choir", "bright pad"),
        figures=(("sparse", "bell"), ("sparse", "music box"), ("sparkle", "glass pad"), None),
        colours=("open", "ninth", "hung"),
        echo=0.4, rooms=(2.4, 4.0)),
    "lo-fi": Ensemble(
        (0.3, 0.35, 0.6, 0.45, 0.25, 0.3), ("vibraphone", "electric piano", "soft lead", "nylon guitar", None),
        ("electric piano", "nylon guitar", "felt piano"), ("pushed", "held", "charleston"), ("finger bass", "sub bass"),
        ("pushed", "halves", "root and fifth"), pads=(None, "warm pad"), grooves=("boom bap", "lazy"), kits=("dusty",),
        colours=("seventh", "ninth"), swing=0.16, rooms=(0.6, 1.4)),
    "folk": Ensemble(
        (0.5, 0.4, 0.75, 0.45, 0.15, 0.35), ("flute", "violin", "accordion", "nylon guitar", "clarinet"),
         ("steel guitar", "nylon guitar"),
        ("strum", "pushed"), ("upright bass",), ("root and fifth", "halves"),
         figures=(None, ("broken", "steel guitar"), ("up and down", "nylon guitar")),
        grooves=("folk", "shaker", None, "train"), meters=(4, 4, 3), rooms=(0.6, 1.4)),
    "pop": Ensemble(
        (0.6, 0.6, 0.8, 0.6, 0.15, 0.5), ("voice", "soft lead", "synth pluck", "piano"),
         ("piano", "steel guitar", "electric piano"),
        ("quarters", "pushed", "strum"), ("finger bass", "picked bass"), ("pushed", "eighths", "halves"),
        pads=("warm pad", "bright pad", None), figures=(None, ("up and down", "synth pluck"),
        ("broken", "muted guitar")),
        grooves=("rock", "disco", "four on the floor"), colours=("triad", "open"), rooms=(0.7, 1.5)),
    "rock": Ensemble(
        (0.65, 0.85, 0.5, 0.65, 0.4, 0.85), ("saw lead", "rock guitar", "organ", "voice"), ("rock guitar",),
         ("pulse", "pushed", "quarters"),
        ("picked bass",), ("eighths", "pushed"), pads=(None, "organ"), grooves=("rock", "driving rock", "half time"),
        colours=("power", "triad"), drive=0.6, rooms=(0.5, 1.1)),
    "metal": Ensemble(
        (0.85, 0.97, 0.2, 0.75, 0.85, 0.97), ("saw lead", "rock guitar", None), ("rock guitar",), ("chug", "pulse"),
         ("picked bass",),
        ("gallop", "eighths"), grooves=("driving rock", "half time", "war drums"), colours=("power",), drive=1.0,
         rooms=(0.4, 0.9)),
    "house": Ensemble(
        (0.7, 0.75, 0.6, 0.6, 0.25, 0.65), ("synth pluck", "saw lead", "voice", None),
         ("synth pluck", "electric piano", "organ"), ("offbeat", "clave", "pushed"),
        ("synth bass", "sub bass"), ("offbeat", "octaves"), pads=("bright pad", "warm pad"),
         figures=(("ostinato", "synth pluck"), None),
        grooves=("four on the floor", "disco"), kits=("electronic",), colours=("seventh", "triad", "ninth"),
        pump=0.6, echo=0.3, rooms=(0.8, 1.8)),
    "synthwave": Ensemble(
        (0.6, 0.65, 0.4, 0.6, 0.4, 0.7), ("saw lead", "square lead", "soft lead"), ("bright pad", "synth pluck"),
         ("held", "quarters"),
        ("synth bass",), ("eighths", "octaves"), pads=("bright pad", "warm pad"),
         figures=(("sequencer", "synth pluck"), ("ostinato", "square lead")),
        grooves=("rock", "four on the floor", "half time"), kits=("electronic",), pump=0.3, echo=0.35,
        rooms=(1.0, 2.2)),
    "drum and bass": Ensemble(
        (0.97, 0.85, 0.45, 0.7, 0.45, 0.75), ("synth pluck", "saw lead", None, "voice"),
         ("electric piano", "bright pad"), ("held", "charleston"),
        ("sub bass", "synth bass"), ("long", "pushed", "slow trap"), pads=("warm pad", "strings"),
         figures=(None, ("sparkle", "synth pluck")),
        grooves=("drum and bass", "breakbeat"), kits=("electronic", "acoustic"),
        colours=("seventh", "ninth", "open"), echo=0.3),
    "trap": Ensemble(
        (0.45, 0.6, 0.25, 0.4, 0.65, 0.6), ("bell", "koto", "flute", "piano", None), ("piano", "choir", None),
         ("held", "halves"), ("sub bass",),
        ("slow trap",), pads=(None, "choir", "warm pad"), figures=(("sparkle", "bell"), None,
         ("broken", "music box")), grooves=("trap", "half time"),
        kits=("electronic",), echo=0.25, rooms=(0.9, 2.0)),
    "funk": Ensemble(
        (0.6, 0.7, 0.8, 0.65, 0.15, 0.7), ("brass", "organ", "clarinet", "saw lead"),
         ("electric piano", "muted guitar", "organ"), ("charleston", "clave", "offbeat"),
        ("finger bass", "synth bass"), ("funk",), figures=(("ostinato", "muted guitar"), None),
         grooves=("funk", "disco"), colours=("seventh", "ninth"),
        swing=0.06, rooms=(0.4, 0.9)),
    "jazz": Ensemble(
        (0.55, 0.4, 0.7, 0.5, 0.25, 0.35), ("piano", "vibraphone", "clarinet", "brass", "nylon guitar"),
         ("piano", "electric piano", "nylon guitar"),
        ("charleston", "pushed"), ("upright bass",), ("walking",), grooves=("jazz ride", "brushes"),
         kits=("soft", "acoustic"),
        colours=("seventh", "ninth", "sixth"), swing=0.3, rooms=(0.5, 1.2)),
    "bossa": Ensemble(
        (0.45, 0.3, 0.8, 0.45, 0.1, 0.25), ("flute", "clarinet", "vibraphone", "nylon guitar", "voice"),
         ("nylon guitar",), ("bossa",),
        ("upright bass",), ("root and fifth", "tumbao"), pads=(None, "strings"), grooves=("bossa",), kits=("soft",),
         colours=("seventh", "ninth", "sixth"),
        rooms=(0.6, 1.3)),
    "latin": Ensemble(
        (0.75, 0.75, 0.9, 0.75, 0.1, 0.65), ("brass", "flute", "piano", "accordion"), ("piano",), ("clave",),
         ("upright bass", "finger bass"), ("tumbao",),
        figures=(None, ("ostinato", "marimba")), grooves=("latin",), colours=("triad", "seventh", "sixth"),
        rooms=(0.5, 1.1)),
    "chamber": Ensemble(
        (0.35, 0.3, 0.6, 0.5, 0.25, 0.25), ("violin", "flute", "clarinet", "horn", "cello"),
         ("strings", "pizzicato", "harp"), ("held", "quarters", "halves"),
        ("cello", "pizzicato"), ("long", "halves", "root and fifth"), pads=("strings", None),
         figures=(("harp", "harp"), ("alberti", "pizzicato"), None),
        meters=(4, 3), rooms=(1.4, 2.4)),
    "epic": Ensemble(
        (0.6, 0.9, 0.35, 0.85, 0.65, 0.6), ("horn", "brass", "choir", "violin"), ("brass", "strings"),
         ("held", "pushed", "halves"), ("cello", "drone"),
        ("long", "eighths"), pads=("choir", "strings"), figures=(("ostinato", "tremolo strings"),
         ("sequencer", "strings")), grooves=("epic", "war drums"),
        kits=("orchestral",), colours=("triad", "power", "open"), rooms=(1.8, 3.0)),
    "suspense": Ensemble(
        (0.4, 0.4, 0.15, 0.35, 0.9, 0.5), (None, "pizzicato", "piano", "cello"), ("tremolo strings", None),
         ("held",), ("drone", "cello"), ("long", "eighths"),
        pads=("tremolo strings", "drone", "choir"), figures=(("ostinato", "pizzicato"), ("sparse", "piano"),
        ("sequencer", "muted guitar"), None),
        grooves=("heartbeat", "ticking", None), kits=("orchestral", "soft"), colours=("triad", "hung", "open"),
        rooms=(1.6, 3.2)),
    "horror": Ensemble(
        (0.1, 0.3, 0.05, 0.25, 0.98, 0.4), (None, "music box", "voice"), (None,), ("held",), ("drone",), ("long",),
         pads=("drone", "tremolo strings", "choir"),
        figures=(("sparse", "bell"), None, ("sparse", "piano")), grooves=(None, "heartbeat"), kits=("orchestral",),
        colours=("hung", "open", "power"),
        rooms=(2.4, 4.0)),
    "chip": Ensemble(
        (0.75, 0.65, 0.7, 0.6, 0.25, 0.9), ("chip pulse", "chip square", "square lead"), ("chip square", None),
         ("pulse", "offbeat"), ("chip bass",),
        ("octaves", "eighths", "gallop"), figures=(("chip", "chip pulse"), ("ostinato", "chip square"), None),
         grooves=("chip", "rock", "driving rock"),
        kits=("chip",), rooms=(0.2, 0.5)),
    "ballroom": Ensemble(
        (0.5, 0.35, 0.7, 0.45, 0.2, 0.3), ("violin", "accordion", "clarinet", "piano", "music box"),
         ("accordion", "piano", "strings", "pizzicato"), ("waltz",),
        ("upright bass", "cello"), ("waltz",), pads=(None, "strings"), grooves=("waltz", "ballroom", None),
         kits=("soft",), colours=("triad", "sixth", "seventh"),
        meters=(3,), rooms=(1.0, 2.0)),
    "march": Ensemble(
        (0.6, 0.75, 0.75, 0.7, 0.3, 0.6), ("brass", "flute", "horn"), ("brass", "horn"), ("quarters", "offbeat"),
         ("cello", "upright bass"), ("root and fifth",),
        figures=(None, ("broken", "clarinet")), grooves=("march",), kits=("acoustic", "orchestral"), rooms=(1.0, 2.0)),
    "toy": Ensemble(
        (0.55, 0.3, 0.9, 0.4, 0.05, 0.45), ("music box", "celesta", "xylophone", "clarinet", "flute"),
         ("pizzicato", "nylon guitar", "marimba"), ("offbeat", "quarters", "strum"),
        ("pizzicato", "upright bass"), ("root and fifth",), figures=(None, ("up and down", "celesta"),
         ("alberti", "marimba")), grooves=("shaker", "folk", None),
        kits=("soft",), meters=(4, 4, 3), rooms=(0.6, 1.4)),
    "east": Ensemble(
        (0.4, 0.45, 0.4, 0.4, 0.5, 0.55), ("koto", "flute", "violin"), ("koto", None), ("held", "halves"),
         ("drone", "cello"), ("long", "root and fifth"),
        pads=(None, "drone", "strings"), figures=(("broken", "koto"), ("sequencer", "koto"), None),
        grooves=(None, "epic", "shaker", "heartbeat"),
        kits=("orchestral", "soft"), colours=("open", "hung"), rooms=(1.0, 2.4)),
    "island": Ensemble(
        (0.5, 0.45, 0.85, 0.55, 0.05, 0.4), ("kalimba", "marimba", "flute", "nylon guitar"),
         ("marimba", "kalimba", "nylon guitar"), ("offbeat", "bossa"), ("upright bass", "finger bass"),
        ("tumbao", "root and fifth"), figures=(("broken", "kalimba"), ("ostinato", "marimba"),
         ("rolling", "kalimba")), grooves=("shaker", "latin", "folk"), kits=("soft",),
        rooms=(0.6, 1.4)),
    "inspiring": Ensemble(
        (0.5, 0.55, 0.75, 0.6, 0.15, 0.35), ("piano", "violin", "soft lead", "bell"), ("piano", "strings"),
         ("pulse", "quarters", "held"), ("finger bass", "cello"),
        ("eighths", "halves", "long"), pads=("strings", "warm pad"),
         figures=(("ostinato", "muted guitar"), ("up and down", "piano"), ("sparkle", "celesta")),
        grooves=("four on the floor", "half time", "rock", None), colours=("triad", "open"), echo=0.2,
        rooms=(1.2, 2.4)),
    "hymn": Ensemble(
        (0.15, 0.35, 0.6, 0.5, 0.35, 0.3), ("choir", "organ", "horn", None), ("organ", "choir"), ("held", "halves"),
         ("organ", "cello"), ("long", "halves"),
        pads=("choir", "strings"), colours=("triad", "hung"), rooms=(2.4, 4.0)),
}  # fmt: skip
