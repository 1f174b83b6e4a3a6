"""What this application agrees to open: containers, codecs and the one way in. Anything else is refused by name.

Short lists are the defence: FFmpeg knows hundreds of formats, some of which read other files or speak to the network.
"""

# How files reach FFmpeg: as an open descriptor. No protocol that takes a name is allowed, so that nothing inside a
# file (a playlist, a reference, a subtitle) can make it open anything else.
PROTOCOLS = ("fd",)

# What people call it, and the name of FFmpeg's demuxer.
CONTAINERS = {
    "mp4/mov/m4a/3gp": "mov",
    "mkv/webm/mka": "matroska",
    "avi": "avi",
    "mpeg-ts": "mpegts",
    "mpeg-ps": "mpeg",
    "ogg": "ogg",
    "mp3": "mp3",
    "aac": "aac",
    "ac3": "ac3",
    "eac3": "eac3",
    "flac": "flac",
    "wav": "wav",
    "wave64": "w64",
    "aiff": "aiff",
    "wma/asf": "asf",
    "amr": "amr",
}

# FFmpeg's name of the codec, and of the decoder that is used for it.
VIDEO_CODECS = {
    "h264": "h264",
    "hevc": "hevc",
    "vp8": "vp8",
    "vp9": "vp9",
    "av1": "libdav1d",
    "mpeg4": "mpeg4",
    "mpeg1video": "mpeg1video",
    "mpeg2video": "mpeg2video",
    "mjpeg": "mjpeg",
    "prores": "prores",
    "theora": "theora",
}

SOUND_CODECS = {
    "mp3": "mp3float",
    "mp2": "mp2float",
    "aac": "aac",
    "alac": "alac",
    "flac": "flac",
    "vorbis": "vorbis",
    "opus": "opus",
    "wmav1": "wmav1",
    "wmav2": "wmav2",
    "wmapro": "wmapro",
    "wmalossless": "wmalossless",
    "ac3": "ac3",
    "eac3": "eac3",
    "dts": "dca",
    "amr_nb": "amrnb",
    "amr_wb": "amrwb",
    "pcm_u8": "pcm_u8",
    "pcm_s8": "pcm_s8",
    "pcm_s16le": "pcm_s16le",
    "pcm_s16be": "pcm_s16be",
    "pcm_s24le": "pcm_s24le",
    "pcm_s24be": "pcm_s24be",
    "pcm_s32le": "pcm_s32le",
    "pcm_s32be": "pcm_s32be",
    "pcm_f32le": "pcm_f32le",
    "pcm_f32be": "pcm_f32be",
    "pcm_f64le": "pcm_f64le",
    "pcm_f64be": "pcm_f64be",
    "pcm_alaw": "pcm_alaw",
    "pcm_mulaw": "pcm_mulaw",
}

# Containers without a count of their own: FFmpeg guesses their duration from the bit rate, so it is always measured.
GUESSED_DURATION = ("mp3", "aac", "ac3", "eac3", "amr")

# First bytes of what is often sent by mistake, to name it in the refusal.
FOREIGN = {
    b"\x89PNG": "png picture",
    b"\xff\xd8\xff": "jpeg picture",
    b"GIF8": "gif picture",
    b"%PDF": "pdf document",
    b"PK\x03\x04": "zip archive",
    b"#EXTM3U": "m3u playlist",
    b"ffconcat": "ffconcat playlist",
    b"FLV": "flv",
    b"wvpk": "wavpack",
    b".RMF": "realmedia",
    b"MThd": "midi",
}
