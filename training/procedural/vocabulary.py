"""English words that people put on videos, and which factors they speak of. Data only.

A profile such as "P+ W-" says: used of films of high pace and low warmth. Letters: Pace, Energy, Warmth, Light,
Density, Tension, Sharpness, Height.
"""

LETTERS = "PEWLDTSH"

GROUPS: dict[str, str] = {
    "P+ E+": "racing, race, rally, motocross, drift, chase, sprint, speed, fast, motorbike, rollercoaster, parkour, "
    "highway, formula, karting, rush, turbo, stunt, getaway, downhill",
    "P-": "slow motion, slow, slowly, still, waiting, drifting, lingering, gentle, unhurried, patience, calmly, "
    "stroll, walk",
    "P- E-": "relaxing, relax, calm, quiet, silence, sleep, nap, meditation, breathing, rest, lullaby, peaceful, "
    "serene, zen, stillness, soothing, asmr, bedtime",
    "P+": "timelapse, hyperlapse, quick, montage, compilation, highlights, fast cut, hectic, busy, traffic, "
    "commute, marathon, running, cycling, skating, skate",
    "E+": "power, powerful, strong, intense, energy, energetic, workout, gym, training, crossfit, boxing, lifting, "
    "sports, football, basketball, goal, champion, victory, explosion, fireworks",
    "E+ S+": "rock, punk, metal, engine, machine, industrial, steel, robot, drum, stadium, concert, mosh, guitar, "
    "loud, monster truck, demolition, construction, welding",
    "E-": "soft, faint, delicate, whisper, tender, fragile, subtle, minimal, intimate, candle, tea, reading, "
    "knitting, drawing, handwriting",
    "W+": "happy, joy, joyful, smile, laughing, love, family, friends, friendship, birthday, wedding, puppy, "
    "kitten, baby, kids, children, holiday, christmas, hugs, home, grandma, picnic, thankful, cute",
    "W+ E+": "party, celebration, festival, carnival, dance, dancing, dj, cheering, parade, graduation, prom, disco, "
    "fiesta, samba, nightlife, crowd surfing, confetti",
    "W+ L+": "summer, sunny, sunshine, beach, sun, spring, flowers, garden, holiday trip, vacation, island, tropical, "
    "surfing, poolside, ice cream, blossom, meadow, orchard, sunflower",
    "W-": "sad, sadness, alone, lonely, goodbye, farewell, loss, tears, crying, grief, breakup, memorial, regret, "
    "homesick, missing you, forgotten, sorrow, heartbreak",
    "W- L-": "funeral, cemetery, grave, mourning, depression, bleak, gloomy, autumn rain, grey day, rainy, november, "
    "mist, fog",
    "W- E-": "melancholy, nostalgia, memories, old letters, empty house, abandoned, faded, ruins, remembering, winter, "
    "snow, frozen, cold",
    "L+": "bright, light, daylight, morning, sunrise, dawn, white, clouds, sky, glow, clean, airy, noon, shining, "
    "studio, minimalism, clear",
    "L-": "night, dark, darkness, midnight, shadow, shadows, black, cave, moonlight, nocturnal, eclipse, basement, "
    "tunnel, campfire, stargazing, blackout",
    "L- P+": "neon, night drive, city lights, club, cyberpunk, taxi, downtown, arcade, subway, rave, laser, night ride",
    "L- T+": "horror, scary, haunted, ghost, nightmare, creepy, vampire, zombie, demon, crypt, witch, terror, asylum, "
    "slasher, paranormal, evil",
    "T+": "tense, tension, suspense, thriller, danger, warning, crime, murder, detective, investigation, mystery, "
    "conspiracy, escape, hunted, spy, heist, storm, disaster, emergency, crisis",
    "T+ E+": "war, battle, fight, fighting, army, soldiers, attack, revenge, riot, gladiator, dragon, boss fight, "
    "apocalypse, invasion, volcano, tornado, wildfire, epic battle",
    "T-": "easy, comfortable, harmless, carefree, lazy sunday, leisure, weekend, hobby, simple living, cosy, "
    "routine, everyday, casual",
    "T- W+": "wholesome, innocent, sweet, teddy bear, toys, cartoon, bunny, bubbles, rainbow, lemonade, playground, "
    "hopscotch, unicorn, storybook",
    "D+": "city, crowd, market, street, bazaar, metropolis, jungle, forest, details, chaos, messy, festival "
    "grounds, mosaic, library, factory, harbour, station, mall, skyline, confusion",
    "D-": "empty, desert, minimalist, horizon, solitude, dunes, blank, void, single, plain, tundra, salt flats, one "
    "line, silhouette, copy space",
    "S+": "sharp, geometric, glitch, pixel, pixel art, gaming, esports, code, coding, tech, technology, unboxing, "
    "data, architecture, skyscraper, crystal, ice, glass, electric, hacker",
    "S-": "blurry, dreamy, dream, bokeh, haze, smoke, velvet, silk, watercolour, fluffy, clouds drifting, "
    "underwater, foam, feathers, cotton, pastel, melting",
    "H+": "drone, flying, birds, aerial, kite, balloon, mountain top, summit, paragliding, butterfly, snowflakes, "
    "rooftop, stars, rocket, skydiving, tiny, miniature, macro, bees",
    "H-": "heavy, giant, huge, elephant, whale, deep sea, ocean depths, truck, train, ship, mountain, canyon, "
    "boulder, earthquake, thunder, bear, tank, foundry, roots",
    "P- W+": "romantic, romance, anniversary, proposal, honeymoon, date night, cuddling, sunset, golden hour, slow "
    "dance, wine, dinner, fireplace",
    "P- L-": "dusk, evening, lullabies, moon, night sky, milky way, insomnia, twilight, lanterns, candlelight",
    "P- D-": "yoga, lake, pond, waterfall, nature sounds, sea, ocean, waves, tide, fishing, sailing, canoe, mountains, "
    "wilderness, camping",
    "P+ W+": "road trip, adventure, travel vlog, backpacking, skateboarding, snowboarding, trampoline, water park, "
    "school trip, tour, gopro, bike tour, jumping",
    "P+ T+": "pursuit, countdown, deadline, car chase, running away, alarm, panic, bank robbery, pursuit car, time "
    "bomb",
    "W+ P-": "cooking, baking, recipe, kitchen, coffee, breakfast, bread, soup, farm, cottage, gardening, pottery, "
    "craft",
    "S+ P+": "trailer, teaser, intro, promo, advert, startup, product launch, tutorial, review, app, corporate, "
    "business",
    "S- E-": "spa, massage, skincare, aquarium, jellyfish, rain sounds, feather, harp, clouds at dawn, newborn",
    "T+ P-": "documentary, history, archive, investigation report, interview, trial, prison, exile, monument, ruins at "
    "night",
    "E+ H-": "epic, cinematic, giants, thunderstorm, heavy machinery, bulldozer, lion, warrior, viking, dinosaur",
    "L+ H+": "heaven, angel, cathedral, wedding dress, clouds above, ballet, figure skating, snow peaks, glider, "
    "seagulls",
    "L- D-": "space, galaxy, planet, astronaut, nebula, cosmos, satellite, abyss, submarine, black hole",
}  # fmt: skip

FILLERS = (
    "my, the, our, a, new, video, film, clip, official, full, part 1, part 2, part 3, episode, ep 4, final, edit, "
    "4k, hd, 2019, 2021, 2023, day 1, day 12, best of, how to, making of, with, in, at, vlog, test, draft, "
    "footage, raw, short"
)
SILENT_TITLES = (
    "untitled", "video", "IMG_{number}", "VID_{number}", "MVI_{number}", "clip {number}", "new project {number}",
    "final final", "export", "sequence {number}", "screen recording {number}", "without title", "upload {number}",
)  # fmt: skip
