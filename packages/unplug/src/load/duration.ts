import * as z from "zod";

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `3s`, `5m`, `1h`, or seconds as a number; milliseconds inside. */
export const duration = (range: { min: number; max: number }, description: string) =>
  z
    .union([z.number(), z.string()], "must be a time, like 500ms, 3s or 5m")
    .transform((value, context) => {
      const match = DURATION.exec(String(value).trim());
      if (match === null) {
        context.addIssue({ code: "custom", message: "must be a time, like 500ms, 3s or 5m" });
        return z.NEVER;
      }
      const unit = match[2] === "ms" || match[2] === "m" || match[2] === "h" ? match[2] : "s";
      return Math.round(Number(match[1]) * UNIT_MS[unit]);
    })
    .refine((ms) => ms >= range.min, `must be at least ${range.min} ms`)
    .refine((ms) => ms <= range.max, `must be at most ${range.max / 1000} s`)
    .meta({ description });

/** `5%`, or a share like 0.05; 0 to 1 inside. */
export const share = (description: string) =>
  z
    .union([z.number(), z.string()], "must be a share, like 5%")
    .transform((value, context) => {
      const match = /^(\d+(?:\.\d+)?)\s*(%)?$/.exec(String(value).trim());
      const number = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
      if (number >= 0 && number <= 1) return number;
      context.addIssue({ code: "custom", message: "must be a share from 0% to 100%, like 5% or 0.05" });
      return z.NEVER;
    })
    .meta({ description });
