from torch.autograd import DeviceType  # type: ignore[attr-defined]  # public, not in its stubs
from torch.autograd.profiler_util import FunctionEventAvg

from benchmarks.training_on_gpu import LSTM_OPERATIONS, share_of


def event(key: str, kind: DeviceType, *, whole: float, own: float, annotation: bool = False) -> FunctionEventAvg:
    found = FunctionEventAvg()
    found.key, found.device_type, found.is_user_annotation = key, kind, annotation
    found.device_time_total, found.self_device_time_total = whole, own  # type: ignore[assignment]
    return found


def test_the_share_is_of_kernels_and_counts_none_twice() -> None:
    events = [
        event("aten::lstm", DeviceType.CPU, whole=60, own=0),
        event("aten::_cudnn_rnn", DeviceType.CPU, whole=20, own=20),
        event("aten::_cudnn_rnn_backward", DeviceType.CPU, whole=40, own=40),
        event("aten::mul", DeviceType.CPU, whole=15, own=15),
        event("a step", DeviceType.CUDA, whole=80, own=80, annotation=True),
        event("lstm kernel", DeviceType.CUDA, whole=60, own=60),
        event("multiplying kernel", DeviceType.CUDA, whole=15, own=15),
        event("gathering kernel of another thread", DeviceType.CUDA, whole=5, own=5),
    ]
    assert share_of(events, LSTM_OPERATIONS) == 60 / 80


def test_without_a_kernel_there_is_no_share() -> None:
    assert share_of([event("aten::mul", DeviceType.CPU, whole=0, own=0)], LSTM_OPERATIONS) is None
