import pytest
import torch

from app.encoders.device import computes_bfloat16, inference, resolve_device
from app.encoders.models import video_music_model
from app.encoders.signal_music import SignalMusic
from app.encoders.signal_video import SignalVideo
from app.errors import DeviceUnavailable
from tests.encoders.checkpoints import RATE_HZ, WINDOW_SAMPLES, small_spec, some_video


def test_the_processor_is_always_there() -> None:
    assert resolve_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("is_there", "expected"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_cuda_where_torch_can_use_it(monkeypatch: pytest.MonkeyPatch, is_there: bool, expected: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: is_there)
    assert resolve_device("auto").type == expected


def test_cuda_is_refused_where_torch_cannot_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable, match="cuda"):
        resolve_device("cuda")


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True}, False),
        ({"avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
    ],
)
def test_bfloat16_is_for_processors_that_multiply_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], expected: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert computes_bfloat16(torch.device("cpu")) is expected


def test_inference_takes_no_gradients_and_no_shortened_floats_and_puts_back_what_it_found() -> None:
    before = torch.backends.cudnn.allow_tf32
    with inference():
        assert torch.is_inference_mode_enabled()
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32 == before
    assert not torch.is_inference_mode_enabled()


def test_everything_is_computed_on_the_device_asked_for() -> None:
    # The meta device computes shapes only, and refuses tensors that lie on the processor, as CUDA does.
    meta = torch.device("meta")
    music = SignalMusic(rate_hz=RATE_HZ, window_samples=WINDOW_SAMPLES, device=meta)
    music_BSE, periodicity_BL = music.measure(torch.empty(2, 3, WINDOW_SAMPLES, device=meta))
    video_BSE = SignalVideo(device=meta).features([some_video(1), some_video(2)])
    model = video_music_model(small_spec()).to(meta)
    text_BE = torch.empty(2, 8192, device=meta)
    embeddings = model.embed_query(video_BSE, text_BE, torch.ones(2, dtype=torch.bool, device=meta))
    tensors = [music_BSE, periodicity_BL, video_BSE, embeddings, model.embed_target(music_BSE)]
    assert {tensor.device for tensor in tensors} == {meta}
