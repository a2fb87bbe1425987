"""Signs up, signs in, reads itself, pages through the users and changes itself: OpenAPI Generator."""
from expected import ADMIN, ADMIN_PASSWORD, BASE_URL, PASSWORD, expect, present
from generator_gen import (
    ApiClient, AuthApi, Configuration, LoginBody, LoginByEmail, SignUp, UserChange, UsersApi,
)
from generator_gen.exceptions import ApiException, ConflictException

ANN = "generator@example.com"
anyone = AuthApi(ApiClient(Configuration(host=BASE_URL)))


def sign_in(email: str, password: str) -> UsersApi:
    pair = anyone.auth_login(LoginBody(LoginByEmail(email=email, password=password)))
    return UsersApi(ApiClient(Configuration(host=BASE_URL, access_token=pair.access_token)))


body = SignUp(email=ANN, username="generator", name="Ann Lee", password=PASSWORD)
expect(anyone.users_register(body).email == ANN, "the new user has the address")
try:
    anyone.users_register(body)
    expect(False, "the address is taken")
except ConflictException:
    pass

caller = sign_in(ANN, PASSWORD)
version = present((caller.users_me_with_http_info().headers or {}).get("etag"), str)
change = UserChange(name="Ann Lee-Smith")
expect(caller.users_update_me(change, if_match=version).name == "Ann Lee-Smith", "the name has changed")
try:
    caller.users_update_me(change, if_match=version)
    expect(False, "the old version is refused")
except ApiException as error:
    expect(error.status == 412, "the old version is refused")

manager = sign_in(ADMIN, ADMIN_PASSWORD)
seen: set[str] = set()
cursor: str | None = None
while True:
    page = manager.users_list(limit=1, sort="email", cursor=cursor)
    seen.update(user.email for user in page.items)
    cursor = page.next_cursor
    if cursor is None:
        break
expect({ANN, ADMIN} <= seen, "the pages hold everyone")
