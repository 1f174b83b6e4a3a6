"""The papers' runs: every model, encoder, sampling and baseline, with the papers' settings where they give them.

Not given are optimiser, learning rate, widths and D: Adam at 3e-4 along half a cosine, 512 wide, D 256 are choices of
ours, stated in each run's record. `small` makes any of them a matter of seconds on a processor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from app.encoders.sequence_specs import AttentionSpec, BiLSTMSpec, FCSpec, GCNSpec, SequenceEncoderSpec
from training.batches import TextMix
from training.classes import Noise
from training.design import ModelDesign, TowerDesign, WordsDesign
from training.drawing import WithinClasses
from training.losses import LossWeights
from training.objectives import CBVMR, CCA, CME, II, Triplet
from training.run_config import NO_WORDS, RunConfig

EncoderKind = Literal["fc", "gcn", "attention", "bilstm"]
ENCODER_KINDS: tuple[EncoderKind, ...] = ("fc", "gcn", "attention", "bilstm")
STEPS = 100
GAMMA_INTRA = 3.0
_HEARD_WITH = {
    "title": TextMix(none=0.0, title=1.0, keywords=0.0, both=0.0),
    "keywords": TextMix(none=0.0, title=0.0, keywords=1.0, both=0.0),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the towers are, how long they train, and how fast they learn."""

    width: int
    embedding_dim: int
    steps: int
    epochs: int
    batch_pairs: int
    learning_rate: float
    logit_scale_learning_rate: float
    dropout: float
    heads: int


PAPER = Size(512, 256, STEPS, 30, 32, 3e-4, 1e-3, 0.1, 8)
# Made-up features have tens of values a step, and some hundred steps are all there is time for.
SMALL = Size(32, 32, 16, 10, 32, 2e-3, 1e-2, 0.1, 4)


def sequence_encoder_spec(kind: EncoderKind, size: Size) -> SequenceEncoderSpec:
    """The four encoders at one width; layers are a choice of ours."""
    width, dropout = size.width, size.dropout
    if kind == "fc":
        return FCSpec(kind="fc", width=width, layers=2, dropout=dropout, batch_norm=False)
    if kind == "gcn":
        return GCNSpec(kind="gcn", width=width, layers=2, dropout=dropout)
    if kind == "attention":
        return AttentionSpec(kind="attention", width=width, layers=2, heads=size.heads, dropout=dropout)
    return BiLSTMSpec(kind="bilstm", width=width, layers=1, dropout=dropout, pooling="mean")


def clvm_run(
    *,
    kind: EncoderKind = "bilstm",
    gamma_intra: float = GAMMA_INTRA,
    sampling: Literal["gs", "fd"] = "gs",
    size: Size = PAPER,
) -> RunConfig:
    """II-CLVM, or with `gamma_intra` = 0 CLVM: video to music."""
    encoder = sequence_encoder_spec(kind, size)
    video, music = (TowerDesign(stream, encoder, size.steps, sampling) for stream in ("video", "music"))
    name = f"{kind}_{_prefix(gamma_intra)}clvm_{sampling}_run"
    return _run(name, ModelDesign(size.embedding_dim, video, music), gamma_intra, size)


def cltm_run(*, words: Literal["title", "keywords"], gamma_intra: float = GAMMA_INTRA, size: Size = PAPER) -> RunConfig:
    """II-CLTM or CLTM: words to music. Words are one vector, so their encoder is fully connected."""
    query = TowerDesign(words, sequence_encoder_spec("fc", size), 1)
    target = TowerDesign("music", sequence_encoder_spec("bilstm", size), size.steps)
    name = f"{_prefix(gamma_intra)}cltm_{words}_run"
    return _run(name, ModelDesign(size.embedding_dim, query, target), gamma_intra, size)


def clvtm_run(
    *, words: Literal["title", "keywords"], gamma_intra: float = GAMMA_INTRA, size: Size = PAPER
) -> RunConfig:
    """II-CLVTM or CLVTM as the paper has it: every item is heard with its words, which set the hidden state."""
    encoder = sequence_encoder_spec("bilstm", size)
    video, music = (TowerDesign(stream, encoder, size.steps) for stream in ("video", "music"))
    design = ModelDesign(size.embedding_dim, video, music, WordsDesign((words,), size.width, "hidden"))
    run = _run(f"{_prefix(gamma_intra)}clvtm_{words}_run", design, gamma_intra, size)
    return replace(run, text_mix=_HEARD_WITH[words], owning=(words,))


def captions_run(*, medium: str, gamma_intra: float = GAMMA_INTRA, size: Size = PAPER) -> RunConfig:
    """The loss elsewhere: a biLSTM for sound and video, one layer stack for pictures and words."""
    kind: EncoderKind = "fc" if medium == "image" else "bilstm"
    query = TowerDesign(medium, sequence_encoder_spec(kind, size), 1 if medium == "image" else size.steps)
    target = TowerDesign("captions", sequence_encoder_spec("fc", size), 1)
    name = f"{medium}_captions_{_prefix(gamma_intra)}run"
    return _run(name, ModelDesign(size.embedding_dim, query, target), gamma_intra, size)


def classes_run(*, noise: Noise = "no", gamma_intra: float = 6.0, size: Size = PAPER) -> RunConfig:
    """Pictures of one class, both through one tower (Caltech-256; intra weight 6, batches of 128)."""
    tower = TowerDesign("image", sequence_encoder_spec("fc", size), 1)
    design = ModelDesign(size.embedding_dim, tower, tower, shared=True)
    run = _run(f"classes_{_prefix(gamma_intra)}run", design, gamma_intra, size)
    return replace(run, batch_pairs=128, drawing=WithinClasses(noise))


def cbvmr_run(*, size: Size = PAPER) -> RunConfig:
    """Hong et al.: temporal means through fully connected towers with batch norm; D 512, batches of 1000, keep 0.9."""
    is_small = size is not PAPER
    encoder = FCSpec(kind="fc", width=size.width if is_small else 2048, layers=3, dropout=0.1, batch_norm=True)
    video, music = (TowerDesign(stream, encoder, size.steps) for stream in ("video", "music"))
    design = ModelDesign(size.embedding_dim if is_small else 512, video, music)
    run = RunConfig("cbvmr_run", design, CBVMR(), size.epochs, 1000, 3e-4, standardisation_limit=None, keep="last")
    return replace(run, batch_pairs=256, learning_rate=size.learning_rate, epochs=4 * size.epochs) if is_small else run


def cme_run(*, size: Size = PAPER) -> RunConfig:
    """Surís et al.: temporal means, cosine with classification; needs items with labels."""
    return _baseline("cme_run", CME(), size)


def triplet_run(*, size: Size = PAPER) -> RunConfig:
    """The plain triplet loss on the biLSTM towers of CLVM."""
    run = clvm_run(size=size)
    return replace(run, name="triplet_run", objective=Triplet())


def cca_run(*, components: int = 24, shrinkage: float = 0.1, standardise: bool = False) -> RunConfig:
    """Linear canonical correlation of temporal means: what anyone gets in a second."""
    encoder = FCSpec(kind="fc", width=1, layers=1, dropout=0.0, batch_norm=False)
    video, music = (TowerDesign(stream, encoder, STEPS) for stream in ("video", "music"))
    limit = 4.0 if standardise else None
    objective = CCA(shrinkage)
    design = ModelDesign(components, video, music)
    return RunConfig("cca_run", design, objective, 1, 1, 0.0, standardisation_limit=limit, keep="last")


def small(run: RunConfig) -> RunConfig:
    """The same on a processor's terms."""
    return replace(run, device="cpu", threads=1, precision="fp32")


def paper_runs() -> Mapping[str, RunConfig]:
    """Every run of the paper's video–music tables, and the baselines, by name, at the paper's size."""
    intra = (0.0, GAMMA_INTRA)
    runs = [clvm_run(kind=kind, gamma_intra=gamma) for kind in ENCODER_KINDS for gamma in intra]
    runs += [clvm_run(gamma_intra=gamma, sampling="fd") for gamma in intra]
    for words in ("title", "keywords"):
        runs += [make(words=words, gamma_intra=gamma) for make in (cltm_run, clvtm_run) for gamma in intra]
    runs += [cbvmr_run(), cme_run(), triplet_run(), cca_run()]
    return {run.name: run for run in runs}


def _run(name: str, design: ModelDesign, gamma_intra: float, size: Size) -> RunConfig:
    return RunConfig(
        name=name,
        design=design,
        objective=II(LossWeights(gamma_intra=gamma_intra), logit_scale_learning_rate=size.logit_scale_learning_rate),
        epochs=size.epochs,
        batch_pairs=size.batch_pairs,
        learning_rate=size.learning_rate,
        text_mix=NO_WORDS,
        # YouTube-8M's features are whitened, and the others are of one kind: the paper takes them as they are.
        standardisation_limit=None,
        precision="auto",
        keep="last",
    )


def _baseline(name: str, objective: CME, size: Size) -> RunConfig:
    encoder = FCSpec(kind="fc", width=2 * size.width, layers=2, dropout=size.dropout, batch_norm=False)
    video, music = (TowerDesign(stream, encoder, size.steps) for stream in ("video", "music"))
    run = _run(name, ModelDesign(size.embedding_dim, video, music), 0.0, size)
    return replace(run, objective=objective, epochs=2 * size.epochs)


def _prefix(gamma_intra: float) -> str:
    return "ii_" if gamma_intra else ""
