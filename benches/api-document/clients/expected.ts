// What the clients in TypeScript share: where the server is, who manages it, and how a claim fails.
import { env, exit } from "node:process";

function setting(name: string): string {
  const value = env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

export const baseUrl = setting("API_URL");
export const admin = { email: setting("API_ADMIN"), password: setting("API_PASSWORD") };

/** A user of this client's own. */
export function person(name: string) {
  return { email: `${name}@example.com`, username: name, name: "Ann Lee", password: "seven green herons wade" };
}

export function expect(holds: boolean, claim: string): asserts holds {
  if (!holds) {
    console.error(`failed: ${claim}`);
    exit(1);
  }
}

/** What an answer holds, where it must hold something. */
export function present<T>(value: T | null | undefined, what: string): T {
  expect(value !== null && value !== undefined, `${what} is there`);
  return value;
}
