// What a receiver does with a signed webhook (Standard Webhooks 1.0), written from the specification alone.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Delivery } from "./sink.ts";

const TOLERANCE_SECONDS = 300;

/** Why the message is not to be believed; undefined for one that is. */
export function doubt(delivery: Delivery, secret: string): string | undefined {
  const header = (name: string): string => String(delivery.headers[name] ?? "");
  const [id, timestamp, signatures] = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
  if (!/^msg_[0-9a-f]{64}$/.test(id)) return `the id ${id} is no msg_ and SHA-256`;
  if (!/^\d+$/.test(timestamp)) return `the timestamp ${timestamp} is no number of seconds`;
  if (Math.abs(delivery.at / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return `the timestamp ${timestamp} is stale`;
  const [prefix, encoded] = [secret.slice(0, 6), secret.slice(6)];
  if (prefix !== "whsec_") return "the secret begins with something else than whsec_";
  const key = Buffer.from(encoded, "base64");
  if (key.length < 24 || key.length > 64) return `the secret has ${key.length} bytes`;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(delivery.body).digest();
  const candidates = signatures.split(" ").filter((one) => one.startsWith("v1,")).map((one) => Buffer.from(one.slice(3), "base64"));
  const believed = candidates.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  return believed ? undefined : `no signature in "${signatures}" fits`;
}
