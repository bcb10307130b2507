"""Who may ask for what: every address of the site, five people and a stranger. A view missing from the tables fails.

The addresses of the API are in the second table; how they refuse is in test_api_access.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinic.accounts.access import ALLOWED_ROLES, allow
from clinic.accounts.models import Role, User

EVERYBODY = frozenset(Role)
DESK = frozenset({Role.RESEARCHER, Role.ADMINISTRATOR})
RESEARCHER = frozenset({Role.RESEARCHER})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
SURGEON = frozenset({Role.SURGEON})
STRANGERS = None

ACCESS: dict[str, frozenset[Role] | None] = {
    "home": EVERYBODY,
    "sign-in": STRANGERS,
    "sign-out": STRANGERS,
    "lock": EVERYBODY,
    "unlock": EVERYBODY,
    "still-here": EVERYBODY,
    "password": EVERYBODY,
    "account": EVERYBODY,
    "token-new": EVERYBODY,
    "token-revoke": EVERYBODY,
    "people": ADMINISTRATOR,
    "person-new": ADMINISTRATOR,
    "person": ADMINISTRATOR,
    "person-close": ADMINISTRATOR,
    "person-reopen": ADMINISTRATOR,
    "person-password": ADMINISTRATOR,
    "audit:log": ADMINISTRATOR,
    "cases:new": RESEARCHER,
    "cases:crop": RESEARCHER,
    "cases:mask": RESEARCHER,
    "cases:mask-file": RESEARCHER,
    "cases:mask-version": RESEARCHER,
    "cases:photograph": RESEARCHER,
    "cases:crop-picture": RESEARCHER,
    "cases:canonical": RESEARCHER,
    "cases:thumbnail": RESEARCHER,
    "inpainting:cases": DESK,
    "inpainting:pictures": RESEARCHER,
    "inpainting:case": DESK,
    "inpainting:jobs": DESK,
    "inpainting:run": RESEARCHER,
    "inpainting:retry": RESEARCHER,
    "studies:list": EVERYBODY,
    "studies:new": DESK,
    "studies:study": EVERYBODY,
    "studies:edit": DESK,
    "studies:clone": DESK,
    "studies:discard": DESK,
    "studies:prepare": DESK,
    "studies:open": DESK,
    "studies:close": DESK,
    "studies:ask": DESK,
    "studies:withdraw": DESK,
    "studies:confirm": ADMINISTRATOR,
    "studies:results": DESK,
    "studies:figure": DESK,
    "studies:export": ADMINISTRATOR,
    "studies:signing-key": STRANGERS,
    "studies:planning": DESK,
    "studies:board": DESK,
    "studies:remind": DESK,
    "studies:strike": ADMINISTRATOR,
    "studies:invite": DESK,
    "studies:invitation-renew": DESK,
    "studies:invitation-revoke": DESK,
    "studies:invitation": STRANGERS,
    "studies:progress": DESK,
    "studies:read": SURGEON,
    "studies:preferences": SURGEON,
    "studies:reading": SURGEON,
    "studies:draft": SURGEON,
    "studies:submit": SURGEON,
    "studies:given": SURGEON,
    "studies:agree": SURGEON,
    "studies:guess": SURGEON,
    "studies:picture": SURGEON,
}
API: dict[str, frozenset[Role] | None] = {
    "api:listing": EVERYBODY,
    "api:schema": STRANGERS,
    "api:my-studies": SURGEON,
    "api:my-study": SURGEON,
    "api:agree": SURGEON,
    "api:next": SURGEON,
    "api:sheet": SURGEON,
    "api:draft": SURGEON,
    "api:submit": SURGEON,
    "api:guess": SURGEON,
    "api:given": SURGEON,
    "api:picture": SURGEON,
    "api:cases": DESK,
    "api:case": DESK,
    "api:studies": DESK,
    "api:study": DESK,
    "api:check": DESK,
    "api:open": DESK,
    "api:close": DESK,
    "api:ask": DESK,
    "api:withdraw": DESK,
    "api:progress": DESK,
    "api:results": DESK,
    "api:archive": ADMINISTRATOR,
    "api:marks": ADMINISTRATOR,
    "api:files": ADMINISTRATOR,
    "api:file": ADMINISTRATOR,
}
VALUES = {"uuid": str(uuid4()), "int": 7, "str": "A", "slug": "a", "token": "A" * 43}


def walk(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the site as (name, pattern)."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern


ADDRESSES = dict(walk(get_resolver().url_patterns))


def address(name: str) -> str:
    """Return an address of this name, with made-up values for what it asks for."""
    converters = ADDRESSES[name].pattern.converters
    kinds = {key: type(converter).__name__.removesuffix("Converter").lower() for key, converter in converters.items()}
    return reverse(name, kwargs={key: VALUES[{"string": "str"}.get(kind, kind)] for key, kind in kinds.items()})


def test_the_table_names_every_address_and_no_other() -> None:
    assert set(ADDRESSES) == set(ACCESS) | set(API)


def test_no_address_is_nameless() -> None:
    assert [name for name in ADDRESSES if name.endswith("None")] == []


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_view_is_marked_as_the_table_says(name: str) -> None:
    view = ADDRESSES[name].callback
    assert hasattr(view, ALLOWED_ROLES), f"{name} has no mark: decorate it with @allow(...) or @open_to_everyone."
    assert getattr(view, ALLOWED_ROLES) == (ACCESS | API)[name]


@pytest.mark.parametrize("name", [name for name, roles in ACCESS.items() if roles is not STRANGERS])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_a_stranger_meets_the_door(client: Client, db: None, name: str, method: str) -> None:
    place = address(name)
    answer = getattr(client, method)(place)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", [name for name, roles in ACCESS.items() if roles not in (STRANGERS, EVERYBODY)])
def test_the_wrong_role_meets_404(name: str, ada: User, rosa: User, sam: User, ruth: User, max_: User, sign_in) -> None:
    roles = ACCESS[name]
    assert roles is not None
    for person in (ada, rosa, sam, ruth, max_):
        if person.role not in roles:
            browser = sign_in(Client(), person)
            assert browser.get(address(name)).status_code == 404, person.name
            assert browser.post(address(name)).status_code == 404, person.name


def test_a_mark_needs_a_role() -> None:
    with pytest.raises(ValueError, match="Name at least one role"):
        allow()
