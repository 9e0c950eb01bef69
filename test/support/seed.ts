/**
 * What chance decides in the tests, it decides in each run alike: a change is judged by what it changes. UNPLUG_SEED=N tries other
 * inputs, and `npm run deep` takes a new one each time.
 */
export const seed = Number(process.env["UNPLUG_SEED"] ?? 1);
