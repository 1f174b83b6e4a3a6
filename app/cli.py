"""The `bgm` command: which commands there are, and what becomes of an error that stops one.

Exit status: 0, all was done; 1, some files were refused or something is amiss; 2, nothing could be done.
"""

import logging
import sys

import typer

from app.commands.chosen import chosen
from app.commands.importing import import_folder
from app.commands.keys import key_commands
from app.commands.recommending import recommend
from app.commands.reembedding import reembed
from app.commands.surroundings import settings_of_environment
from app.commands.upkeep import doctor, is_new, migrate, rebuild_index
from app.errors import BgmError, SetupError
from app.recommendation.media_folder import shown

NOTHING_DONE = 2


def main() -> None:
    """Runs the command line; what stops it is one line on standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        command_line()()
    except SetupError as error:
        # Its code would say that this program is at fault; the message says what to do.
        _give_up(str(error))
    except BgmError as error:
        _give_up(f"{error.code}: {error}")
    except OSError as error:
        _give_up(": ".join(filter(None, [error.strerror or str(error), shown(error.filename or "")])))


def command_line() -> typer.Typer:
    commands = typer.Typer(
        name="bgm",
        help="Give it a video, get the background music that fits it best, from your own library.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for command in (serve, migrate, is_new, recommend, rebuild_index, reembed, chosen, doctor):
        commands.command()(command)
    commands.command("import")(import_folder)
    commands.add_typer(key_commands())
    return commands


def serve() -> None:
    """Answer HTTP requests until told to stop."""
    # Only here: to load the web framework takes every other command longer than what it does.
    from app import main as web  # noqa: PLC0415

    web.serve(settings_of_environment())


def _give_up(reason: str) -> None:
    print(f"bgm: {reason}", file=sys.stderr)
    sys.exit(NOTHING_DONE)
