import pytest

from tests.encoders.tiny_clip import save_tiny_clip, sha256_of

CLIP_NAME = "tiny-for-captions"


@pytest.fixture(scope="session")
def clip_named(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny CLIP with random weights on disk, as the arguments name it behind `clip-image:` or `clip-text:`."""
    folder = tmp_path_factory.mktemp("clip")
    save_tiny_clip(folder, CLIP_NAME)
    weights = folder / "tiny.safetensors"
    return f"{CLIP_NAME}:sha256={sha256_of(weights)}:{weights}"
