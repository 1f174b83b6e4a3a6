"""`python -m training.convert captions SET …`: reads the annotations, says what is to be measured, and how."""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch

from app.encoders.backbone_specs import SignalMusic
from app.encoders.clip_loader import ClipLoader
from app.errors import CheckpointError
from training.converters.captions.arguments import CALTECH256, STEPS, add_arguments, check
from training.converters.captions.caltech256 import draw_pairs, read_caltech256
from training.converters.captions.captioned_set import CaptionedSet
from training.converters.captions.clotho import read_clotho
from training.converters.captions.coco import read_coco
from training.converters.captions.counts import count_lines
from training.converters.captions.flickr30k import read_flickr30k
from training.converters.captions.hold_out import hold_out
from training.converters.captions.jobs import CAPTIONS, Side, item_of, jobs_of
from training.converters.captions.measured import measured_media
from training.converters.captions.measured_captions import measured_captions
from training.converters.captions.msrvtt import read_msrvtt
from training.converters.captions.msvd import read_msvd
from training.converters.captions.stored import StoredFeatures, form_of_first
from training.converters.captions.vatex import read_vatex
from training.converters.conversion import PairSetPlan
from training.converters.converter import Converter, Source
from training.errors import PairSetError
from training.pair_set import Item

READERS: Mapping[str, Callable[[Path], CaptionedSet]] = {
    "clotho": read_clotho,
    "coco": read_coco,
    "flickr30k": read_flickr30k,
    "msvd": read_msvd,
    "msrvtt": read_msrvtt,
    "vatex": read_vatex,
}


def open_source(arguments: Namespace) -> Source:
    """Raises SetupError: a missing folder, annotations that break their layout, backbones that cannot be loaded."""
    check(arguments)
    captioned = _read(arguments)
    together = _together(arguments)
    # What cannot be held out is better told now than once all is measured.
    together([item_of(item) for item in captioned.items])
    try:
        media, captions = _media(arguments, captioned), _captions(arguments, captioned)
    except CheckpointError as error:
        raise PairSetError(file="arguments", field=error.field, reason=error.reason) from error
    streams = {captioned.medium: media.plan} | ({CAPTIONS: captions.plan} if captions is not None else {})
    plan = PairSetPlan(
        streams,
        query=(captioned.medium,),
        target=(captioned.medium if captions is None else CAPTIONS,),
        settings=_settings(arguments, captioned),
    )
    jobs = jobs_of(captioned.items, captioned.left_out, stream=captioned.medium, media=media, captions=captions)
    return Source(jobs, plan, together, partial(count_lines, captioned))


def _read(arguments: Namespace) -> CaptionedSet:
    if arguments.captioned_set == CALTECH256:
        return read_caltech256(arguments.features or arguments.media)
    if arguments.all_test_captions:
        return read_msrvtt(arguments.annotations, with_all_test_captions=True)
    return READERS[arguments.captioned_set](arguments.annotations)


def _media(arguments: Namespace, captioned: CaptionedSet) -> Side:
    medium = captioned.medium
    if arguments.features is not None:
        space, folder = arguments.feature_space, arguments.features.resolve()
        form = form_of_first(folder, captioned.items, modality=medium, space=space, steps="as stored")
        return StoredFeatures(folder, form, of_captions=False)
    backbone = SignalMusic(name="signal-music", version=1) if medium == "audio" else arguments.image_backbone
    steps = arguments.steps or STEPS[medium]
    folder = arguments.media.resolve()
    return measured_media(folder, medium, backbone, _clips(), steps=steps, device=arguments.device)


def _captions(arguments: Namespace, captioned: CaptionedSet) -> Side | None:
    if captioned.name == CALTECH256:
        return None
    if arguments.caption_features is not None:
        space, folder = arguments.caption_space, arguments.caption_features.resolve()
        form = form_of_first(folder, captioned.items, modality="text", space=space, steps="one a caption")
        return StoredFeatures(folder, form, of_captions=True)
    return measured_captions(arguments.text_backbone, _clips(), device=arguments.device)


def _clips() -> ClipLoader:
    """For a look at the models only; the processes that work load their own."""
    return ClipLoader(Path.cwd(), device=torch.device("cpu"), cache_dir=None)


def _together(arguments: Namespace) -> Callable[[Sequence[Item]], Sequence[Item]]:
    if arguments.captioned_set == CALTECH256:
        pairs = 1 if arguments.validation is None else arguments.validation
        return partial(draw_pairs, seed=arguments.seed, validation_pairs=pairs)
    return partial(hold_out, count=arguments.validation or 0, seed=arguments.seed)


def _settings(arguments: Namespace, captioned: CaptionedSet) -> Mapping[str, object]:
    folders = ("media", "features", "caption_features")
    return {
        "set": captioned.name,
        "read": captioned.read_from,
        **{name: str(folder.resolve()) for name in folders if (folder := getattr(arguments, name)) is not None},
        "steps": arguments.steps or STEPS[captioned.medium],
        "validation": arguments.validation,
        "seed": arguments.seed,
        "all_test_captions": arguments.all_test_captions,
    }


CAPTIONED_SETS = Converter(
    name="captions",
    help="a captioned set (Clotho, MSCOCO, Flickr30k, MSVD, MSR-VTT, VATEX), or Caltech-256",
    add_arguments=add_arguments,
    open_source=open_source,
)
