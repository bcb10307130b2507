"""A client of Vermilion's API for exports: which studies there are, and the files of an unblinded one.

From the address of a Vermilion and an access token to bytes; used by `python -m evaluation fetch` and by programs of
your own. It needs the standard library alone, sends the token to that address only, and never in clear beyond this
machine.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TIMEOUT_SECONDS = 300.0
BLOCK = 1 << 16
LONGEST_PROBLEM = 1 << 16


class Refused(Exception):  # noqa: N818 - an answer in one line, not a fault
    """What stood in the way, in one line that says what to do."""


@dataclass(frozen=True)
class StudyLine:
    """One study as the list tells it: `study` is its id, `code` its name in files."""

    study: str
    code: str
    title: str
    state: str


class NoRedirect(HTTPRedirectHandler):
    """Follows no answer that points elsewhere: the token is for one address."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Refuse."""


@dataclass(frozen=True)
class Client:
    """Asks one Vermilion with one token; every method raises Refused."""

    address: str
    token: str
    timeout: float = TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        place = urlsplit(self.address)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise Refused(f"{self.address}: is no address; write it as https://vermilion.example")
        if place.scheme == "http" and place.hostname not in LOOPBACK:
            raise Refused(f"{self.address}: the token would travel in clear; use https")
        if not self.token or not self.token.isascii() or not self.token.isprintable():
            raise Refused("the token is empty or not one line of plain letters")

    def studies(self) -> list[StudyLine]:
        """Every study that the token's owner runs, the newest first."""
        found = self._json("studies")
        try:
            return [StudyLine(one["study"], one["code"], one["title"], one["state"]) for one in found]
        except (KeyError, TypeError):
            raise Refused(f"{self.address}: does not answer like a Vermilion") from None

    def study(self, word: str) -> StudyLine:
        """The one study with this code or id."""
        found = [one for one in self.studies() if word in (one.code, one.study)]
        if not found:
            raise Refused(f"there is no study {word} that this token may see")
        if len(found) > 1:
            raise Refused(f"{len(found)} studies are called {word}; name one by id, such as {found[0].study}")
        return found[0]

    def archive(self, study: StudyLine, why: str) -> Iterator[bytes]:
        """The signed ZIP of an unblinded study, block by block; `why` is the reason that the audit log keeps."""
        return self._blocks(f"studies/{study.study}/archive.zip", why=why)

    def marks(self, study: StudyLine, why: str) -> bytes:
        """The marks file of an unblinded study."""
        return b"".join(self._blocks(f"studies/{study.study}/marks.csv", why=why))

    def file(self, study: StudyLine, name: str, why: str) -> bytes:
        """One file of the ZIP by its name there, such as tables/tables.md."""
        return b"".join(self._blocks(f"studies/{study.study}/files/{quote(name)}", why=why))

    def results(self, study: StudyLine) -> Any:
        """Every table of an unblinded study, as `python -m evaluation --format json` prints them."""
        return self._json(f"studies/{study.study}/results")

    def _json(self, path: str) -> Any:
        try:
            return json.loads(b"".join(self._blocks(path)))
        except ValueError:
            raise Refused(f"{self.address}: does not answer like a Vermilion") from None

    def _blocks(self, path: str, **query: str) -> Iterator[bytes]:
        address = f"{self.address.rstrip('/')}/api/{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            with self._opened(address) as answer:
                left = answer.length
                while block := answer.read(BLOCK):
                    left = left - len(block) if left is not None else None
                    yield block
        except HTTPError as error:
            with error:
                raise Refused(_sentence(error)) from None
        except (URLError, HTTPException, OSError) as error:
            raise Refused(f"{self.address}: cannot be reached: {getattr(error, 'reason', None) or error}") from None
        if left:
            raise Refused(f"{self.address}: the answer broke off; fetch it again")

    def _opened(self, address: str) -> HTTPResponse:
        opener: OpenerDirector = build_opener(NoRedirect)
        asked = Request(address, headers={"Authorization": f"Bearer {self.token}"})
        opened: HTTPResponse = opener.open(asked, timeout=self.timeout)
        return opened


def _sentence(error: HTTPError) -> str:
    """What a refusal says in its `detail`, or its status where it is none of ours."""
    try:
        return str(json.loads(error.read(LONGEST_PROBLEM))["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{urlsplit(error.url).netloc} answered {error.code}; is this the address of a Vermilion?"
