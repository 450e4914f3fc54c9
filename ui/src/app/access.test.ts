import { expect, test } from "vitest";
import type { SignedIn } from "../api/client";
import { accessOf } from "./access";

const NOBODY = { role: null, channels: {}, administrators: ["Anna"] } as unknown as SignedIn;

test("whoever has a role on one channel may at all what they may there, and nothing elsewhere", () => {
  const { may } = accessOf({ ...NOBODY, channels: { sales: "seller" } });
  expect([may("read"), may("write"), may("steer")]).toEqual([true, true, false]);
  expect([may("write", "sales"), may("read", "support")]).toEqual([true, false]);
});

test("a role on a channel takes the place of the one on the account", () => {
  const { may } = accessOf({ ...NOBODY, role: "manager", channels: { sales: "auditor" } });
  expect([may("write", "sales"), may("write", "support")]).toEqual([false, true]);
});

test("whoever has no role may nothing", () => {
  expect(accessOf(NOBODY).may("read")).toBe(false);
});
