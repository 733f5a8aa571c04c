/**
 * Does training survive being killed? `deno run -A bench/kills.ts 300` kills so many processes of
 * `odot train` at random moments while every step writes a checkpoint, resumes them, and compares their
 * models with that of a training that was never killed.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { killTrainings, numbersFrom } from "../tests/cli/kill_support.ts";

const kills = Number(Deno.args[0] ?? 100), seed = Number(Deno.args[1] ?? 1);
const folder = await Deno.makeTempDir();
const { killed, survived, finished, equal, problems } = await killTrainings(folder, {
  kills,
  random: numbersFrom(seed),
  progress: (count) => count % 20 === 0 && console.log(`${count} killed`),
});
await Deno.remove(folder, { recursive: true });
for (const problem of problems) console.log(problem);
console.log(`seed ${seed}: survived ${survived} of ${killed} kills`);
console.log(
  `${equal} of ${finished} trainings that were killed and resumed ended with the same bytes`,
);
if (survived !== killed || equal !== finished) Deno.exit(1);
