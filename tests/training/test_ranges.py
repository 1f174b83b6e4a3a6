import numpy as np

from app.encoders.spec import Standardisation
from training.ranges import out_of_range


def test_unseen_and_clamped_values_are_counted_by_feature() -> None:
    features = np.array([[[0.0, 10.0, 5.0], [9.0, 10.0, 5.0]], [[-1.0, 10.0, 8.0], [2.0, 10.0, 5.0]]], np.float32)
    found = out_of_range(
        features,
        least_E=np.array([0, 10, 5], np.float32),
        greatest_E=np.array([4, 10, 6], np.float32),
        standardisation=Standardisation(mean=(1.0, 10.0, 5.0), deviation=(2.0, 1.0, 1.0), limit=3.5),
    )
    assert found.unseen.tolist() == [0.5, 0.0, 0.25]
    assert found.clamped.tolist() == [0.25, 0.0, 0.0]
    assert found.worst(("pace", "light", "noise"), 3) == [("pace", 0.5, 0.25), ("noise", 0.25, 0.0)]
