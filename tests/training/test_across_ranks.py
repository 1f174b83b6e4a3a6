import pytest
import torch
from torch import nn

from app.encoders.models import TowerPlan, TwoTowers, two_towers
from app.encoders.sequence_specs import FCSpec
from training.errors import BatchNormApart
from training.loop import across_ranks


def towers(*, batch_norm: bool) -> TwoTowers:
    plan = TowerPlan(FCSpec(kind="fc", width=4, layers=2, dropout=0.0, batch_norm=batch_norm), 3)
    return two_towers(plan, plan, embedding_dim=2, text=None)


def test_towers_without_batch_norm_are_as_they_are_in_several_processes() -> None:
    model = towers(batch_norm=False)
    assert across_ranks(model, torch.device("cpu")) is model


def test_batch_norms_of_several_processes_without_gpus_are_refused() -> None:
    with pytest.raises(BatchNormApart, match="train in one process"):
        across_ranks(towers(batch_norm=True), torch.device("cpu"))


def test_batch_norms_on_gpus_see_the_whole_batch_and_keep_their_weights() -> None:
    model = towers(batch_norm=True)
    before = set(model.state_dict())
    whole = across_ranks(model, torch.device("cuda"))
    kinds = {type(part) for part in whole.modules()}
    assert nn.SyncBatchNorm in kinds
    assert nn.BatchNorm1d not in kinds
    assert set(whole.state_dict()) == before
