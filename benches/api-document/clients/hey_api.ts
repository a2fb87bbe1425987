// Signs up, signs in, reads itself, pages through the users and changes itself: @hey-api/openapi-ts.
import { admin, baseUrl, expect, person, present } from "./expected.js";
import { createClient } from "./hey_api.gen/client/index.js";
import { authLogin, usersList, usersMe, usersRegister, usersUpdateMe } from "./hey_api.gen/index.js";

const ann = person("hey_api");
const anyone = createClient({ baseUrl });

async function signIn(email: string, password: string) {
  const { data } = await authLogin({ client: anyone, body: { email, password } });
  const { access_token: token } = present(data, "a pair of tokens");
  return createClient({ baseUrl, auth: token });
}

const signedUp = await usersRegister({ client: anyone, body: ann });
expect(present(signedUp.data, "the new user").email === ann.email, "the new user has the address");

const refused = await usersRegister({ client: anyone, body: ann });
const refusal = present(refused.error, "a refusal");
expect("error" in refusal && refusal.error.code === "conflict", "the address is taken");

const caller = await signIn(ann.email, ann.password);
const me = await usersMe({ client: caller });
const version = present(present(me.response, "an answer").headers.get("etag"), "a version");

const change = { client: caller, headers: { "If-Match": version }, body: { name: "Ann Lee-Smith" } };
const changed = await usersUpdateMe(change);
expect(present(changed.data, "the changed user").name === "Ann Lee-Smith", "the name has changed");
const late = await usersUpdateMe(change);
expect(present(late.response, "an answer").status === 412, "the old version is refused");

const manager = await signIn(admin.email, admin.password);
const seen = new Set<string>();
let cursor: string | null | undefined;
do {
  const { data } = await usersList({
    client: manager,
    query: { limit: 1, sort: "email", ...(cursor ? { cursor } : {}) },
  });
  const page = present(data, "a page");
  page.items.forEach((user) => seen.add(user.email));
  cursor = page.next_cursor;
} while (cursor);
expect(seen.has(ann.email) && seen.has(admin.email), "the pages hold everyone");
