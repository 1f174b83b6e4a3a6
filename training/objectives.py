"""What a run minimises: the settings of each objective, with their papers' values. Computes nothing."""

from dataclasses import dataclass, field
from typing import Literal

from training.baselines import Mining
from training.losses import LossWeights


@dataclass(frozen=True, slots=True)
class II:
    """The inter-intra modal loss; with `weights.gamma_intra` = 0 the plain contrastive one (CLVM).

    `logit_scale_start` is the paper's n_t, as it stands. It learns at a rate of its own, since a few hundred steps of
    the others' would leave it where it began. `raw_text_form` as in `raw_similarity_with_text`.
    """

    weights: LossWeights = field(default_factory=LossWeights)
    logit_scale_start: float = 0.07
    logit_scale_learning_rate: float = 1e-2
    raw_text_form: Literal["unit parts", "literal"] = "unit parts"
    kind: Literal["ii"] = "ii"


@dataclass(frozen=True, slots=True)
class Triplet:
    margin: float = 0.2
    mining: Mining = "all"
    kind: Literal["triplet"] = "triplet"


@dataclass(frozen=True, slots=True)
class CBVMR:
    """Hong et al. 2018. The released tool weighs the music anchor 3 and the video anchor 1."""

    margin: float = 0.1
    hardest: int = 100
    weight_target_anchor: float = 3.0
    weight_query_anchor: float = 1.0
    weight_structure: float = 0.2
    kind: Literal["cbvmr"] = "cbvmr"


@dataclass(frozen=True, slots=True)
class CME:
    """Surís et al. 2018: cosine similarity with a classification of both embeddings by one layer."""

    margin: float = 0.2
    negative_share: float = 0.6
    weight_labels: float = 0.02
    kind: Literal["cme"] = "cme"


@dataclass(frozen=True, slots=True)
class CCA:
    """Linear canonical correlation of the temporal means, solved and not trained; `shrinkage` of both covariances."""

    shrinkage: float = 0.1
    kind: Literal["cca"] = "cca"


Objective = II | Triplet | CBVMR | CME | CCA
