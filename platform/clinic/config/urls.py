"""Every address of the clinic: the door and the people page here, the rest in the apps that answer it."""

from django.urls import include, path

from clinic.config.pages import account, door, errors, home, password, people

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", door.sign_in, name="sign-in"),
    path("sign-out", door.sign_out, name="sign-out"),
    path("lock", door.lock, name="lock"),
    path("unlock", door.unlock, name="unlock"),
    path("still-here", door.still_here, name="still-here"),
    path("password", password.own_password, name="password"),
    path("account/", account.account, name="account"),
    path("account/tokens/new", account.new_token, name="token-new"),
    path("account/tokens/<uuid:token_id>/revoke", account.revoke, name="token-revoke"),
    path("people/", people.people, name="people"),
    path("people/new", people.create, name="person-new"),
    path("people/<uuid:person_id>/", people.one, name="person"),
    path("people/<uuid:person_id>/close", people.close, name="person-close"),
    path("people/<uuid:person_id>/reopen", people.reopen, name="person-reopen"),
    path("people/<uuid:person_id>/password", people.password, name="person-password"),
    path("api/", include("clinic.config.api.urls")),
    path("audit/", include("clinic.audit.urls")),
    path("cases/", include("clinic.cases.urls")),
    path("cases/", include("clinic.inpainting.urls")),
    path("", include("clinic.studies.urls")),
]
