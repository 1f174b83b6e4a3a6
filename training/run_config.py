"""What a run depends on beside its pairs: one complete dataclass, saved as JSON beside the checkpoint it made."""

from dataclasses import dataclass
from typing import Literal

from app.encoders.spec import EncoderSpec
from training.batches import TextMix
from training.design import ModelDesign
from training.drawing import Drawing, OwnTargets
from training.fitted_start import FittedStart
from training.objectives import Objective
from training.rows import DataPlace

Precision = Literal["fp32", "bf16", "fp16", "auto"]


NO_WORDS = TextMix(none=1.0, title=0.0, keywords=0.0, both=0.0)


@dataclass(frozen=True, slots=True)
class ProceduralPairs:
    """How many pairs are drawn for each split, from the seeds `first_seed` on: train, then validation, then test."""

    train: int
    validation: int
    test: int
    first_seed: int


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything a run depends on beside its pairs.

    The model: `design`, completed by the pair set's widths and spaces; features standardised by the training split and
    held within `standardisation_limit` deviations (None: as they are). `encoder`: the checkpoint to be served, whose
    backbones the pairs must have been measured with. `owning`: streams that an item must have rows in to be used.

    The steps: `batch_pairs` over all ranks; AdamW whose rates rise over `warmup_epochs` and then stay, or fall along
    half a cosine; `text_learning_rate` is that of the words' way into the initial state, which a sequence forgets
    within some steps (None: as all others); `feature_noise`: normal noise on every feature of a training batch;
    `shared_steps`: the share of the steps that a training batch keeps, the same of both sides (None: all);
    `weight_average`: decay of the running mean of the weights that is validated and kept, per step (None: the weights
    themselves); `patience`: epochs without a better validation after which it ends (None: never).
    `keep`: the epoch whose weights are kept.

    `start_from` "starter": the shipped checkpoint's weights and standardisation, which needs its design and its
    backbones. Few pairs of one's own then move what thousands of procedural ones have taught.

    `fitted`: how the towers are fitted to the training items before the first step (None: not at all).

    `precision` "auto" is bfloat16 on a GPU that multiplies it, else float32. `data_place` as in `open_rows`. `threads`
    are torch's: their number decides in which order sums are rounded. `device` "auto" is CUDA where there is one.
    """

    name: str
    design: ModelDesign
    objective: Objective
    epochs: int
    batch_pairs: int
    learning_rate: float
    weight_decay: float = 0.0
    text_mix: TextMix = NO_WORDS
    drawing: Drawing = OwnTargets()  # noqa: RUF009 - a frozen value
    encoder: EncoderSpec | None = None
    owning: tuple[str, ...] = ()
    text_learning_rate: float | None = None
    feature_noise: float = 0.0
    shared_steps: float | None = None
    adam_betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float = 1.0
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_epochs: float = 0.0
    weight_average: float | None = None
    patience: int | None = None
    keep: Literal["best", "last"] = "best"
    standardisation_limit: float | None = 4.0
    precision: Precision = "fp32"
    data_place: DataPlace = "auto"
    procedural_pairs: ProceduralPairs | None = None
    start_from: Literal["starter"] | None = None
    seed: int = 2024
    threads: int = 1
    device: Literal["auto", "cpu", "cuda"] = "auto"
    fitted: FittedStart | None = None

    @property
    def chooses_epoch(self) -> bool:
        """Whether it needs something to validate on."""
        return self.keep == "best" or self.patience is not None
