"""`bgm chosen`: takes out for training what people have chosen."""

from pathlib import Path
from typing import Annotated

import typer

from app.catalogue.feedback import FeedbackStore
from app.commands.surroundings import settings_of_environment
from app.opening import open_stores
from app.recommendation.chosen_pairs import write_chosen_pairs

Folder = Annotated[Path, typer.Argument(help="folder to write; must not be there")]
WHY = {
    "track_gone": "the track is gone from the library",
    "other_space": "the video was measured with other backbones than the library has now",
    "features_damaged": "the track's features are damaged; `bgm doctor` names it",
}


def chosen(folder: Folder) -> None:
    """Write which tracks were chosen for which videos, as features, for `python -m training.convert chosen FOLDER`."""
    with open_stores(settings_of_environment()) as stores:
        written = write_chosen_pairs(
            folder.resolve(),
            FeedbackStore(stores.catalogue.transactions),
            stores.blobs,
            video_space=stores.spec.video.space,
            music_space=stores.spec.music.stored_space,
        )
    print(f"{folder}: {written.pairs} pairs")
    for reason, count in written.left_out.most_common():
        print(f"left out {count}: {WHY[reason]}")
