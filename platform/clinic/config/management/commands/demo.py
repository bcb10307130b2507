"""`manage.py demo`: the main job from upload to table on synthetic patients, then the site for a person to try."""

from argparse import ArgumentParser
from subprocess import CalledProcessError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.config.demo import story
from clinic.config.demo.people import Cast
from clinic.config.demo.processes import running, serve


class Command(BaseCommand):
    help = "Tell the main job from upload to table on synthetic patients, then serve the site with demo accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop after the tables")
        parser.add_argument("--patients", type=int, default=story.PATIENTS, help="how many (default %(default)s)")
        parser.add_argument("--address", default="127.0.0.1:8000", help="where to serve (default 127.0.0.1:8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        if (settings.DATA / "vault").exists():
            raise CommandError(f"{settings.DATA} is in use. Point VERMILION_DATA at an empty folder for the demo.")
        if options["patients"] < 1:
            raise CommandError("--patients is 1 or more.")
        cast = story.set_up(self.say)
        with running():
            try:
                admitted = story.take_in(options["patients"], cast, self.say)
                story.inpaint(admitted, cast, self.say)
            except (story.DemoError, CalledProcessError) as problem:
                raise CommandError(str(problem)) from problem
            study = story.read_and_close(admitted, cast, self.say)
            self.say(story.tables(study))
            story.leave_open(admitted, cast)
            if not options["no_serve"]:
                self._serve(cast, options["address"])

    def _serve(self, cast: Cast, address: str) -> None:
        self.say(f"The site is on http://{address}/ until you press Ctrl C. Sign in as")
        for account in cast.accounts:
            user = account.user
            self.say(f"  {user.get_role_display():<14} {user.email:<20} {account.password}")
        try:
            serve(address)
        except ChildProcessError as problem:
            raise CommandError(str(problem)) from problem

    def say(self, words: str) -> None:
        """Print one line or more of the story at once."""
        self.stdout.write(words)
        self.stdout.flush()
