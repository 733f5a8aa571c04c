import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commands } from "../../src/cli/commands.ts";
import { completionScript, shells } from "../../src/cli/completions.ts";
import { runHere } from "../support/cli.ts";

/** Whether a program is there. */
async function has(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output()).success;
  } catch {
    return false;
  }
}

async function shell(program: string, args: string[], stdin = ""): Promise<string> {
  const child = new Deno.Command(program, {
    ...{ args, stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout);
}

Deno.test("odot completions writes a script that names every command, flag and word", async () => {
  for (const name of shells) {
    const script = completionScript(name, commands);
    for (const command of commands) {
      assertStringIncludes(script, command.name);
      for (const [flag, { letter, words = [] }] of Object.entries(command.flags)) {
        assertStringIncludes(script, name === "fish" ? `-l ${flag}` : `--${flag}`);
        if (letter) assertStringIncludes(script, name === "fish" ? `-s ${letter}` : `-${letter}`);
        for (const word of words) assertStringIncludes(script, word);
      }
    }
    const { code, stdout } = await runHere(["completions", name]);
    assertEquals([code, stdout], [0, script]);
  }
  assertEquals((await runHere(["completions", "tcsh"])).code, 2);
  assertEquals((await runHere(["completions"])).code, 2);
});

/** What bash completes after some words; the last is the beginning of one. */
async function bashCompletes(...words: string[]): Promise<string[]> {
  const script = completionScript("bash", commands);
  const list = ["odot", ...words].map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _odot; ` +
    `printf '%s\\n' "\${COMPREPLY[@]}"\n`;
  const found = await shell("bash", ["--norc", "--noprofile"], `${script}\n${ask}`);
  return found.split("\n").filter((line) => line !== "");
}

Deno.test("completions for bash complete commands, flags, words and files", {
  ignore: !await has("bash"),
}, async () => {
  assertEquals(await bashCompletes("e"), ["evaluate", "explain"]);
  const train = commands.find(({ name }) => name === "train")!;
  const flags = Object.entries(train.flags).flatMap(([name, { letter }]) =>
    letter ? [`--${name}`, `-${letter}`] : [`--${name}`]
  );
  assertEquals(await bashCompletes("train", "-"), flags);
  assertEquals(await bashCompletes("train", "--optimizer", ""), ["adamw", "adam", "sgd", "muon"]);
  assertEquals(await bashCompletes("train", "--gate", "gelu"), ["gelu", "gelu-tanh"]);
  assertEquals(await bashCompletes("train", "--epochs", ""), []);
  assertEquals(await bashCompletes("completions", ""), ["bash", "zsh", "fish"]);
  assertEquals(await bashCompletes("help", "d"), ["demo", "decompose"]);
  const file = await Deno.makeTempFile({ prefix: "a model ", suffix: ".safetensors" });
  try {
    assertEquals(await bashCompletes("evaluate", file.slice(0, -3)), [file]);
    assertEquals(await bashCompletes("train", "--out", file.slice(0, -3)), [file]);
    assert((await bashCompletes("demo", "--out", file.slice(0, -3))).length === 0); // a folder
  } finally {
    await Deno.remove(file);
  }
});

for (const name of ["zsh", "fish"] as const) {
  Deno.test(`completions for ${name} are understood by it`, {
    ignore: !await has(name),
  }, async () => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, completionScript(name, commands));
    try {
      await shell(name, ["-n", file]);
    } finally {
      await Deno.remove(file);
    }
  });
}
