import { assert, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { FormatError } from "../../src/formats/mod.ts";
import { numbers } from "../support/numbers.ts";
import { gzip } from "./gzip_files.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Columns, rows and numbers of a table. */
const table = (text: string | Uint8Array, options?: data.CsvOptions): unknown[] => {
  const { columns, rows, data: values } = data.readCsv(text, options);
  return [columns, rows, [...values]];
};

Deno.test("readCsv() reads the same table however it is written", () => {
  const expected = [["x", "y"], 2, [1, -2.5, 300, 0.25]];
  const same = [
    "x,y\n1,-2.5\n300,.25\n",
    "x,y\n1,-2.5\n300,.25",
    "x,y\r\n1,-2.5\r\n300,.25\r\n",
    "x,y\r1,-2.5\r300,.25\r",
    "\ufeffx,y\n1,-2.5\n300,.25\n",
    "\n\nx,y\n\n1,-2.5\n  \n300,.25\n\n\r\n",
    " x , y \n 1 ,\t-2.5\n+3e2, 25E-2 ",
    '"x","y"\n"1","-2.5"\n"3e+2" ,"0.250"\n',
    "x,y\n1.,-0002.5\n300.000,.25",
  ];
  for (const text of same) {
    assertEquals(table(text), expected);
    assertEquals(table(bytes(text)), expected);
    for (const separator of [";", "\t", "|"]) {
      if (separator === "\t" && text.includes("\t")) continue;
      assertEquals(table(text.replaceAll(",", separator), { separator }), expected);
    }
  }
});

Deno.test("readCsv() returns the numbers that were written", () => {
  const values = numbers(1).floats(300, -1e5, 1e5);
  const lines = Array.from({ length: 100 }, (_, i) => values.slice(3 * i, 3 * i + 3).join(","));
  assertEquals(data.readCsv(lines.join("\n")).data, values);
  const extreme = [3.4028234663852886e38, -1e-45, 0, -0, 1e-60];
  assertEquals([...data.readCsv(extreme.join(",").replace(",0,0,", ",0,-0,")).data], [
    3.4028234663852886e38,
    -1.401298464324817e-45,
    0,
    -0,
    0,
  ]);
});

Deno.test("readCsv() takes the first line for names when none of its fields is a number", () => {
  assertEquals(table("1,2\n3,4"), [["1", "2"], 2, [1, 2, 3, 4]]);
  assertEquals(table("a,b\n3,4"), [["a", "b"], 1, [3, 4]]);
  assertEquals(table("1,2\n3,4", { header: "present" }), [["1", "2"], 1, [3, 4]]);
  assertEquals(table("3", { header: "absent" }), [["1"], 1, [3]]);
  assertThrows(() => table("a,2\n3,4"), FormatError, 'line 1, column 1: the field "1" holds "a"');
  assertThrows(() => table("a,b\n3,4", { header: "absent" }), FormatError, 'holds "a"');
});

Deno.test("readCsv() reads quoted names with separators, quotes and line ends", () => {
  const text = '"a ""big"" one, two","three\r\nlines\nhere"\r\n1,2\r\n';
  assertEquals(table(text), [['a "big" one, two', "three\r\nlines\nhere"], 1, [1, 2]]);
  assertThrows(
    () => table(`${text}1,x`),
    FormatError,
    'line 5, column 2: the field "three',
  );
});

const HOSTILE: readonly [text: string | Uint8Array, complaint: string][] = [
  ["", "it has no rows"],
  ["\n \n\r\n", "it has no rows"],
  ["\ufeff", "it has no rows"],
  ["a,b\n", "it has no rows"],
  ["a,b\n1,2,3\n", "line 2, column 3: the line has 3 fields, and the first has 2"],
  ["a,b\n1,2\n\n3\n", "line 4, column 2: the line has 1 fields, and the first has 2"],
  ["a;b\n1,2", "line 2, column 2: the line has 2 fields, and the first has 1; is the separator"],
  ["a,b\n1,2,\n", "the line has 3 fields"],
  ["a,b\n1,2,", "the line has 3 fields"],
  ["a,b\n1,\n", 'line 2, column 2: the field "b" is empty'],
  ["a,b\n,1\n", 'line 2, column 1: the field "a" is empty'],
  ['a,b\n1,""\n', 'line 2, column 2: the field "b" is empty'],
  ["a,b\n1,two\n", 'line 2, column 2: the field "b" holds "two", which is no finite number'],
  ["1,NaN", 'line 1, column 2: the field "2" holds "NaN"'],
  ["1,nan", 'holds "nan"'],
  ["1,inf", 'holds "inf"'],
  ["1,-Infinity", 'holds "-Infinity"'],
  ["1,0x10", 'holds "0x10"'],
  ["1,1_000", 'holds "1_000"'],
  ["1,1 000", 'holds "1 000"'],
  ["1,1e", 'holds "1e"'],
  ["1,.", 'holds "."'],
  ["1,--1", 'holds "--1"'],
  ["1,１", 'holds "１"'],
  ["1,1e39", 'holds "1e39", beyond the range of 32-bit floats'],
  ["1,1e999", 'holds "1e999", '],
  ["1,\0", 'holds "\\u0000"'],
  [`1,${"x".repeat(1e5)}`, "which is no finite number"],
  ['a,b\n1,"2', "line 2, column 2: its quote is never closed"],
  ['a,b\n"1\n\n2', "line 2, column 1: its quote is never closed"],
  ['a,b\n1,"2"3\n', 'line 2, column 2: "3" follows the closing quote'],
  ['a,b\n1,2"\n', "line 2, column 2: a quote in the middle of a field"],
  [Uint8Array.of(0x31, 0x2c, 0xff), "it is no text in UTF-8"],
  [Uint8Array.of(0xff, 0xfe, 0x31, 0), "it is no text in UTF-8"],
  [Uint8Array.of(0x1f, 0x8b, 8), "it is compressed with gzip (1f 8b); decompress() it first"],
];

Deno.test("readCsv() refuses hostile files, with line and column", () => {
  for (const [text, complaint] of HOSTILE) {
    const error = assertThrows(
      () => data.readCsv(text, { name: "points.csv" }),
      FormatError,
      complaint,
    );
    assert(error.message.startsWith("Cannot read points.csv: "), error.message);
    assert(error.message.length < 400, error.message);
    assertEquals((error as FormatError).source, "points.csv");
  }
});

Deno.test("readCsv() refuses separators that are none, and what is no text", () => {
  for (const separator of ["", ",,", '"', "\n", "\r"]) {
    assertThrows(() => data.readCsv("1,2", { separator }), RangeError, "with the separator");
  }
  assertThrows(
    () => data.readCsv(new Uint16Array(2) as unknown as Uint8Array),
    TypeError,
    "Cannot read CSV from Uint16Array",
  );
});

Deno.test("csv() takes labels from a column by name or number, inputs from the others", () => {
  const text = "a,kind,b\n1,2,3\n4,0,5\n";
  for (const label of ["kind", 1, -2]) {
    const made = data.csv(text, { label, name: "points" });
    assertEquals(
      [made.name, made.features, made.classes, [...made.inputs], [...made.labels], made.classNames],
      ["points", 2, 3, [1, 3, 4, 5], [2, 0], undefined],
    );
  }
  const last = data.csv("1,2,0\n3,4,1", { label: -1 });
  assertEquals([[...last.inputs], [...last.labels]], [[1, 2, 3, 4], [0, 1]]);
});

Deno.test("csv() makes classes of labels that are no whole numbers, the same for any order of rows", () => {
  const kinds = (written: string[], classes?: readonly string[]): unknown[] => {
    const made = data.csv(written.map((label) => `1,${label}`).join("\n"), {
      label: -1,
      ...(classes ? { classes } : {}),
    });
    return [made.classNames, [...made.labels]];
  };
  assertEquals(kinds(["dog", "cat", "dog"]), [["cat", "dog"], [1, 0, 1]]);
  assertEquals(kinds(["10", "9", "-1", "x"]), [["-1", "9", "10", "x"], [2, 1, 0, 3]]);
  assertEquals(kinds(["1", "-1"]), [["-1", "1"], [1, 0]]);
  assertEquals(kinds(["70000", "5"]), [["5", "70000"], [1, 0]]);
  assertEquals(kinds(["0.5", "0.25"]), [["0.25", "0.5"], [1, 0]]);
  assertEquals(kinds(["dog"], ["cat", "dog", "emu"]), [["cat", "dog", "emu"], [1]]);
  assertEquals(kinds(["__proto__", "constructor"]), [["__proto__", "constructor"], [0, 1]]);
  assertEquals(kinds(['"a, b"', '"a ""c"""']), [['a "c"', "a, b"], [1, 0]]);
});

Deno.test("csv() holds labels to the classes that are given", () => {
  assertEquals(data.csv("1,0\n1,2", { label: 1, classes: 5 }).classes, 5);
  const wrong: [string, number | string[], string][] = [
    ["1,0\n1,5", 5, 'line 2, column 2: the label "5" is no class from 0 to 4'],
    ["1,-1", 5, 'the label "-1" is no class'],
    ["1,x", 5, 'the label "x" is no class'],
    ["1,1.0", 5, 'the label "1.0" is no class'],
    ["1,x", ["y"], 'line 1, column 2: the label "x" is none of the classes "y"'],
    ["1,0\n1,", 5, "line 2, column 2: the label is empty"],
  ];
  for (const [text, classes, message] of wrong) {
    assertThrows(
      () => data.csv(text, { label: 1, classes, header: "absent" }),
      FormatError,
      message,
    );
  }
});

Deno.test("csv() refuses columns that the file lacks, and files without inputs", () => {
  const text = "a,b\n1,2\n";
  assertThrows(
    () => data.csv(text, { label: "c" }),
    RangeError,
    'Cannot take labels from the column "c" of CSV: it has "a", "b"',
  );
  for (const label of [2, -3, 0.5, NaN]) {
    assertThrows(() => data.csv(text, { label }), RangeError, `from column ${label} of CSV`);
  }
  assertThrows(() => data.csv("1\n2", { label: 0 }), FormatError, "it has labels, but no inputs");
});

Deno.test("csv() reads pixels with divisor and size, from compressed bytes after decompress()", async () => {
  const packed = await gzip(bytes("label,1x1,1x2\n7,0,255\n2,51,102\n"));
  const made = data.csv(await data.decompress(packed), {
    label: "label",
    classes: 10,
    divisor: 255,
    image: { width: 2, height: 1 },
  });
  assertEquals(data.row(made, 1), Float32Array.of(0.2, 0.4));
  assertEquals([made.classes, made.image], [10, { width: 2, height: 1 }]);
});

Deno.test("csv() and readCsv() say that they take the text when they are given a name", () => {
  assertThrows(() => data.csv("flowers.csv", { label: -1 }), TypeError, "readBytes");
  assertThrows(
    () => data.readCsv("folder/Flowers.CSV"),
    TypeError,
    "looks like the name of a file",
  );
});
