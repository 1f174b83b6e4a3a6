"""Runs for a folder of one's own videos, converted with `python -m training.convert videos`."""

from dataclasses import replace

from app.encoders.sequence_specs import BiLSTMSpec
from training.batches import TextMix
from training.design import ModelDesign, TowerDesign, WordsDesign
from training.losses import LossWeights
from training.objectives import II
from training.run_config import NO_WORDS, RunConfig
from training.starter_runs import starter_run


def own_videos_run() -> RunConfig:
    """A checkpoint for one's own library, from hundreds of one's own videos on, measured with any backbones."""
    sequence = BiLSTMSpec(kind="bilstm", width=128, layers=1, dropout=0.3, pooling="mean")
    video, music = (TowerDesign(stream, sequence, steps=None) for stream in ("video", "music"))
    words = WordsDesign(("title", "keywords"), bottleneck=16, initial_state="hidden_and_cell")
    return RunConfig(
        name="own_videos_run",
        design=ModelDesign(64, video, music, words),
        objective=II(LossWeights(gamma_intra=1.0), logit_scale_start=2.3),
        epochs=40,
        batch_pairs=64,
        learning_rate=1e-3,
        text_learning_rate=1e-2,
        weight_decay=5e-2,
        text_mix=TextMix(none=0.4, title=0.2, keywords=0.2, both=0.2),
        feature_noise=0.4,
        warmup_epochs=1.0,
        patience=8,
        precision="auto",
    )


def own_videos_without_words_run() -> RunConfig:
    """The same for videos that have neither titles nor keywords."""
    run = own_videos_run()
    return replace(run, name="own_videos_without_words_run", design=replace(run.design, words=None), text_mix=NO_WORDS)


def few_videos_run() -> RunConfig:
    """For some tens of videos measured with the starter's backbones: goes on from the shipped checkpoint, gently."""
    return replace(
        starter_run(),
        name="few_videos_run",
        start_from="starter",
        procedural_pairs=None,
        epochs=10,
        batch_pairs=8,
        learning_rate=2e-4,
        text_learning_rate=2e-4,
        patience=4,
        threads=1,
        device="auto",
    )
