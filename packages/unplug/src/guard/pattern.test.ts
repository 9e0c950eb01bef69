import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import {
  matches,
  matchesFunction,
  matchesFunctionLoosely,
  matchesIdentity,
  matchesLoosely,
} from "./pattern.ts";

const arn = (name: string, account = "123456789012", region = "eu-west-1") =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;

/** Few letters, so that patterns meet texts. */
const letters = fc.string({ unit: fc.constantFrom("a", "b", "-", "."), maxLength: 8 });
const patterns = fc.string({ unit: fc.constantFrom("a", "b", "-", ".", "*"), maxLength: 8 });
const name = fc.string({ unit: fc.constantFrom("a", "B", "-", "_", "7"), minLength: 1, maxLength: 12 });

describe("a pattern", () => {
  it("matches what a regular expression made of it matches, and nothing else", () => {
    fc.assert(
      fc.property(patterns, letters, (pattern, text) => {
        const source = pattern.replaceAll(".", "\\.").replace(/\*+/g, ".*");
        expect(matches(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("without a star matches itself alone", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(!a.includes("*"));
        expect(matches(a, b)).toBe(a === b);
      }),
    );
  });

  it("of many stars is answered at once", () => {
    expect(matches("a*".repeat(5_000), `${"a".repeat(50_000)}b`)).toBe(true);
    expect(matches(`${"a*".repeat(5_000)}c`, `${"a".repeat(50_000)}b`)).toBe(false);
  });

  it("of a function has its stars within the parts of an ARN", () => {
    fc.assert(
      fc.property(name, name, (wanted, found) => {
        expect(matchesFunction(wanted, arn(found))).toBe(wanted === found);
        expect(matchesFunction(arn(wanted), arn(found))).toBe(wanted === found);
        expect(matchesFunction("arn:aws:lambda:*:*:function:*", arn(found))).toBe(true);
        expect(matchesFunction("arn:*:function:*", arn(found))).toBe(false);
      }),
    );
  });

  it("of another account or region does not match", () => {
    expect(matchesFunction(arn("*"), arn("orders", "999999999999"))).toBe(false);
    expect(matchesFunction(arn("*"), arn("orders", "123456789012", "eu-west-2"))).toBe(false);
  });

  it("that allows asks for the very case, and one that protects does not", () => {
    fc.assert(
      fc.property(name, (one) => {
        const other = one.toUpperCase();
        expect(matchesFunction(one, arn(other))).toBe(one === other);
        expect(matchesFunctionLoosely(one, arn(other))).toBe(true);
        expect(matchesLoosely(one, ` ${other} `)).toBe(true);
      }),
    );
  });

  it("of a caller cannot be met by the name of a session", () => {
    const caller = (role: string, session: string) =>
      `arn:aws:sts::123456789012:assumed-role/${role}/${session}`;
    const session = fc.string({
      unit: fc.constantFrom("a", "d", "m", "-", "=", "@", ",", "."),
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(name, session, (role, chosen) => {
        fc.pre(role !== "admin");
        expect(matchesIdentity("arn:aws:sts::123456789012:assumed-role/admin/*", caller(role, chosen))).toBe(
          false,
        );
        expect(
          matchesIdentity("arn:aws:sts::*:assumed-role/*-admin/*", caller(role, `${chosen}-admin`)),
        ).toBe(role.endsWith("-admin"));
      }),
    );
    expect(matchesIdentity("arn:aws:iam::123456789012:user/*", "arn:aws:iam::123456789012:user/a/bob")).toBe(
      false,
    );
  });
});
