"""Signs up, signs in, reads itself, pages through the users and changes itself: openapi-python-client."""
from expected import ADMIN, ADMIN_PASSWORD, BASE_URL, PASSWORD, expect, present
from python_client_gen import AuthenticatedClient, Client
from python_client_gen.api.auth import auth_login, users_register
from python_client_gen.api.users import users_list, users_me, users_update_me
from python_client_gen.models import (
    ErrorEnvelope, LoginByEmail, SignUp, TokenPair, User, UserChange, UserPage, UsersListSort,
)
from python_client_gen.types import UNSET, Unset

ANN = "python_client@example.com"
anyone = Client(base_url=BASE_URL)


def sign_in(email: str, password: str) -> AuthenticatedClient:
    pair = auth_login.sync(client=anyone, body=LoginByEmail(email=email, password=password))
    return AuthenticatedClient(base_url=BASE_URL, token=present(pair, TokenPair).access_token)


body = SignUp(email=ANN, username="python_client", name="Ann Lee", password=PASSWORD)
expect(present(users_register.sync(client=anyone, body=body), User).email == ANN, "the new user has the address")
refused = present(users_register.sync(client=anyone, body=body), ErrorEnvelope)
expect(refused.error.code == "conflict", "the address is taken")

caller = sign_in(ANN, PASSWORD)
version = users_me.sync_detailed(client=caller).headers["etag"]
change = UserChange(name="Ann Lee-Smith")
changed = users_update_me.sync(client=caller, body=change, if_match=version)
expect(present(changed, User).name == "Ann Lee-Smith", "the name has changed")
late = users_update_me.sync_detailed(client=caller, body=change, if_match=version)
expect(late.status_code == 412, "the old version is refused")

manager = sign_in(ADMIN, ADMIN_PASSWORD)
seen: set[str] = set()
cursor: str | Unset | None = UNSET
while cursor is not None:
    page = present(users_list.sync(client=manager, limit=1, sort=UsersListSort.EMAIL, cursor=cursor), UserPage)
    seen.update(user.email for user in page.items)
    cursor = page.next_cursor
expect({ANN, ADMIN} <= seen, "the pages hold everyone")
