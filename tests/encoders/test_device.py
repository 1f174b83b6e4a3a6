import pytest
import torch

from app.encoders.device import computes_bfloat16, inference, resolve_device
from app.errors import DeviceUnavailable


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
