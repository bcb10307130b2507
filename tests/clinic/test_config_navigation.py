"""The navigation shows each role its places, and where the page stands among them."""

from django.test import Client
from django.urls import reverse

from clinic.accounts.models import User
from clinic.config.navigation import links


def words(person: User) -> list[str]:
    return [link.word for link in links(person, "/")]


def test_each_role_sees_its_places(ada: User, rosa: User, sam: User) -> None:
    assert words(ada) == ["Cases", "Studies", "Progress", "People", "Audit"]
    assert words(rosa) == ["Cases", "Studies", "Progress"]
    assert words(sam) == ["Studies"]


def test_the_current_place_is_marked_once(ada: User) -> None:
    assert [link.word for link in links(ada, "/people/new") if link.current] == ["People"]
    assert not any(link.current for link in links(ada, "/password"))


def test_every_page_has_one_heading_a_skip_link_and_a_language(client: Client, ada: User, sign_in) -> None:
    sign_in(client, ada)
    for name in ("people", "person-new", "audit:log", "password"):
        page = client.get(reverse(name)).content.decode()
        assert page.count("<h1") == 1
        assert 'class="skip" href="#main"' in page
        assert '<main class="page' in page
        assert '<html lang="en">' in page
