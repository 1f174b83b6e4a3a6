from tests.training.pairs_at_random import tiny_encoder
from training.design import TowerDesign, WordsDesign, design_of


def test_the_design_of_a_checkpoint_is_video_heard_with_title_and_keywords_and_music() -> None:
    encoder = tiny_encoder()
    design = design_of(encoder)
    assert design.embedding_dim == 5
    assert design.query == TowerDesign("video", encoder.video.sequence_encoder, 8)
    assert design.target == TowerDesign("music", encoder.music.sequence_encoder, 8)
    assert design.words == WordsDesign(("title", "keywords"), bottleneck=3, initial_state="hidden")
    assert not design.shared


def test_a_checkpoint_that_reads_no_words_has_a_design_without() -> None:
    assert design_of(tiny_encoder().model_copy(update={"text": None})).words is None


def test_each_side_has_the_steps_that_its_own_sampling_measures() -> None:
    encoder = tiny_encoder()
    sampling = encoder.video.sampling.model_copy(update={"instants": 11})
    changed = encoder.model_copy(update={"video": encoder.video.model_copy(update={"sampling": sampling})})
    assert (design_of(changed).query.steps, design_of(changed).target.steps) == (11, 8)
