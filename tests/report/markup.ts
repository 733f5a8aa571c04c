/** A strict little reader of markup: enough of XML 1.0 to notice whatever a browser would trip over. */

/** An element with its attributes, text gathered from all its descendants. */
export interface Node {
  name: string;
  attributes: Record<string, string>;
  children: Node[];
  text: string;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const voids = new Set(["meta", "link"]);

function decode(source: string): string {
  if (/[<>]/.test(source)) throw new Error(`Bare angle bracket in ${JSON.stringify(source)}`);
  return source.replace(/&([^;]*;?)/g, (whole, name: string) => {
    const character = entities[name.slice(0, -1)];
    if (!name.endsWith(";") || character === undefined) throw new Error(`Bad entity ${whole}`);
    return character;
  });
}

function readAttributes(source: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  const rest = source.replace(/\s+([\w:-]+)(?:="([^"]*)")/g, (_, key: string, value: string) => {
    if (key in attributes) throw new Error(`Attribute ${key} twice`);
    attributes[key] = decode(value);
    return "";
  });
  if (rest.trim() !== "") throw new Error(`Not an attribute: ${rest}`);
  return attributes;
}

/** Parses one element (an SVG, or an HTML document whose style sheet holds no markup); throws if malformed. */
export function parse(source: string): Node {
  // deno-lint-ignore no-control-regex -- what XML 1.0 excludes
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(source)) {
    throw new Error("A character that XML forbids");
  }
  const root: Node = { name: "", attributes: {}, children: [], text: "" };
  const open: Node[] = [root];
  const tags = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
  let position = source.startsWith("<!DOCTYPE html>") ? 15 : 0;
  while (position < source.length) {
    const top = open.at(-1)!;
    if (source[position] !== "<") {
      const end = source.indexOf("<", position);
      const piece = decode(source.slice(position, end < 0 ? undefined : end));
      for (const node of open) node.text += piece;
      position = end < 0 ? source.length : end;
      continue;
    }
    tags.lastIndex = position;
    const tag = tags.exec(source);
    if (tag === null) throw new Error(`Not a tag: ${source.slice(position, position + 60)}`);
    position = tags.lastIndex;
    const [, closing, name = "", attributes = "", alone] = tag;
    if (closing) {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
      continue;
    }
    const node: Node = { name, attributes: readAttributes(attributes), children: [], text: "" };
    top.children.push(node);
    if (!alone && !voids.has(name)) open.push(node);
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is never closed`);
  if (root.children.length !== 1) throw new Error(`${root.children.length} roots`);
  return root.children[0]!;
}

/** All descendants of a name, in document order. */
export function all(node: Node, name: string): Node[] {
  return node.children.flatMap((
    child,
  ) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

const lengths = new Set([
  "x",
  "y",
  "x1",
  "x2",
  "y1",
  "y2",
  "cx",
  "cy",
  "r",
  "width",
  "height",
  "rx",
]);

/** Parses a mark and checks what every mark promises: a name, a description, only finite numbers. */
export function parseMark(source: string): Node {
  const svg = parse(source);
  if (svg.name !== "svg" || svg.attributes.role !== "img") throw new Error("Not a figure");
  if (!svg.attributes["aria-label"]) throw new Error("No name");
  if (svg.children[0]?.name !== "title" || svg.children[1]?.name !== "desc") {
    throw new Error("No title, desc");
  }
  const check = (node: Node): void => {
    for (const [key, value] of Object.entries(node.attributes)) {
      if (/NaN|Infinity|undefined/.test(value) && key !== "aria-label") {
        throw new Error(`${key}="${value}"`);
      }
      if (lengths.has(key) && !Number.isFinite(Number(value))) throw new Error(`${key}="${value}"`);
      if ((key === "width" || key === "height" || key === "r") && Number(value) < 0) {
        throw new Error(`${key}="${value}"`);
      }
    }
    node.children.forEach(check);
  };
  check(svg);
  return svg;
}

/** Strings that break careless writers of markup. */
export const hostile: readonly string[] = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onload='alert(1)`,
  `]]>`,
  `<![CDATA[x`,
  `<!-- -->`,
  `&amp; &#60; &`,
  `</style></title></svg>`,
  "\u0000\u0007\ud800 lone",
  `javascript:alert(1)`,
  "",
];

/** What remains of a hostile string: characters that XML forbids are replaced. */
export function legible(content: string): string {
  return content.replaceAll("\u0000", "\ufffd").replaceAll("\u0007", "\ufffd").toWellFormed();
}
