"""Ada fetches a study from the command line: the ZIP is checked, its files lie there, and the tables come out again."""

import io
import subprocess
import sys
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from zipfile import ZipFile

import pytest

from clinic.audit.models import AuditEntry
from clinic.studies import release
from clinic.studies.export import marks_csv
from clinic.studies.parcel import everything, public_key
from clinic.studies.results import report
from evaluation import fetch
from evaluation.client import Client, Refused
from evaluation.exports.bundle import SUMS
from evaluation.published import arrange

WHOLE = b"study\n"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(unblinded_from):
    return unblinded_from(arrange(seed=3))


@pytest.fixture
def token(program, ada, tmp_path):
    """A file with Ada's token, for her eyes only."""
    file = tmp_path / "token"
    file.touch(mode=0o600)
    file.write_text(program(ada, "read", "export").secret + "\n")
    return file


@pytest.fixture
def run(live_server, study, token, tmp_path, capfd):
    """Run the command with Ada's token and return exit code, folder and what it said on stderr."""

    def done(*more, address=live_server.url, word=None, folder="fetched"):
        words = [address, "--study", word or code_of(study), "--token-file", str(token), "-o", str(tmp_path / folder)]
        code = fetch.main([*words, *map(str, more)])
        return code, tmp_path / folder, capfd.readouterr().err

    return done


def small_archive(changed=None, cut=0, added=""):
    """A ZIP in place of a true one, with its list of digests; damaged where it is said so."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("marks.csv", changed or WHOLE)
        if added:
            archive.writestr(added, b"more\n")
        archive.writestr(SUMS, f"{sha256(WHOLE).hexdigest()}  marks.csv\n")
    return io.BytesIO(file.getvalue()[: -cut or None])


@pytest.fixture
def small(monkeypatch):
    """The small ZIP is what leaves the study."""
    monkeypatch.setattr(release, "everything", lambda one: small_archive())


def code_of(study):
    """The study's name in files."""
    return release.study_code(study)


def python(*words):
    """Run Python as a person would, and return what it printed."""
    return subprocess.run([sys.executable, *map(str, words)], check=True, capture_output=True).stdout


def test_from_token_to_tables_in_three_lines(live_server, study, token, tmp_path, data_folder):
    key = tmp_path / "key.pem"
    key.write_bytes(public_key())
    words = ["--study", code_of(study), "--token-file", token, "-o", tmp_path / "out", "--key", key]
    said = python("-m", "evaluation", "fetch", live_server.url, *words).decode()
    folder = tmp_path / "out" / code_of(study)
    printed = python("-m", "evaluation", folder / "marks.csv")

    assert "every digest right; signed by key" in said
    assert (folder / "marks.csv").read_bytes() == marks_csv(study)
    assert printed == report(study).render("markdown").encode() == (folder / "tables" / "tables.md").read_bytes()
    with everything(study) as whole:
        assert (tmp_path / "out" / f"{code_of(study)}.zip").read_bytes() == whole.read()
    assert AuditEntry.objects.get(act="study-exported").details["why"] == "analysis"


def test_every_file_of_the_zip_lies_in_the_folder(run, study, small):
    code, folder, _ = run("--why", "archive")
    with ZipFile(folder / f"{code_of(study)}.zip") as archive:
        for name in archive.namelist():
            assert (folder / code_of(study) / name).read_bytes() == archive.read(name)
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == [code_of(study), f"{code_of(study)}.zip"]


def test_what_is_there_already_is_left_alone(run, small):
    run()
    code, folder, said = run()
    assert code == 2
    assert "is there already" in said
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ({"changed": b"another\n"}, "marks.csv: was changed"),
        ({"cut": 40}, "is not a whole ZIP file"),
        ({"added": "more.csv"}, "more.csv: is not listed"),
    ],
)
def test_a_zip_that_is_not_what_it_was_leaves_nothing_behind(run, monkeypatch, damage, says):
    monkeypatch.setattr(release, "everything", lambda one: small_archive(**damage))
    code, folder, said = run()
    assert (code, said.count("\n")) == (2, 1)
    assert says in said
    assert list(folder.iterdir()) == []


def test_a_zip_without_the_signature_of_the_key_is_refused(run, small, tmp_path):
    key = tmp_path / "key.pem"
    key.write_bytes(public_key())
    code, folder, said = run("--key", key)
    assert code == 2
    assert "nobody signed it" in said
    assert list(folder.iterdir()) == []


def test_a_key_that_is_none_is_named(run, tmp_path):
    (tmp_path / "key.pem").write_text("no key")
    code, _, said = run("--key", tmp_path / "key.pem")
    assert code == 2
    assert "no public key in PEM" in said


@pytest.mark.parametrize(
    ("word", "address", "says"),
    [
        ("no-such-study", None, "there is no study no-such-study"),
        (None, "http://vermilion.example", "would travel in clear"),
        (None, "ftp://localhost", "is no address"),
        (None, "http://127.0.0.1:9", "cannot be reached"),
    ],
)
def test_what_stands_in_the_way_is_one_line_and_exit_code_2(run, word, address, says):
    code, folder, said = run(**{"word": word} | ({"address": address} if address else {}))
    assert (code, said.count("\n")) == (2, 1)
    assert says in said
    assert not folder.exists()


def test_a_token_that_others_may_read_is_not_used(run, token):
    token.chmod(0o640)
    code, _, said = run()
    assert code == 2
    assert f"chmod 600 {token}" in said


def test_a_token_file_that_is_not_there_is_named(run, token):
    token.unlink()
    code, _, said = run()
    assert (code, said) == (2, f"{token}: No such file or directory\n")


def test_a_token_without_the_scope_is_told_so(run, program, ada, token):
    token.write_text(program(ada, "read").secret)
    code, _, said = run()
    assert code == 2
    assert "lacks the scope “export”" in said


def test_a_token_of_nobody_is_told_so(run, token):
    token.write_text("vml_" + "A" * 43)
    assert "opens nothing" in run()[2]


class Elsewhere(BaseHTTPRequestHandler):
    """A server that points to another place, and keeps what it was shown."""

    seen: list[str] = []

    def do_GET(self):
        self.seen.append(self.path)
        self.send_response(302)
        self.send_header("Location", f"http://localhost:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *words):
        """Say nothing."""


def test_a_token_is_not_carried_to_another_place():
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(Refused, match="answered 302"):
            Client(f"http://127.0.0.1:{server.server_port}", "vml_x").studies()
        server.shutdown()
    assert Elsewhere.seen == ["/api/studies"]


@pytest.mark.parametrize("token", ["", "two\nlines", "ünïcode"])
def test_what_cannot_be_a_token_is_refused_before_anything_is_sent(token):
    with pytest.raises(Refused, match="one line of plain letters"):
        Client("https://vermilion.example", token)
