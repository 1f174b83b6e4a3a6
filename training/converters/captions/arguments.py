"""The arguments of `python -m training.convert captions SET …`, and what of them cannot go together. Opens nothing."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import get_args

from app.encoders.device import DeviceName, resolve_device
from training.converters.captions.backbone_arguments import CLIP_FORM, media_backbone, text_backbone
from training.errors import PairSetError

ANNOTATED_SETS = ("clotho", "coco", "flickr30k", "msvd", "msrvtt", "vatex")
CALTECH256 = "caltech256"
CLIP = "ViT-B-32:laion2b_s34b_b79k"
# Windows of sound and instants of a video, where nothing else is asked for: as for the checkpoint that ships.
STEPS = {"audio": 16, "image": 1, "video": 32}


# What --annotations must hold, by the names the sets' authors gave the files.
FILES = (
    "Annotation files. clotho: clotho_captions_development.csv, …_validation.csv (of version 2), …_evaluation.csv; "
    "coco: dataset_coco.json (Karpathy), or captions_train2017.json and captions_val2017.json; "
    "flickr30k: results_20130124.token with train.txt, val.txt, test.txt or with dataset_flickr30k.json (Karpathy), or "
    "that alone; msvd: AllVideoDescriptions.txt or 'MSR Video Description Corpus.csv', with train_list.txt, "
    "val_list.txt, test_list.txt; msrvtt: MSRVTT_data.json, MSRVTT_train.9k.csv, MSRVTT_JSFUSION_test.csv (without the "
    "two lists: the splits of the JSON); vatex: vatex_training_v1.0.json, vatex_validation_v1.0.json (may be missing), "
    f"vatex_public_test_english_v1.1.json; {CALTECH256} has none: --media holds the folders 001.ak47 and so on."
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = FILES
    parser.add_argument("captioned_set", choices=(*ANNOTATED_SETS, CALTECH256), metavar="SET", help="%(choices)s")
    parser.add_argument("--annotations", type=Path, metavar="DIR", help="holds the annotation files named below")
    media = parser.add_mutually_exclusive_group(required=True)
    media.add_argument("--media", type=Path, metavar="DIR", help="holds the images, videos or sounds, to be measured")
    media.add_argument(
        "--features", type=Path, metavar="DIR", help="holds ID.npy, (steps, E) or (E,), in place of media"
    )
    parser.add_argument("--feature-space", metavar="NAME", help="what --features are, such as vggish:audioset")
    parser.add_argument(
        "--caption-features", type=Path, metavar="DIR", help="holds ID.npy, a row a caption as annotated"
    )
    parser.add_argument("--caption-space", metavar="NAME", help="what --caption-features are")
    parser.add_argument(
        "--image-backbone",
        type=media_backbone,
        default=f"clip-image:{CLIP}",
        help=f"for images and videos: signal-video, {CLIP_FORM.replace('%s', 'image')} (%(default)s)",
    )
    parser.add_argument(
        "--text-backbone",
        type=text_backbone,
        default=f"clip-text:{CLIP}",
        help=f"hashed-text, hashed-text:WORDS+NGRAMS, {CLIP_FORM.replace('%s', 'text')} (%(default)s)",
    )
    parser.add_argument(
        "--steps", type=int, help=f"instants of a video ({STEPS['video']}), windows of a sound ({STEPS['audio']})"
    )
    parser.add_argument("--device", choices=get_args(DeviceName), default="auto", help="what backbones run on (auto)")
    parser.add_argument(
        "--validation",
        type=int,
        default=None,
        metavar="N",
        help=f"items of train to hold out where the set's lists name none (0); {CALTECH256}: pairs a class (1)",
    )
    parser.add_argument("--seed", type=int, default=2024, help="of what is drawn: held out items, pairs (%(default)s)")
    parser.add_argument(
        "--all-test-captions", action="store_true", help="msrvtt: 20 captions a test video, not the list's one sentence"
    )


def check(arguments: Namespace) -> None:
    """Raises SetupError, naming the argument."""
    if arguments.captioned_set != CALTECH256 and arguments.annotations is None:
        raise PairSetError(file="arguments", field="--annotations", reason="is needed")
    for folder, space in (("features", "feature_space"), ("caption_features", "caption_space")):
        if (getattr(arguments, folder) is None) != (getattr(arguments, space) is None):
            raise PairSetError(file="arguments", field=_option(space), reason=f"goes with {_option(folder)}")
    for name in ("annotations", "media", "features", "caption_features"):
        folder = getattr(arguments, name)
        if folder is not None and not folder.is_dir():
            raise PairSetError(file="arguments", field=_option(name), reason=f"no folder '{folder}'")
    for name, least in (("steps", 1), ("validation", 0), ("seed", 0)):
        if getattr(arguments, name) is not None and getattr(arguments, name) < least:
            raise PairSetError(file="arguments", field=f"--{name}", reason=f"must be at least {least}")
    resolve_device(arguments.device)
    if arguments.all_test_captions and arguments.captioned_set != "msrvtt":
        raise PairSetError(file="arguments", field="--all-test-captions", reason="is for msrvtt alone")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
