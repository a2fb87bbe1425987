// Signs up, signs in, reads itself, pages through the users and changes itself: openapi-typescript and openapi-fetch.
import createClient from "openapi-fetch";
import { admin, baseUrl, expect, person, present } from "./expected.js";
import type { paths } from "./openapi_typescript.gen.js";

const ann = person("openapi_typescript");
const anyone = createClient<paths>({ baseUrl });

async function signIn(email: string, password: string) {
  const { data } = await anyone.POST("/api/v1/auth/login", { body: { email, password } });
  const { access_token: token } = present(data, "a pair of tokens");
  return createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });
}

const signedUp = await anyone.POST("/api/v1/auth/register", { body: ann });
expect(signedUp.response.status === 201, "signing up is answered with 201");
expect(present(signedUp.data, "the new user").email === ann.email, "the new user has the address");

const refused = await anyone.POST("/api/v1/auth/register", { body: ann });
const refusal = present(refused.error, "a refusal");
expect("error" in refusal && refusal.error.code === "conflict", "the address is taken");

const caller = await signIn(ann.email, ann.password);
const me = await caller.GET("/api/v1/users/me");
const version = present(me.response.headers.get("etag"), "a version");

const change = { params: { header: { "If-Match": version } }, body: { name: "Ann Lee-Smith" } };
const changed = await caller.PATCH("/api/v1/users/me", change);
expect(present(changed.data, "the changed user").name === "Ann Lee-Smith", "the name has changed");
const late = await caller.PATCH("/api/v1/users/me", change);
expect(late.response.status === 412, "the old version is refused");

const manager = await signIn(admin.email, admin.password);
const seen = new Set<string>();
let cursor: string | null | undefined;
do {
  const query = { limit: 1, sort: "email" as const, ...(cursor ? { cursor } : {}) };
  const { data } = await manager.GET("/api/v1/users", { params: { query } });
  const page = present(data, "a page");
  page.items.forEach((user) => seen.add(user.email));
  cursor = page.next_cursor;
} while (cursor);
expect(seen.has(ann.email) && seen.has(admin.email), "the pages hold everyone");
